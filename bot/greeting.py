"""The friendly block that `chatelier run` prints when it starts."""

import os
from collections.abc import Mapping
from pathlib import Path

from bot.domain import Platform


def own_command() -> str:
    """How this program is called from here."""
    folder = Path(".venv", "Scripts" if os.name == "nt" else "bin")
    return str(folder / "chatelier") if folder.is_dir() else "chatelier"


def greeting(platforms: Mapping[Platform, bool], page: str, claim_code: str | None) -> str:
    """What runs, where to go now, and what to do next. `platforms`: where members chat, and whether
    each is reached; `page`: the studio's address, or ""."""
    lines = [""]
    if page:
        lines += [
            f"  Chatelier is drawing at  {page}",
            "  Open it and type:  /draw a red apple",
        ]
    if reached := [p.value.capitalize() for p, there in platforms.items() if there]:
        lines.append(f"  Chatelier speaks on {' and '.join(reached)}.")
    if away := [p.value.capitalize() for p, there in platforms.items() if not there]:
        lines += [
            f"  {' and '.join(away)} cannot be reached yet; it goes on trying. Why, tells",
            f"      {own_command()} check",
        ]
    if platforms:
        if claim_code:
            lines += [
                "  It has no operator yet. Write to it in a private chat:",
                f"      /claim {claim_code}",
            ]
    else:
        lines += [
            "",
            "  To bring it into a chat, stop it and answer a few questions:",
            f"      {own_command()} init",
            "  or set CHATELIER_TELEGRAM_TOKEN or CHATELIER_DISCORD_TOKEN, and start again.",
        ]
    return "\n".join([*lines, "", "  Stop with Ctrl-C.", ""])
