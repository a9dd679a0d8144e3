"""What Telegram says of the bot's account: token, privacy mode, rights, who else receives."""

from collections.abc import AsyncIterator, Sequence
from typing import Any
from urllib.parse import urlencode

from bot.check.finding import Finding, bad, good, info, warning
from bot.check.web import Ailing, Api, Unreachable, opened
from bot.config import TelegramConfig
from bot.settings import Chat

_LISTEN_S = 4
"""Another receiver that we have pushed aside comes back, and pushes us aside, within this time."""
_MOST_CHATS = 20


class TokenRefused(Exception):
    """`str()` says what to do."""


async def account(api: Api, token: str) -> dict[str, Any]:
    """Telegram's `User` object of the bot.

    Raises:
        TokenRefused, Unreachable, Ailing
    """
    answer = await _call(api, token, "getMe")
    if not isinstance(answer.get("result"), dict):
        raise TokenRefused("the token is refused; ask @BotFather for it again (/token)")
    found: dict[str, Any] = answer["result"]
    return found


async def telegram_findings(
    api: Api, token: str, config: TelegramConfig, chats: Sequence[Chat], *, running: bool
) -> AsyncIterator[Finding]:
    """`chats`: those of Telegram that the bot knows. `running`: this very bot receives now."""
    try:
        me = await account(api, token)
        yield good("telegram", f"@{me.get('username')}; {_privacy(me)}")
        yield await _receiver(api, token, config, running=running)
        for chat in chats[:_MOST_CHATS]:
            if finding := await _rights(api, token, me, chat):
                yield finding
    except (TokenRefused, Unreachable, Ailing) as error:
        yield bad("telegram", str(error))


def _privacy(me: dict[str, Any]) -> str:
    if me.get("can_read_all_group_messages"):
        return "privacy mode is off: 画 … and @mentions work in groups"
    return (
        "privacy mode is on: in groups it hears commands and replies, not 画 … or mentions"
        " (@BotFather, /setprivacy, or make it an administrator there)"
    )


async def _receiver(api: Api, token: str, config: TelegramConfig, *, running: bool) -> Finding:
    """Whether somebody else takes this bot's messages."""
    hook = (await _call(api, token, "getWebhookInfo")).get("result") or {}
    if url := hook.get("url"):
        if url == config.webhook_url:
            said = hook.get("last_error_message")
            waiting = f"{hook.get('pending_update_count', 0)} waiting"
            if said:
                return bad("receiving", f"Telegram cannot deliver to {url}: {said}; {waiting}")
            return good("receiving", f"by webhook at {url}, {waiting}")
        return warning(
            "receiving", f"a webhook is set ({url}); the next start of this bot replaces it"
        )
    if running:
        return good("receiving", "this bot is running, and receives")
    words = {"timeout": _LISTEN_S, "limit": 1}
    answer = await _call(api, token, "getUpdates", words)
    if answer.get("error_code") == 409:
        return bad(
            "receiving",
            "another program receives this bot's messages; stop it, or take its token away"
            " with /revoke at @BotFather",
        )
    return good("receiving", "no other program receives this bot's messages")


async def _rights(api: Api, token: str, me: dict[str, Any], chat: Chat) -> Finding | None:
    """What the bot lacks in a group; None where all is well, or nothing can be said."""
    words = {"chat_id": chat.chat_id, "user_id": me.get("id")}
    answer = await _call(api, token, "getChatMember", words)
    member = answer.get("result") or {}
    name = chat.title or chat.chat_id
    if answer.get("error_code") in (400, 403) or member.get("status") in ("left", "kicked"):
        return warning("telegram", f"{name}: the bot is no longer in this chat")
    if member.get("status") == "administrator":
        if member.get("can_post_messages") is not False:  # only channels have this right
            return None
        return bad("telegram", f"{name}: the bot may not post; an admin of the channel can let it")
    allowed = member
    if member.get("status") != "restricted":
        full = (await _call(api, token, "getChat", {"chat_id": chat.chat_id})).get("result") or {}
        allowed = full.get("permissions") or {}
    lacking = [
        what
        for right, what in (("can_send_messages", "write"), ("can_send_photos", "send photos"))
        if allowed.get(right) is False
    ]
    if not lacking:
        return None
    return bad("telegram", f"{name}: the bot may not {' or '.join(lacking)}; an admin can let it")


async def _call(
    api: Api, token: str, method: str, words: dict[str, Any] | None = None
) -> dict[str, Any]:
    query = f"?{urlencode(words)}" if words else ""
    reply = await api.get(f"/bot{token}/{method}{query}")
    if not isinstance(reply.body, dict):
        raise Ailing("what answers is not the Bot API; look at [telegram] api_base")
    return reply.body


async def check_telegram(
    config: TelegramConfig, token: str, chats: Sequence[Chat], *, running: bool
) -> tuple[list[Finding], float | None]:
    """The findings, and Telegram's clock where it told it."""
    if not token:
        return [info("telegram", "no token (CHATELIER_TELEGRAM_TOKEN, or `chatelier init`)")], None
    async with opened(config.api_base, config.proxy, token) as api:
        found = [f async for f in telegram_findings(api, token, config, chats, running=running)]
        return found, api.date
