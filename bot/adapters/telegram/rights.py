"""Who is an admin of a group: asked from Telegram, and believed for a minute."""

import time
from collections.abc import Callable

from bot.adapters.telegram.api import Api

BELIEVED_S = 60.0
_MOST = 10_000


class Rights:
    """Remembers what Telegram said of members.

    Admins are not announced to bots as long as the bot is none itself, so they are asked for.
    """

    def __init__(self, api: Api, clock: Callable[[], float] = time.monotonic) -> None:
        self._api = api
        self._clock = clock
        self._known: dict[tuple[str, str], tuple[float, bool]] = {}

    async def is_admin(self, chat_id: str, user_id: str, *, doubt_no: bool = True) -> bool:
        """Whether this account is an admin of that group.

        `doubt_no`: a "no" of a moment ago is asked again, because somebody is about to be refused
        who may have become an admin since. A "yes" outlives the office by `BELIEVED_S` at most.

        Raises:
            TelegramError: it could not be asked.
        """
        if chat_id == user_id:
            # An anonymous admin speaks as the group itself; in private nobody is an admin.
            return chat_id.startswith("-")
        if user_id.startswith("-"):
            return False
        now, key = self._clock(), (chat_id, user_id)
        at, known = self._known.get(key, (-BELIEVED_S, False))
        if now - at < BELIEVED_S and (known or not doubt_no):
            return known
        member = await self._api.get_chat_member(int(chat_id), int(user_id))
        is_admin = member.status in (member.ADMINISTRATOR, member.OWNER)
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[key] = (now, is_admin)
        return is_admin
