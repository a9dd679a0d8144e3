"""The friendly block that `chatelier run` prints when it starts."""

from collections.abc import Collection

from bot.domain import Platform


def greeting(platforms: Collection[Platform], page: str, claim_code: str | None) -> str:
    """What runs, where to go now, and what to do next. `page`: the studio's address, or ""."""
    lines = [""]
    if page:
        lines += [
            f"  Chatelier is drawing at  {page}",
            "  Open it and type:  /draw a red apple",
        ]
    chats = [p.value.capitalize() for p in (Platform.TELEGRAM, Platform.DISCORD) if p in platforms]
    if chats:
        lines.append(f"  Chatelier speaks on {' and '.join(chats)}.")
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
