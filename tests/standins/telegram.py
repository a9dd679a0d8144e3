"""A Bot API server on loopback, strict and scriptable.

Every call is checked against the Bot API's own description; what does not fit is answered with 400
and makes the test fail at the end. Tests speak as members (`say`, `photo`, `press`, …), look at
what members see (`chat.messages`), at what was called (`heard`, `next`), and order faults.
"""

import asyncio
import re
import time
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from tests.standins.telegram_methods import Methods, Refused
from tests.standins.telegram_schema import METHODS, check, decode
from tests.standins.telegram_wire import NONSENSE, Call, Fault, answer, attach, read_form
from tests.standins.telegram_world import ANONYMOUS, TELEGRAM, Chat, Json, Person, member

TOKEN = "123456:test-token-of-the-stand-in"
MAX_BODY = 64 * 1024 * 1024


class TelegramServer(Methods):
    """Use as `async with TelegramServer() as server`; `server.base` is its address."""

    def __init__(self) -> None:
        super().__init__()
        self.base = ""
        self.heard: list[Call] = []
        self.problems: list[str] = []
        self.served: dict[str, bytes] = {}
        """Files that turn out to be something else than what getFile told, by id."""
        self.confirmed: int = 0
        """Updates below this id are forgotten, as the bot asked for later ones."""
        self._faults: list[Fault] = []
        self._updates: deque[Json] = deque()
        self._again: list[Json] = []
        self._last_update = 1000
        self._changed = asyncio.Condition()
        self._closing = asyncio.Event()
        self._polls = 0
        self._seen: set[int] = set()

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=MAX_BODY)
        app.router.add_route("*", "/bot{token}/{method}", self._serve)
        app.router.add_get("/file/bot{token}/files/{file_id}", self._serve_file)
        self._runner = web.AppRunner(app, shutdown_timeout=1, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.base = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.set()
        await self.notify()
        await self._runner.cleanup()
        if error is None and self.problems:
            raise AssertionError("; ".join(self.problems))

    # What members do ---------------------------------------------------------------------------

    def group(self, id_: int = -1001234567890123, **fields: Any) -> Chat:
        """A group that the bot is in."""
        chat = Chat(id_, **{"title": "Painters", **fields})
        if chat.forum:
            chat.topics.add(chat.add(self.bot, {"text": "topics"})["message_id"])
        self.chats[id_] = chat
        return chat

    def channel(self, id_: int = -1009876543210987) -> Chat:
        """A channel that the bot may post in."""
        return self.group(id_, kind="channel", title="News")

    def private(self, person: Person) -> Chat:
        """The private chat of `person` with the bot."""
        if person.id not in self.chats:
            self.chats[person.id] = Chat(person.id, "private", person.name)
        return self.chats[person.id]

    def topic(self, chat: Chat, person: Person) -> int:
        """Open a forum topic; its id."""
        opened = {"forum_topic_created": {"name": "Foxes", "icon_color": 7322096}}
        id_: int = chat.add(person.json(), opened | {"is_topic_message": True})["message_id"]
        chat.messages[id_]["message_thread_id"] = id_
        chat.topics.add(id_)
        return id_

    async def say(self, chat: Chat, who: Person | None, text: str, **extra: Any) -> int:
        """Write `text`; the message's id. See `post` for `extra`."""
        return await self.post(chat, who, {"text": text}, **extra)

    async def photo(
        self, chat: Chat, who: Person, data: bytes, caption: str = "", **extra: Any
    ) -> int:
        """Send a photo."""
        fields: Json = {"photo": self.files.photo(data)}
        return await self.post(chat, who, fields | _captioned(caption), **extra)

    async def document(
        self,
        chat: Chat,
        who: Person,
        data: bytes,
        caption: str = "",
        *,
        name: str = "fox.png",
        mime: str = "image/png",
        **extra: Any,
    ) -> int:
        """Send a file."""
        fields: Json = {"document": self.files.document(data, name, mime)}
        return await self.post(chat, who, fields | _captioned(caption), **extra)

    async def post(
        self,
        chat: Chat,
        who: Person | None,
        fields: Json,
        *,
        reply_to: int | None = None,
        topic: int | None = None,
        date: int | None = None,
        edited: bool = False,
        naming: Person | None = None,
    ) -> int:
        """A message of `who` (None: an anonymous admin), told to the bot where it may hear it.

        `naming`: their name in the text is a mention that carries their account.
        """
        text = str(fields.get("text", fields.get("caption", "")))
        entities = _entities(text, naming)
        if entities:
            fields = fields | {"entities" if "text" in fields else "caption_entities": entities}
        if topic is not None:
            fields |= {"message_thread_id": topic, "is_topic_message": True}
            reply_to = reply_to or topic  # as Telegram does for what answers nobody
        target = chat.messages[reply_to] if reply_to else None
        if target is not None:
            fields |= {
                "reply_to_message": {k: v for k, v in target.items() if k != "reply_to_message"}
            }
        if who is None:
            fields |= {"sender_chat": chat.json()}
        message = chat.add(who.json() if who else ANONYMOUS, fields, date)
        if self._hears(chat, text, target):
            kind = "channel_post" if chat.kind == "channel" else "message"
            await self.update(f"edited_{kind}" if edited else kind, dict(message))
        return int(message["message_id"])

    def forwarded_post(self, chat: Chat, text: str) -> int:
        """A post of the linked channel, forwarded into the group by itself; its id there."""
        channel = {"id": -1009, "type": "channel", "title": "News"}
        fields = {"text": text, "sender_chat": channel, "is_automatic_forward": True}
        return int(chat.add(TELEGRAM, fields)["message_id"])

    def _hears(self, chat: Chat, text: str, target: Json | None) -> bool:
        if chat.kind in ("private", "channel") or not chat.privacy:
            return True
        if text.startswith("/"):
            _, at, other = text.split()[0].partition("@")
            return not at or other == self.bot["username"]
        return target is not None and target["from"]["id"] == self.bot["id"]

    async def press(
        self, chat: Chat, person: Person, message_id: int, label: int = 0, *, old: bool = False
    ) -> str:
        """Press the `label`th button under a message; the query's id. `old`: Telegram tells no more
        of the message than where it is."""
        message = chat.messages[message_id]
        buttons = [b for row in message["reply_markup"]["inline_keyboard"] for b in row]
        if old:
            message = {"chat": chat.json(), "message_id": message_id, "date": 0}
        query = {
            "id": f"query-{self._last_update}",
            "from": person.json(),
            "message": message,
            "chat_instance": "1",
            "data": buttons[label]["callback_data"],
        }
        self.open_queries.add(query["id"])
        await self.update("callback_query", query)
        return str(query["id"])

    async def bot_status(self, chat: Chat, by: Person, before: str, after: str) -> None:
        """The bot was added, thrown out, promoted, …"""
        change = {
            "chat": chat.json(),
            "from": by.json(),
            "date": int(time.time()),
            "old_chat_member": member(self.bot, before),
            "new_chat_member": member(self.bot, after),
        }
        await self.update("my_chat_member", change)

    async def migrate(self, old: Chat, new_id: int) -> Chat:
        """Turn a group into a supergroup, which is a new chat with another id."""
        new = self.group(new_id, title=old.title)
        old.migrated_to = new_id
        service = old.add(ANONYMOUS, {"migrate_to_chat_id": new_id})
        await self.update("message", dict(service))
        return new

    async def update(self, kind: str, content: Any) -> int:
        """Hand the bot an update that fits the Bot API; its id."""
        self._last_update += 1
        made = {"update_id": self._last_update, kind: content}
        self.problems += check(made, "Update", f"the stand-in's own {kind}")
        return await self._push(made)

    async def broken_update(self, kind: str, content: Any) -> int:
        """Hand the bot an update that no library can read."""
        self._last_update += 1
        return await self._push({"update_id": self._last_update, kind: content})

    async def repeat(self, update_id: int, update: Json) -> None:
        """Hand the bot an update once more, although it was confirmed."""
        async with self._changed:
            self._again.append({"update_id": update_id, **update})
            self._changed.notify_all()

    async def _push(self, update: Json) -> int:
        async with self._changed:
            self._updates.append(update)
            self._changed.notify_all()
        return int(update["update_id"])

    # What tests order and look at --------------------------------------------------------------

    def refuse(
        self,
        method: str,
        code: int,
        description: str,
        *,
        times: int = 1,
        chat: int | None = None,
        **parameters: int,
    ) -> None:
        """Answer the next calls of `method` with an error."""
        refused = Refused(code, description, **parameters)
        self._faults.append(Fault(method, refused, times=times, chat=chat))

    def lose_answer(self, method: str, *, hold: bool = False, times: int = 1) -> None:
        """Do what is asked, but cut the connection, or `hold` the answer back for good."""
        self._faults.append(Fault(method, deliver=True, hold=hold, times=times))

    def garble(self, method: str, *, deliver: bool = False, times: int = 1) -> None:
        """Answer with something that is no JSON, `deliver`ing what was asked or not."""
        self._faults.append(Fault(method, deliver=deliver, garbled=True, times=times))

    def cut(self, method: str, *, times: int = 1) -> None:
        """Cut the connection before anything is done."""
        self._faults.append(Fault(method, times=times))

    async def notify(self) -> None:
        """Something changed that `when` may wait for."""
        async with self._changed:
            self._changed.notify_all()

    async def next(self, wanted: Callable[[Call], bool], timeout_s: float = 20) -> Call:
        """The next call that is `wanted` and was not returned before; waits for it."""
        async with asyncio.timeout(timeout_s), self._changed:
            while True:
                for number, call in enumerate(self.heard):
                    if number not in self._seen and wanted(call):
                        self._seen.add(number)
                        return call
                await self._changed.wait()

    async def when(self, true: Callable[[], bool], timeout_s: float = 20) -> None:
        """Wait until something holds; looked at after every call."""
        async with asyncio.timeout(timeout_s), self._changed:
            await self._changed.wait_for(true)

    # HTTP --------------------------------------------------------------------------------------

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        if request.match_info["token"] != TOKEN:
            return answer(Refused(401, "Unauthorized"))
        if method not in METHODS:
            self.problems.append(f"no method {method}")
            return answer(Refused(404, "Not Found"))
        form, files = await read_form(request)
        p, problems = decode(method, form)
        problems = attach(p, files, problems)
        self.problems += problems
        call = Call(method, p, files)
        fault = next((f for f in self._faults if f.meets(method, p)), None)
        try:
            call.answer = await self._perform(call, fault, problems)
            call.ok = True
            if fault is None:
                return web.json_response({"ok": True, "result": call.answer})
            call.lost = fault.deliver
            if fault.garbled:
                return web.Response(text=NONSENSE, content_type="text/html")
            if fault.hold:
                await self._note(call)
                await self._closing.wait()
        except Refused as refused:
            return answer(refused)
        except ConnectionResetError:
            pass
        finally:
            await self._note(call)
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    async def _perform(self, call: Call, fault: Fault | None, problems: list[str]) -> Any:
        if problems:
            raise Refused(400, f"Bad Request: {problems[0]}")
        if fault is not None:
            fault.times -= 1
            if not fault.deliver and fault.garbled:
                return None
            if not fault.deliver:
                raise fault.refused or ConnectionResetError
        if call.method == "getUpdates":
            return await self._get_updates(call.p)
        name = re.sub("[A-Z]", lambda capital: f"_{capital[0].lower()}", call.method)
        return getattr(self, name)(call.p)

    async def _note(self, call: Call) -> None:
        async with self._changed:
            if not call.noted:
                call.noted = True
                self.heard.append(call)
            self._changed.notify_all()

    async def _get_updates(self, p: Json) -> list[Json]:
        self._polls += 1
        mine = self._polls
        async with self._changed:
            offset = p.get("offset", 0)
            self.confirmed = max(self.confirmed, offset)
            self._changed.notify_all()
            while self._updates and self._updates[0]["update_id"] < offset:
                self._updates.popleft()
            await self._wait_for_updates(mine, p)
            if mine != self._polls:
                raise Refused(409, "Conflict: terminated by other getUpdates request")
            again, self._again = self._again, []
            allowed = p.get("allowed_updates")
            waiting = [u for u in self._updates if not allowed or set(u) & {*allowed}]
            return again + waiting[: p.get("limit", 100)]

    async def _wait_for_updates(self, mine: int, p: Json) -> None:
        allowed = set(p.get("allowed_updates", ()))

        def ready() -> bool:
            waiting = any(not allowed or set(u) & allowed for u in self._updates)
            return bool(waiting or self._again or self._closing.is_set() or mine != self._polls)

        try:
            async with asyncio.timeout(p.get("timeout", 0)):
                await self._changed.wait_for(ready)
        except TimeoutError:
            pass

    async def _serve_file(self, request: web.Request) -> web.Response:
        if request.match_info["token"] != TOKEN:
            return web.Response(status=401)
        id_ = request.match_info["file_id"]
        data = self.served.get(id_, self.files.data.get(id_))
        return web.Response(status=404) if data is None else web.Response(body=data)


def _captioned(caption: str) -> Json:
    return {"caption": caption} if caption else {}


def _entities(text: str, naming: Person | None) -> list[Json]:
    found: list[Json] = []
    if text.startswith("/"):
        found.append({"type": "bot_command", "offset": 0, "length": len(text.split()[0])})
    if naming is not None:
        before, _, _ = text.partition(naming.name)
        place = {"offset": _units(before), "length": _units(naming.name)}
        found.append({"type": "text_mention", "user": naming.json()} | place)
    return found


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
