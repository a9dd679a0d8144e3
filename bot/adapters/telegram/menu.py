"""The command menus that Telegram shows: who sees which commands, in which language."""

import logging

from telegram import (
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeDefault,
)
from telegram.error import TelegramError

from bot.adapters.telegram.api import Api
from bot.conversation import ADMIN_COMMANDS, COMMANDS, CommandInfo
from bot.phrase import Phrase
from bot.replies import FALLBACK, LANGUAGES, say

log = logging.getLogger(__name__)

ALL = (*COMMANDS, CommandInfo(name="language", description="command-language"))
MENUS: tuple[tuple[BotCommandScope, tuple[CommandInfo, ...]], ...] = (
    (BotCommandScopeDefault(), ALL),
    (BotCommandScopeAllPrivateChats(), ALL),
    (BotCommandScopeAllGroupChats(), ALL),
    (BotCommandScopeAllChatAdministrators(), (*ALL, *ADMIN_COMMANDS)),
)
CODES: dict[str | None, str] = {
    None: FALLBACK,
    **{code: code for code in LANGUAGES if len(code) == 2},
}
"""Telegram's language code (None: everybody else) to the catalogue it gets."""


async def fill_menus(api: Api) -> None:
    """Set the menus that differ from ours; a bot without menus still works, so failures are only
    told."""
    try:
        changed = 0
        for scope, commands in MENUS:
            for code, language in CODES.items():
                wanted = [
                    BotCommand(c.name, say(Phrase(c.description), language)) for c in commands
                ]
                if list(await api.get_my_commands(scope, code)) != wanted:
                    await api.set_my_commands(wanted, scope=scope, language_code=code)
                    changed += 1
        if changed:
            log.info("telegram: %d command menus set", changed)
    except TelegramError as error:
        log.warning("telegram: command menus not set: %s: %s", type(error).__name__, error)
