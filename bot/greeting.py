"""The friendly block that `chatelier run` prints when it starts."""

from collections.abc import Mapping

from bot.config import Config
from bot.domain import Platform
from bot.ports import ChatAdapter


def greeting(
    adapters: Mapping[Platform, ChatAdapter], config: Config, claim_code: str | None
) -> str:
    """What runs, where to go now, and what to do next."""
    lines = [""]
    if Platform.STUDIO in adapters:
        lines += [
            f"  Chatelier is drawing at  http://{config.studio.host}:{config.studio.port}",
            "  Open it and type:  /draw a red apple",
        ]
    chats = [p.value.capitalize() for p in (Platform.TELEGRAM, Platform.DISCORD) if p in adapters]
    if chats:
        lines.append(f"  Chatelier is listening on {' and '.join(chats)}.")
        if claim_code:
            lines += [
                "  It has no operator yet. Write to it in a private chat:",
                f"      /claim {claim_code}",
            ]
    else:
        lines += [
            "",
            "  To bring it into a chat, set one or both of these and start again:",
            "      CHATELIER_TELEGRAM_TOKEN   from @BotFather on Telegram",
            "      CHATELIER_DISCORD_TOKEN    from discord.com/developers/applications",
        ]
    return "\n".join([*lines, "", "  Stop with Ctrl-C.", ""])
