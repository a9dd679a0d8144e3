"""Takes from a machine-readable Bot API what the stand-in checks, and writes telegram_api.json.

    python tests/standins/telegram_extract.py .butcher/schema/schema.json

The source distribution of PyPI `aiogram` carries that file (the wheel does not). Kept are facts
only: names, types, what is required, and limits of length. In the result a field is
`[type, required]` or `[type, required, least, most, unit]`; `A|B` is a choice, `[A]` a list.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

METHODS = (
    "getMe",
    "getUpdates",
    "deleteWebhook",
    "setWebhook",
    "getWebhookInfo",
    "getChat",
    "sendMessage",
    "sendPhoto",
    "sendDocument",
    "sendMediaGroup",
    "editMessageText",
    "editMessageCaption",
    "editMessageMedia",
    "deleteMessage",
    "deleteMessages",
    "answerCallbackQuery",
    "setMyCommands",
    "getMyCommands",
    "getFile",
    "getChatMember",
    "leaveChat",
    "setMessageReaction",
    "sendChatAction",
)
TYPES = (
    "Update",
    "Message",
    "User",
    "Chat",
    "PhotoSize",
    "Document",
    "Sticker",
    "Animation",
    "File",
    "CallbackQuery",
    "InaccessibleMessage",
    "ChatMemberUpdated",
    "ChatMemberOwner",
    "ChatMemberAdministrator",
    "ChatMemberMember",
    "ChatMemberRestricted",
    "ChatMemberLeft",
    "ChatMemberBanned",
    "ExternalReplyInfo",
    "MessageOriginUser",
    "ForumTopicCreated",
    "MessageEntity",
    "LinkPreviewOptions",
    "ReplyParameters",
    "ForceReply",
    "InlineKeyboardMarkup",
    "InlineKeyboardButton",
    "InputMediaPhoto",
    "InputMediaDocument",
    "BotCommand",
    "BotCommandScopeDefault",
    "BotCommandScopeAllPrivateChats",
    "BotCommandScopeAllGroupChats",
    "BotCommandScopeAllChatAdministrators",
    "ReactionTypeEmoji",
)
UNIONS = {
    "MaybeInaccessibleMessage": "Message|InaccessibleMessage",
    "MessageOrigin": "MessageOriginUser",
    "InputMedia": "InputMediaPhoto|InputMediaDocument",
    "ReactionType": "ReactionTypeEmoji",
}
LIMIT = re.compile(r"(\d+)-(\d+) (characters|bytes|items)|Values between (\d+)-(\d+)")


def short_type(written: str, known: tuple[str, ...]) -> str:
    if written.startswith("Array of "):
        return f"[{short_type(written.removeprefix('Array of '), known)}]"
    parts = re.split(r", | or | and ", written)
    unions = {**UNIONS}
    for family in ("ChatMember", "BotCommandScope"):
        unions[family] = "|".join(
            t for t in TYPES if re.fullmatch(family + "[A-Z].*", t) and not t.endswith("Updated")
        )
    kept = [unions.get(part, part) for part in parts if part in unions or part in known]
    return "|".join(kept) or "?"  # a type that the stand-in does not know: not to be used


def field(annotation: dict[str, Any], required: bool) -> list[Any]:
    known = (*TYPES, "Integer", "String", "Boolean", "True", "Float", "InputFile")
    made: list[Any] = [short_type(annotation["type"], known), required]
    if found := LIMIT.search(annotation["description"]):
        least, most, unit, low, high = found.groups()
        made += [int(least or low), int(most or high), unit or "value"]
    elif constant := re.search(r"must be (\w+)$", annotation["description"].rstrip(". ")):
        made += [constant[1]]
    return made


def main(source: Path, target: Path) -> None:
    schema = json.loads(source.read_text("utf-8"))
    entities = {e["name"]: e for section in schema["items"] for e in section["children"]}
    lines = []
    for kind, names in (("methods", METHODS), ("types", TYPES)):
        rows = []
        for name in names:
            fields = {a["name"]: field(a, a["required"]) for a in entities[name]["annotations"]}
            rows.append(f"  {json.dumps(name)}: {json.dumps(fields)}")
        lines.append(f' "{kind}": {{\n' + ",\n".join(rows) + "\n }")
    version = json.dumps(schema["api"]["version"])
    target.write_text(f'{{\n "version": {version},\n' + ",\n".join(lines) + "\n}\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(__file__).with_name("telegram_api.json"))
