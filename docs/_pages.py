"""Pages that are made from the program itself at each build, so that they cannot fall behind it.

A hook of MkDocs: `commands.md` (English and Chinese) and `configuration.md`.
"""

import argparse
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

WORDS = {
    "en": {
        "title": "Commands",
        "chat": "In chats",
        "intro": "What an admin can do with `/admin`, and who may change what with `/settings`, is"
        " told in [Administration](administration.md).",
        "command": "command",
        "does": "what it does",
        "flags": "Flags of a request",
        "flag_intro": "They may stand anywhere in the text; each has several spellings.",
        "flag": "flag",
        "example": "for example",
        "shell": "On the command line",
        "shell_intro": "`chatelier COMMAND --help` tells the rest.",
    },
    "zh": {
        "title": "命令",
        "chat": "在聊天中",
        "intro": "管理员用 `/admin` 能做什么、谁可以用 `/settings` 改什么，见"
        "[管理](administration.md)。",
        "command": "命令",
        "does": "作用",
        "flags": "请求中的参数",
        "flag_intro": "可以写在文字的任何位置；每个参数有几种写法。",
        "flag": "参数",
        "example": "例如",
        "shell": "在命令行",
        "shell_intro": "`chatelier 命令 --help` 显示其余的选项。",
    },
}


def on_pre_build(**_: Any) -> None:
    """Write the pages where MkDocs looks for them; git leaves them alone."""
    for name, content in pages().items():
        page = Path(__file__).with_name(name)
        if not page.exists() or page.read_text("utf-8") != content:
            page.write_text(content, "utf-8")


def pages() -> dict[str, str]:
    """All that are made, by file name."""
    return {
        "configuration.md": configuration((ROOT / "config.toml").read_text("utf-8")),
        "commands.md": commands("en"),
        "commands.zh.md": commands("zh"),
    }


def configuration(text: str) -> str:
    """Every key of `config.toml` with its default, its variable, and what stands above it."""
    lines = [
        "# Configuration",
        "",
        "`config.toml` lies where the bot is started, or is named with `-C`. Every key has a"
        " default; a wrong key or value stops the start with one line that says what is wrong.",
        "",
        "Tokens and passwords are not in it: they come from the environment"
        " (`CHATELIER_TELEGRAM_TOKEN`, `CHATELIER_DISCORD_TOKEN`, `CHATELIER_STUDIO_PASSWORD`,"
        " `CHATELIER_HUB_TOKEN`) or from files (the same names with `_FILE`, or `token_file`).",
    ]
    defaults = tomllib.loads(text)
    section, about = "", []
    for line in text.splitlines():
        if found := re.fullmatch(r"\[(\w+)\]", line):
            section, about = found[1], []
            lines += ["", f"## [{section}]", "", "| key | default | |", "|---|---|---|"]
        elif line.startswith("#"):
            about.append(line.lstrip("# "))
        elif (key := line.partition(" = ")[0]) and section and key in defaults[section]:
            value = line.partition(" = ")[2].replace("|", "\\|")
            told = " ".join(about).replace("|", "\\|")
            lines.append(f"| `{key}` | `{value}` | {told} |")
            about = []
        elif not line:
            about = []
    lines += ["", "Any key can be set by environment: `[render] device` is"
              " `CHATELIER_RENDER__DEVICE`, with two underscores between.", ""]  # fmt: skip
    return "\n".join(lines)


def commands(language: str) -> str:
    """Commands of chats, flags of requests, commands of the shell."""
    from bot.command.flags import FLAGS
    from bot.conversation import ADMIN_COMMANDS, COMMANDS
    from bot.phrase import phrase
    from bot.replies import say

    words = WORDS[language]
    lines = [f"# {words['title']}", "", f"## {words['chat']}", "", words["intro"], ""]
    lines += [f"| {words['command']} | {words['does']} |", "|---|---|"]
    for command in (*COMMANDS, *ADMIN_COMMANDS):
        lines.append(f"| `/{command.name}` | {say(phrase(command.description), language)} |")
    lines += ["", f"## {words['flags']}", "", words["flag_intro"], ""]
    lines += [f"| {words['flag']} | {words['example']} |", "|---|---|"]
    for flag in FLAGS:
        names = ", ".join(f"`--{name}`" if len(name) > 1 else f"`-{name}`" for name in flag.names)
        example = f"`--{flag.names[0]} {flag.example}`" if flag.example else f"`--{flag.names[0]}`"
        lines.append(f"| {names} | {example} |".replace("||", "|"))
    lines += ["", f"## {words['shell']}", "", words["shell_intro"], ""]
    lines += [f"| {words['command']} | {words['does']} |", "|---|---|"]
    lines += [f"| `chatelier {name}` | {about} |" for name, about in shell_commands()]
    return "\n".join([*lines, ""])


def shell_commands() -> list[tuple[str, str]]:
    """Name and help of each command, those of a group by themselves."""
    from bot.cli import _parser

    return list(_subcommands(_parser(), ""))


def _subcommands(parser: argparse.ArgumentParser, prefix: str) -> Any:
    for action in parser._actions:
        if not isinstance(action, argparse._SubParsersAction):
            continue
        for shown in action._choices_actions:
            inner = action.choices[shown.dest]
            below = list(_subcommands(inner, f"{prefix}{shown.dest} "))
            yield from below or [(prefix + shown.dest, shown.help or "")]
