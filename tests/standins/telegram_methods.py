"""The Bot API methods of the stand-in: what they do to chats, and when they refuse."""

import time
from typing import Any

from tests.standins.telegram_world import Chat, Files, Json, photo_problem

DOWNLOAD_BYTES = 20 * 1024 * 1024
DOCUMENT_BYTES = 50 * 1024 * 1024


class Refused(Exception):
    """An answer with `ok: false`."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


def bad(description: str) -> Refused:
    return Refused(400, f"Bad Request: {description}")


class Methods:
    """`send_message` does what the Bot API calls sendMessage, and so on; `p` are the parameters."""

    def __init__(self) -> None:
        self.bot: Json = {
            "id": 123456,
            "is_bot": True,
            "first_name": "Chatelier",
            "username": "ChatelierBot",
        }
        self.hears_all = False
        """Privacy mode is off."""
        self.chats: dict[int, Chat] = {}
        self.webhook: Json | None = None
        """What setWebhook was called with last."""
        self.files = Files()
        self.menus: dict[tuple[str, str], dict[str, str]] = {}
        """By scope and language code: command name to description."""
        self.alerts: dict[str, str] = {}
        """By callback query: what was shown to the one who pressed."""
        self.open_queries: set[str] = set()

    def get_me(self, _: Json) -> Json:
        return self.bot | {"can_join_groups": True, "can_read_all_group_messages": self.hears_all}

    def delete_webhook(self, _: Json) -> bool:
        self.webhook = None
        return True

    def set_webhook(self, p: Json) -> bool:
        self.webhook = p
        return True

    def get_webhook_info(self, _: Json) -> Json:
        url = self.webhook["url"] if self.webhook else ""
        return {"url": url, "has_custom_certificate": False, "pending_update_count": 0}

    def get_chat(self, p: Json) -> Json:
        chat = self._chat(p)
        return chat.json() | {"permissions": chat.permissions}

    def set_my_commands(self, p: Json) -> bool:
        scope = p.get("scope", {"type": "default"})["type"]
        menu = {c["command"]: c["description"] for c in p["commands"]}
        self.menus[scope, p.get("language_code", "")] = menu
        return True

    def get_my_commands(self, p: Json) -> list[Json]:
        scope = p.get("scope", {"type": "default"})["type"]
        menu = self.menus.get((scope, p.get("language_code", "")), {})
        return [{"command": name, "description": about} for name, about in menu.items()]

    def send_message(self, p: Json) -> Json:
        if not p["text"].strip():
            raise bad("message text is empty")
        return self._new(p, {"text": p["text"].strip()} | _markup(p))

    def send_photo(self, p: Json) -> Json:
        return self._new(p, self._photo(p["photo"], p) | _markup(p))

    def send_document(self, p: Json) -> Json:
        return self._new(p, self._document(p["document"], p) | _markup(p))

    def send_media_group(self, p: Json) -> list[Json]:
        kinds = {item["type"] for item in p["media"]}
        if len(kinds) > 1:
            raise bad("document can't be mixed with other media types")
        group = {"media_group_id": str(len(self.files.data) + 1)}
        fields = [self._media(item) for item in p["media"]]  # all or none
        return [self._new(p, one | group) for one in fields]

    def edit_message_text(self, p: Json) -> Json:
        old = self._own(p)
        if "text" not in old:
            raise bad("there is no text in the message to edit")
        return self._change(old, {"text": p["text"].strip()} | _markup(p))

    def edit_message_caption(self, p: Json) -> Json:
        old = self._own(p)
        if "text" in old:
            raise bad("there is no caption in the message to edit")
        media = {k: old[k] for k in ("photo", "document") if k in old}
        return self._change(old, media | _caption(p) | _markup(p))

    def edit_message_media(self, p: Json) -> Json:
        return self._change(self._own(p), self._media(p["media"]) | _markup(p))

    def delete_message(self, p: Json) -> bool:
        chat = self._chat(p)
        message = chat.messages.get(p["message_id"])
        if message is None:
            raise bad("message to delete not found")
        if time.time() - message["date"] > 48 * 3600:
            raise bad("message can't be deleted for everyone")
        del chat.messages[p["message_id"]]
        return True

    def delete_messages(self, p: Json) -> bool:
        """Those that are not there are skipped; one that is too old spoils it for all."""
        chat = self._chat(p)
        here = [m for m in map(chat.messages.get, p["message_ids"]) if m is not None]
        if any(time.time() - message["date"] > 48 * 3600 for message in here):
            raise bad("message can't be deleted for everyone")
        for message in here:
            del chat.messages[message["message_id"]]
        return True

    def answer_callback_query(self, p: Json) -> bool:
        if p["callback_query_id"] not in self.open_queries:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        self.open_queries.remove(p["callback_query_id"])
        self.alerts[p["callback_query_id"]] = p.get("text", "")
        return True

    def get_file(self, p: Json) -> Json:
        data = self.files.data.get(p["file_id"])
        if data is None:
            raise bad("wrong file_id or the file is temporarily unavailable")
        if len(data) > DOWNLOAD_BYTES:
            raise bad("file is too big")
        return {
            "file_id": p["file_id"],
            "file_unique_id": f"u-{p['file_id']}",
            "file_size": len(data),
            "file_path": f"files/{p['file_id']}",
        }

    def get_chat_member(self, p: Json) -> Json:
        person = {"id": p["user_id"], "is_bot": False, "first_name": "Somebody"}
        chat = self._chat(p)
        may = {} if chat.bot_posts is None else {"can_post_messages": chat.bot_posts}
        return chat.member(person) | (may if person["id"] == self.bot["id"] else {})

    def leave_chat(self, p: Json) -> bool:
        self._chat(p).bot_inside = False
        return True

    def set_message_reaction(self, p: Json) -> bool:
        if p["message_id"] not in self._chat(p).messages:
            raise bad("message to react not found")
        return True

    def send_chat_action(self, p: Json) -> bool:
        self._chat(p)
        return True

    # What they share ---------------------------------------------------------------------------

    def _chat(self, p: Json) -> Chat:
        chat = self.chats.get(p["chat_id"])
        if chat is None:
            raise bad("chat not found")
        if chat.migrated_to is not None:
            raise Refused(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=chat.migrated_to,
            )
        if not chat.bot_inside:
            blocked = "bot was blocked by the user"
            kicked = f"bot was kicked from the {chat.kind} chat"
            raise Refused(403, f"Forbidden: {blocked if chat.kind == 'private' else kicked}")
        return chat

    def _new(self, p: Json, fields: Json) -> Json:
        chat = self._chat(p)
        if chat.kind == "channel" and "force_reply" in p.get("reply_markup", {}):
            raise bad("inline keyboard expected")
        if (topic := p.get("message_thread_id")) is not None:
            if topic not in chat.topics:
                raise bad("message thread not found")
            fields = fields | {"message_thread_id": topic, "is_topic_message": True}
        if reply := p.get("reply_parameters"):
            if target := chat.messages.get(reply["message_id"]):
                bare = {k: v for k, v in target.items() if k != "reply_to_message"}
                fields = fields | {"reply_to_message": bare}
            elif not reply.get("allow_sending_without_reply"):
                raise bad("message to be replied not found")
        return chat.add(self.bot, fields)

    def _own(self, p: Json) -> Json:
        message = self._chat(p).messages.get(p["message_id"])
        if message is None:
            raise bad("message to edit not found")
        if self.chats[p["chat_id"]].writers[p["message_id"]] != self.bot["id"]:
            raise bad("message can't be edited")
        return message

    def _change(self, old: Json, fields: Json) -> Json:
        kept = ("message_id", "date", "chat", "from", "sender_chat")
        place = ("reply_to_message", "message_thread_id")
        new = {k: v for k, v in old.items() if k in (*kept, *place)} | fields
        if new == old:
            raise bad(
                "message is not modified: specified new message content and reply markup are "
                "exactly the same as a current content and reply markup of the message"
            )
        old.clear()
        old.update(new)
        return old

    def _media(self, item: Json) -> Json:
        kind = item["type"]
        return (self._photo if kind == "photo" else self._document)(item["media"], item)

    def _photo(self, data: Any, p: Json) -> Json:
        if isinstance(data, str):
            return {"photo": [{"file_id": data}]} | _caption(p)
        if problem := photo_problem(data):
            raise Refused(400, problem)
        spoiler = {"has_media_spoiler": True} if p.get("has_spoiler") else {}
        return {"photo": self.files.photo(data)} | _caption(p) | spoiler

    def _document(self, data: bytes, p: Json) -> Json:
        if len(data) > DOCUMENT_BYTES:
            raise Refused(413, "Request Entity Too Large")
        name = p.get("file_name", "file")
        return {"document": self.files.document(data, name, "image/png")} | _caption(p)


def _caption(p: Json) -> Json:
    return {"caption": p["caption"]} if p.get("caption") else {}


def _markup(p: Json) -> Json:
    """A keyboard is a part of the message; that an answer is wanted is not."""
    markup = p.get("reply_markup")
    return {"reply_markup": markup} if markup and "force_reply" not in markup else {}
