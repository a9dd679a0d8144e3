"""Pages that are made from the program itself at each build, so that they cannot fall behind it.

A hook of MkDocs: `commands.md` and `configuration.md`, in English and Chinese. What a key means is
told in English by the comments of `config.toml`, in Chinese by `_configuration.zh.toml`.
"""

import argparse
import itertools
import re
import sys
import tomllib
from collections.abc import Iterator
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
        "settings": "Configuration",
        "settings_intro": "`config.toml` lies where the bot is started, or is named with `-C`."
        " Every key has a default; a wrong key or value stops the start with one line that says"
        " what is wrong. Relative folders start where the file lies, `~` is your home folder, and"
        " `$NAME` a variable of the environment; a Windows path stands between single quotes.",
        "secrets": "Tokens and passwords are not in it: they come from the environment"
        " (`CHATELIER_TELEGRAM_TOKEN`, `CHATELIER_DISCORD_TOKEN`, `CHATELIER_STUDIO_PASSWORD`,"
        " `CHATELIER_HUB_TOKEN`), the first three also from files (the same names with `_FILE`, or"
        " `token_file`).",
        "key": "| key | default | |",
        "environment": "Any key can be set by environment: `[render] device` is"
        " `CHATELIER_RENDER__DEVICE`, with two underscores between.",
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
        "settings": "配置",
        "settings_intro": "`config.toml` 放在启动机器人的文件夹里，或用 `-C` 指定。"
        "每个键都有默认值；写错的键或值会让启动停下，并用一行说明哪里不对。相对路径从这个文件所在的"
        "文件夹算起，`~` 是用户主目录，`$NAME` 是环境变量；Windows 路径请用单引号。",
        "secrets": "令牌和密码不在里面：它们来自环境变量（`CHATELIER_TELEGRAM_TOKEN`、"
        "`CHATELIER_DISCORD_TOKEN`、`CHATELIER_STUDIO_PASSWORD`、`CHATELIER_HUB_TOKEN`），"
        "前三个也可以来自文件（同名加 `_FILE`，或 `token_file`）。",
        "key": "| 键 | 默认值 | |",
        "environment": "任何键都可以用环境变量设置：`[render] device` 就是"
        " `CHATELIER_RENDER__DEVICE`，中间有两个下划线。",
    },
}
BESIDES = {"language": "command-language", "claim": "discord-about-claim"}
"""Commands that not every menu has, with the phrase that tells what they do."""
SHELL_ZH = {
    "run": "为 Telegram、Discord 和本地页面服务（默认命令）",
    "draw": "画一张图，存成文件",
    "check": "这套安装哪里对、哪里不对",
    "init": "回答几个问题完成设置，写出 config.toml",
    "models add": "放好一个主模型、LoRA、VAE 或 embedding",
    "models convert": "把 pickle（.ckpt、.pt）转成 .safetensors",
    "top": "每秒显示一次运行中的机器人的状况",
    "filter": "试一试提示词过滤：每行一个结论",
    "export": "把一位成员或所有人的数据存成 zip 文件",
    "backup": "把机器人记得的一切存成 zip 文件；它可以继续运行",
    "restore": "在没有机器人运行时恢复备份",
    "admin": "与聊天里的 `/admin` 相同：额度、封禁……",
}


def on_pre_build(**_: Any) -> None:
    """Write the pages where MkDocs looks for them; git leaves them alone."""
    for name, content in pages().items():
        page = Path(__file__).with_name(name)
        if not page.exists() or page.read_text("utf-8") != content:
            page.write_text(content, "utf-8")


def pages() -> dict[str, str]:
    """All that are made, by file name."""
    text = (ROOT / "config.toml").read_text("utf-8")
    chinese = tomllib.loads(Path(__file__).with_name("_configuration.zh.toml").read_text("utf-8"))
    return {
        "configuration.md": configuration("en", text, {}),
        "configuration.zh.md": configuration("zh", text, chinese),
        "commands.md": commands("en"),
        "commands.zh.md": commands("zh"),
    }


def configuration(language: str, text: str, told: dict[str, dict[str, str]]) -> str:
    """Every key of `config.toml`, `text`, with its default and what `told` says of it, or else what
    stands above it."""
    words = WORDS[language]
    lines = [f"# {words['settings']}", "", words["settings_intro"], "", words["secrets"]]
    defaults = tomllib.loads(text)
    section, about = "", []
    for line in text.splitlines():
        if found := re.fullmatch(r"\[(\w+)\]", line):
            section, about = found[1], []
            lines += ["", f"## [{section}]", "", words["key"], "|---|---|---|"]
        elif line.startswith("#"):
            about.append(line.lstrip("# "))
        elif (key := line.partition(" = ")[0]) and section and key in defaults[section]:
            value = line.partition(" = ")[2]
            meaning = told[section][key] if told else " ".join(about)
            lines.append(f"| `{key}` | `{_cell(value)}` | {_cell(meaning)} |")
            about = []
        elif not line:
            about = []
    return "\n".join([*lines, "", words["environment"], ""])


def _cell(text: str) -> str:
    """A `|` would end the cell."""
    return text.replace("|", "\\|")


def commands(language: str) -> str:
    """Commands of chats, flags of requests, commands of the shell."""
    from bot.conversation import ADMIN_COMMANDS, COMMANDS
    from bot.phrase import phrase
    from bot.replies import say

    words = WORDS[language]
    lines = [f"# {words['title']}", "", f"## {words['chat']}", "", words["intro"], ""]
    lines += [f"| {words['command']} | {words['does']} |", "|---|---|"]
    shown = {c.name: c.description for c in (*COMMANDS, *ADMIN_COMMANDS)}
    for name, about in (shown | BESIDES).items():
        lines.append(f"| `/{name}` | {say(phrase(about), language)} |")
    lines += ["", f"## {words['flags']}", "", words["flag_intro"], ""]
    lines += [f"| {words['flag']} | {words['example']} |", "|---|---|"]
    for names, example in flag_rows():
        lines.append(f"| {', '.join(f'`{_cell(name)}`' for name in names)} | `{_cell(example)}` |")
    lines += ["", f"## {words['shell']}", "", words["shell_intro"], ""]
    lines += [f"| {words['command']} | {words['does']} |", "|---|---|"]
    for name, about in shell_commands():
        lines.append(f"| `chatelier {name}` | {SHELL_ZH[name] if language == 'zh' else about} |")
    return "\n".join([*lines, ""])


def flag_rows() -> Iterator[tuple[list[str], str]]:
    """How each flag is written, and an example; switches that do the same share a row."""
    from bot.command.flags import FLAGS, Flag, Reads

    def effect(flag: Flag) -> object:
        return repr(flag.change("")) if flag.reads is Reads.NOTHING else flag.names

    for _, same in itertools.groupby(FLAGS, effect):
        flags = list(same)
        names = [_written(name) for flag in flags for name in flag.names]
        yield names, flags[0].example or names[0]


def _written(name: str) -> str:
    """A Latin letter goes with one dash."""
    return f"-{name}" if len(name) == 1 and name.isascii() else f"--{name}"


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
