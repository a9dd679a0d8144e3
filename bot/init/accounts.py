"""The bot's accounts: what their owner has to do for them, and whether the tokens are right."""

from dataclasses import dataclass

from bot.check.discord import application, invite_link
from bot.check.telegram import TokenRefused, account
from bot.check.web import Ailing, Unreachable, opened
from bot.config import DiscordConfig, TelegramConfig

BOTFATHER = """\
Telegram. Talk to https://t.me/BotFather in Telegram:
    /newbot          it asks for a name, and answers with the token
    /setjoingroups   leave it enabled, so that the bot can be brought into groups
    /setprivacy      leave it enabled: commands and replies arrive anyway"""
PORTAL = """\
Discord. Open https://discord.com/developers/applications in a browser:
    New Application  give it a name
    Bot              Reset Token shows the token; no privileged intent is needed"""

NoToken = (TokenRefused, Unreachable, Ailing)
"""What `ask_telegram` and `ask_discord` raise; `str()` says what to do."""


@dataclass(frozen=True, slots=True)
class Known:
    """An account whose token is right. `next`: what its owner does now."""

    name: str
    next: str


async def ask_telegram(config: TelegramConfig, token: str) -> Known:
    """Whose token it is.

    Raises:
        TokenRefused, Unreachable, Ailing
    """
    async with opened(config.api_base, config.proxy, token) as api:
        me = await account(api, token)
    name = f"@{me.get('username')}"
    joins = (
        ""
        if me.get("can_join_groups", True)
        else ("It cannot be brought into groups: tell @BotFather /setjoingroups, Enable.\n")
    )
    if me.get("can_read_all_group_messages"):
        privacy = "Its privacy mode is off: it hears all that is said in its groups."
    else:
        privacy = (
            "Its privacy mode is on: in groups it hears commands and replies. For `画 …` and"
            " mentions,\ntell @BotFather /setprivacy, Disable; or make it an administrator there."
        )
    return Known(name, f"{joins}{privacy}\nBring {name} into your groups.")


async def ask_discord(config: DiscordConfig, token: str) -> Known:
    """Whose token it is.

    Raises:
        TokenRefused, Unreachable, Ailing
    """
    async with opened(config.api_base, config.proxy, token) as api:
        mine = await application(api, token)
    link = invite_link(str(mine.get("id")))
    return Known(str(mine.get("name")), f"Bring it into your server with this link:\n    {link}")
