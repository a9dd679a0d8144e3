"""Checks every body against Discord's own schemas, and answers errors as Discord does."""

import json
import re
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

_SCHEMAS = json.loads(Path(__file__).with_name("discord_schemas.json").read_text("utf-8"))
_NAME = re.compile(r"[-_'\w]{1,32}")
BODY_MAX = 25 * 2**20
FILE_MAX = 10 * 2**20
EPHEMERAL, LOADING, SUPPRESS_EMBEDS, SUPPRESS_NOTIFICATIONS = 64, 128, 4, 4096

MESSAGES = {
    0: "Error",
    10003: "Unknown Channel",
    10004: "Unknown Guild",
    10007: "Unknown Member",
    10008: "Unknown Message",
    10015: "Unknown Webhook",
    10062: "Unknown interaction",
    40005: "Request entity too large",
    40094: "This interaction has reached the maximum number of follow up messages",
    40060: "Interaction has already been acknowledged.",
    50001: "Missing Access",
    50006: "Cannot send an empty message",
    50007: "Cannot send messages to this user",
    50013: "Missing Permissions",
    50027: "Invalid Webhook Token",
    50035: "Invalid Form Body",
    160002: "Cannot reply without permission to read message history",
}


class Refused(Exception):
    """An answer other than success."""

    def __init__(self, status: int, code: int = 0, detail: str = "", field: str = "") -> None:
        super().__init__(status, code, detail)
        self.status = status
        self.body: dict[str, Any] = {"message": MESSAGES[code], "code": code}
        if code == 50035:
            errors = {"_errors": [{"code": "INVALID", "message": detail}]}
            self.body["errors"] = {field: errors} if field else errors


def check(schema: str, body: Any) -> None:
    """Refuse `body` as Discord does when it does not fit `schema`."""
    validator = Draft202012Validator({**_SCHEMAS, "$ref": f"#/$defs/{schema}"})
    errors = sorted(validator.iter_errors(body), key=lambda e: list(e.path))
    if errors:
        first = errors[0]
        raise Refused(400, 50035, f"{schema} {'.'.join(map(str, first.path))}: {first.message}")


def check_message(body: dict[str, Any], files: dict[str, bytes], *, limit: int) -> None:
    """What the schemas do not say of a new message."""
    if sum(map(len, files.values())) > BODY_MAX or any(len(f) > limit for f in files.values()):
        raise Refused(413, 40005)
    if not (body.get("content") or files or body.get("components")):
        raise Refused(400, 50006)
    named = {str(a["id"]) for a in body.get("attachments") or [] if "filename" in a}
    if files and named != {str(i) for i in range(len(files))}:
        raise Refused(400, 50035, "attachments do not match the files")
    mentions = body.get("allowed_mentions") or {}
    if "users" in (mentions.get("parse") or []) and mentions.get("users"):
        raise Refused(400, 50035, "allowed_mentions: parse and users exclude each other")
    if body.get("enforce_nonce") and not body.get("nonce"):
        raise Refused(400, 50035, "enforce_nonce without a nonce")
    ids = [c.get("custom_id") for row in body.get("components") or [] for c in row["components"]]
    if len(ids) != len(set(ids)):
        raise Refused(400, 50035, "components: duplicated custom_id")


def check_commands(commands: list[dict[str, Any]]) -> None:
    """Limits over several fields, from the documentation of application commands."""
    for command in commands:
        check("ApplicationCommandUpdateRequest", command)
        kind = command.get("type", 1)
        if kind == 1:
            _check_names(command)
        if (kind == 1) != bool(command.get("description")):
            raise Refused(400, 50035, "description")
        _check_options(command)
        if _texts(command) > 8000:
            raise Refused(400, 50035, "texts of a command over 8000")
    if sum(c.get("type", 1) == 3 for c in commands) > 15:
        raise Refused(400, 50035, "too many message menus")


def _check_names(item: dict[str, Any]) -> None:
    for name in (item["name"], *(item.get("name_localizations") or {}).values()):
        if not _NAME.fullmatch(name) or name != name.lower():
            raise Refused(400, 50035, f"name of a slash command or option: {name}")


def _check_options(item: dict[str, Any]) -> None:
    options = item.get("options") or []
    kinds = {o["type"] for o in options}
    if kinds & {1, 2} and kinds - {1, 2}:
        raise Refused(400, 50035, "sub-commands and options exclude each other")
    required = [bool(o.get("required")) for o in options]
    if required != sorted(required, reverse=True):
        raise Refused(400, 50035, "required options come first")
    for names in ([o["name"] for o in options], *_localised(options)):
        if len(set(names)) != len(names):
            raise Refused(400, 50035, f"a name stands twice: {names}")
    for option in options:
        _check_names(option)
        _check_options(option)


def _localised(options: list[dict[str, Any]]) -> list[list[str]]:
    locales = {loc for o in options for loc in o.get("name_localizations") or {}}
    return [
        [(o.get("name_localizations") or {}).get(loc, o["name"]) for o in options]
        for loc in locales
    ]


def _texts(item: dict[str, Any]) -> int:
    """Of each text only its longest translation counts."""
    own = len(str(item.get("value") or ""))
    for key in ("name", "description"):
        told = (item.get(f"{key}_localizations") or {}).values()
        own += max(len(text) for text in (item.get(key) or "", *told))
    inner = [*(item.get("options") or []), *(item.get("choices") or [])]
    return own + sum(map(_texts, inner))
