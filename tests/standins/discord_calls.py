"""What each REST call does to the world."""

import json
import time
from collections.abc import Mapping
from typing import Any

from tests.standins.discord_rest import Answer, Call, Issued, Rest
from tests.standins.discord_strict import (
    EPHEMERAL,
    FILE_MAX,
    LOADING,
    Refused,
    check,
    check_commands,
    check_message,
)
from tests.standins.discord_world import Channel, Clock, Guild, Stored, User, message

Query = Mapping[str, str]
TOKEN_LIFE_S = 15 * 60
ACKNOWLEDGE_S = 3.0
FOLLOW_UPS = 5
"""Of an interaction where the bot is no member."""
LIMITS = {0: FILE_MAX, 1: FILE_MAX, 2: 50 * 2**20, 3: 100 * 2**20}


class Calls:
    """The state that the calls work on."""

    def __init__(self, rest: Rest, clock: Clock, me: User) -> None:
        self.rest = rest
        self.clock = clock
        self.me = me
        self.address = ""
        self.guilds: dict[str, Guild] = {}
        self.channels: dict[str, Channel] = {}
        self.users: dict[str, User] = {}
        self.issued: dict[str, Issued] = {}
        self.commands: list[dict[str, Any]] = []
        self.blobs: dict[str, tuple[bytes, str]] = {}
        self.nonces: dict[tuple[str, str], Stored] = {}
        self.left: list[str] = []
        self.travels = False
        """Members may install the application in their accounts."""
        self.session_limit: dict[str, int] = {}
        self._add_routes()

    def _add_routes(self) -> None:
        add, n = self.rest.route, r"(\d+)"
        add("GET", "/users/@me", lambda c, q: (200, self.me.json() | {"flags": 0}))
        add("GET", "/oauth2/applications/@me", self._application)
        add("GET", "/users/@me/guilds", self._my_guilds)
        add("GET", "/gateway/bot", self._gateway)
        add("GET", f"/applications/{n}/commands", self._get_commands)
        add("PUT", f"/applications/{n}/commands", self._put_commands)
        add("POST", "/users/@me/channels", self._open_private)
        add("GET", f"/channels/{n}", lambda c, q, i: (200, self._channel(i).json()))
        add("GET", f"/guilds/{n}/members/{n}", self._member)
        add("DELETE", f"/users/@me/guilds/{n}", self._leave)
        add("GET", f"/channels/{n}/messages", self._history)
        add("POST", f"/channels/{n}/messages", self._post)
        add("PATCH", f"/channels/{n}/messages/{n}", self._patch)
        add("DELETE", f"/channels/{n}/messages/{n}", self._delete)
        add("POST", f"/interactions/{n}/([^/]+)/callback", self._callback, auth=False)
        original = f"/webhooks/{n}/([^/]+)/messages/@original"
        add("GET", original, self._get_original, auth=False)
        add("PATCH", original, self._patch_original, auth=False)
        add("DELETE", original, self._delete_original, auth=False)
        follow_up = f"/webhooks/{n}/([^/]+)/messages/{n}"
        add("PATCH", follow_up, self._patch_follow_up, auth=False)
        add("DELETE", follow_up, self._delete_follow_up, auth=False)
        add("POST", f"/webhooks/{n}/([^/]+)", self._follow_up, auth=False)

    # The application --------------------------------------------------------------------------

    def _application(self, call: Call, query: Query) -> Answer:
        return 200, {
            "id": self.me.id,
            "name": "chatelier",
            "icon": None,
            "description": "",
            "bot_public": True,
            "bot_require_code_grant": False,
            "verify_key": "0" * 64,
            "owner": User("1", "owner").json(),
            "team": None,
            "flags": 0,
            "summary": "",
            "integration_types_config": {"0": {}} | ({"1": {}} if self.travels else {}),
        }

    def _my_guilds(self, call: Call, query: Query) -> Answer:
        return 200, [
            {"id": g.id, "name": g.name, "owner": False, "permissions": str(g.bot_permissions)}
            for g in self.guilds.values()
        ]

    def _gateway(self, call: Call, query: Query) -> Answer:
        limit = {"total": 1000, "remaining": 999, "reset_after": 1000, "max_concurrency": 1}
        limit |= self.session_limit
        url = self.address.replace("http", "ws", 1) + "/gateway"
        return 200, {"url": url, "shards": 1, "session_start_limit": limit}

    def _get_commands(self, call: Call, query: Query, app: str) -> Answer:
        if query.get("with_localizations") == "true":
            return 200, self.commands
        hidden = ("name_localizations", "description_localizations")
        return 200, [{k: v for k, v in c.items() if k not in hidden} for c in self.commands]

    def _put_commands(self, call: Call, query: Query, app: str) -> Answer:
        check_commands(call.json)
        self.commands = [
            {"name_localizations": None, "description_localizations": None, "nsfw": False}
            | {"default_member_permissions": None, "dm_permission": True, "description": ""}
            | _as_told(json.loads(json.dumps(c)))
            | {"id": self.clock.snowflake(), "application_id": app, "version": "1"}
            for c in call.json
        ]
        return 200, self.commands

    # Servers and channels ---------------------------------------------------------------------

    def _channel(self, channel_id: str) -> Channel:
        if channel_id not in self.channels:
            raise Refused(404, 10003)
        if self.channels[channel_id].foreign:
            raise Refused(403, 50001)
        return self.channels[channel_id]

    def _stored(self, channel_id: str, message_id: str) -> Stored:
        found = self._channel(channel_id).messages.get(message_id)
        if found is None or found.only_for:
            raise Refused(404, 10008)
        return found

    def _member(self, call: Call, query: Query, guild_id: str, user_id: str) -> Answer:
        if user_id not in self.users:
            raise Refused(404, 10007)
        user = self.users[user_id]
        return 200, self.guilds[guild_id].member(user) | {"user": user.json()}

    def _leave(self, call: Call, query: Query, guild_id: str) -> Answer:
        if guild_id not in self.guilds:
            raise Refused(404, 10004)
        self.left.append(guild_id)
        return 204, None

    def _open_private(self, call: Call, query: Query) -> Answer:
        user = self.users[str(call.json["recipient_id"])]
        return 200, self.private(user).json()

    def private(self, user: User) -> Channel:
        for channel in self.channels.values():
            if channel.recipient == user:
                return channel
        made = Channel(id=self.clock.snowflake(), type=1, recipient=user)
        self.channels[made.id] = made
        return made

    # Messages ---------------------------------------------------------------------------------

    def _history(self, call: Call, query: Query, channel_id: str) -> Answer:
        limit = int(query.get("limit", "50"))
        found = [m for m in self._channel(channel_id).messages.values() if not m.only_for]
        return 200, [m.json for m in sorted(found, key=lambda m: -int(m.id))[:limit]]

    def _post(self, call: Call, query: Query, channel_id: str) -> Answer:
        channel = self._channel(channel_id)
        check("MessageCreateRequest", call.json)
        tier = channel.guild.premium_tier if channel.guild else 0
        check_message(call.json, call.files, limit=LIMITS[tier])
        nonce = call.json.get("nonce")
        if call.json.get("enforce_nonce") and (before := self.nonces.get((channel_id, nonce))):
            if before.id not in channel.messages:
                raise Refused(404, 10008)
            return 200, before.json | {"nonce": nonce}
        target = self._referred(channel, call.json.get("message_reference"))
        stored = self.write(channel, call.json, call.files)
        if target is not None:
            stored.json["message_reference"] = {"message_id": target.id, "channel_id": channel.id}
            stored.json["type"] = 19
        if nonce is not None:
            stored.nonce = nonce
            self.nonces[channel_id, nonce] = stored
        return 200, stored.json | ({"nonce": nonce} if nonce is not None else {})

    def _referred(self, channel: Channel, reference: Any) -> Stored | None:
        if not reference:
            return None
        target = channel.messages.get(str(reference["message_id"]))
        if target is None or target.only_for:
            if reference.get("fail_if_not_exists", True):
                raise Refused(400, 50035, "Unknown message", field="message_reference")
            return None
        return target

    def write(
        self,
        channel: Channel,
        body: dict[str, Any],
        files: dict[str, bytes],
        only_for: str | None = None,
        message_id: str | None = None,
    ) -> Stored:
        """A new message of the bot."""
        made = message(
            message_id=message_id or self.clock.snowflake(),
            channel=channel,
            author=self.me,
            content=body.get("content") or "",
            attachments=[self.attach(name, data) for name, data in files.items()],
            components=body.get("components"),
            flags=body.get("flags") or 0,
        )
        stored = Stored(made, only_for=only_for)
        channel.messages[stored.id] = stored
        return stored

    def attach(
        self, name: str, data: bytes, kind: str = "image/png", size: int | None = None
    ) -> dict[str, Any]:
        """A file on the server's own attachment host."""
        blob = self.clock.snowflake()
        self.blobs[blob] = (data, kind)
        url = f"{self.address}/attachments/{blob}/{name}?ex=1&is=2&hm=3"
        size = len(data) if size is None else size
        known = {"id": blob, "filename": name, "size": size, "content_type": kind}
        return known | {"url": url, "proxy_url": url}

    def _change(self, stored: Stored, body: dict[str, Any], files: dict[str, bytes]) -> Stored:
        for key in ("content", "components"):
            if key in body:
                stored.json[key] = body[key] or ("" if key == "content" else [])
        if body.get("attachments") is not None:
            kept = {str(a["id"]) for a in body["attachments"]}
            old = [a for a in stored.json["attachments"] if a["id"] in kept]
            stored.json["attachments"] = old + [self.attach(n, d) for n, d in files.items()]
        stored.json["flags"] &= ~LOADING
        return stored

    def _patch(self, call: Call, query: Query, channel_id: str, message_id: str) -> Answer:
        check("MessageEditRequestPartial", call.json)
        stored = self._stored(channel_id, message_id)
        if stored.json["author"]["id"] != self.me.id:
            raise Refused(403, 50001)
        return 200, self._change(stored, call.json, call.files).json

    def _delete(self, call: Call, query: Query, channel_id: str, message_id: str) -> Answer:
        self._stored(channel_id, message_id)
        del self.channels[channel_id].messages[message_id]
        return 204, None

    # Interactions -----------------------------------------------------------------------------

    def _callback(self, call: Call, query: Query, interaction_id: str, token: str) -> Answer:
        issued = self.issued.get(token)
        if issued is None or issued.id != interaction_id:
            raise Refused(404, 10062)
        if issued.kind is not None:
            raise Refused(400, 40060)
        if self.clock.now() - issued.born > ACKNOWLEDGE_S:
            raise Refused(404, 10062)
        body, kind = call.json, call.json["type"]
        if kind == 9:
            check("ModalInteractionCallbackRequest", body)
            issued.modal = body["data"]
        elif kind == 8:
            check("ApplicationCommandAutocompleteCallbackRequest", body)
            issued.choices = body["data"]["choices"]
        else:
            if kind != 6:  # which is a bare number, and has no schema among ours
                check("CreateMessageInteractionCallbackRequest", body)
            self._first_response(issued, kind, body.get("data") or {}, call.files)
        issued.kind = kind
        issued.acknowledged_after = time.monotonic() - issued.began
        if query.get("with_response") != "1":
            return 204, None
        return 200, self._callback_answer(issued)

    def _first_response(
        self, issued: Issued, kind: int, data: dict[str, Any], files: dict[str, bytes]
    ) -> None:
        if kind == 6:  # heard, and nothing to be seen: "the original" is the message pressed
            message_id = issued.raw["message"]["id"]
            issued.response = self.channels[issued.channel_id].messages[message_id]
            return
        issued.private = bool((data.get("flags") or 0) & EPHEMERAL)
        issued.thinking = kind == 5
        if kind == 4:
            check_message(data, files, limit=FILE_MAX)
        else:
            data = {**data, "flags": (data.get("flags") or 0) | LOADING}
        channel = self.channels[issued.channel_id]
        only_for = issued.user.id if issued.private else None
        issued.response = self.write(channel, data, files, only_for)

    def _callback_answer(self, issued: Issued) -> dict[str, Any]:
        known: dict[str, Any] = {"id": issued.id, "type": issued.type}
        made: dict[str, Any] = {"interaction": known}
        if issued.response is not None:
            known["response_message_id"] = issued.response.id
            known["response_message_loading"] = issued.thinking
            known["response_message_ephemeral"] = issued.private
            made["resource"] = {"type": issued.kind, "message": issued.response.json}
        return made

    def _alive(self, token: str) -> Issued:
        issued = self.issued.get(token)
        if issued is None:
            raise Refused(404, 10015)
        if self.clock.now() - issued.born > TOKEN_LIFE_S:
            raise Refused(401, 50027)
        if issued.response is None:
            raise Refused(404, 10015)
        return issued

    def _original(self, token: str) -> tuple[Issued, Stored]:
        issued = self._alive(token)
        assert issued.response is not None
        if issued.response.id not in self.channels[issued.channel_id].messages:
            raise Refused(404, 10008)
        return issued, issued.response

    def _get_original(self, call: Call, query: Query, app: str, token: str) -> Answer:
        return 200, self._original(token)[1].json

    def _patch_original(self, call: Call, query: Query, app: str, token: str) -> Answer:
        check("IncomingWebhookUpdateRequestPartial", call.json)
        issued, stored = self._original(token)
        issued.thinking = False
        return 200, self._change(stored, call.json, call.files).json

    def _delete_original(self, call: Call, query: Query, app: str, token: str) -> Answer:
        issued, stored = self._original(token)
        issued.deleted, issued.thinking = True, False
        del self.channels[issued.channel_id].messages[stored.id]
        return 204, None

    def _follow_up(self, call: Call, query: Query, app: str, token: str) -> Answer:
        check("IncomingWebhookRequestPartial", call.json)
        check_message(call.json, call.files, limit=FILE_MAX)
        issued = self._alive(token)
        assert issued.response is not None
        if issued.thinking:
            # The first follow-up takes the place of "thinking…", and its visibility.
            issued.thinking = False
            body = {**call.json, "attachments": []}
            return 200, self._change(issued.response, body, call.files).json
        private = bool((call.json.get("flags") or 0) & EPHEMERAL)
        channel = self.channels[issued.channel_id]
        if channel.foreign and len(issued.follow_ups) >= FOLLOW_UPS:
            raise Refused(400, 40094)
        only_for = issued.user.id if private else None
        made = self.write(channel, call.json, call.files, only_for)
        issued.follow_ups.append(made)
        return 200, made.json

    def _followed(self, token: str, message_id: str) -> Stored:
        issued = self._alive(token)
        there = self.channels[issued.channel_id].messages
        if message_id not in there or message_id not in [m.id for m in issued.follow_ups]:
            raise Refused(404, 10008)
        return there[message_id]

    def _patch_follow_up(
        self, call: Call, query: Query, app: str, token: str, message_id: str
    ) -> Answer:
        check("IncomingWebhookUpdateRequestPartial", call.json)
        return 200, self._change(self._followed(token, message_id), call.json, call.files).json

    def _delete_follow_up(
        self, call: Call, query: Query, app: str, token: str, message_id: str
    ) -> Answer:
        stored = self._followed(token, message_id)
        del self.channels[self.issued[token].channel_id].messages[stored.id]
        return 204, None


def _as_told(command: dict[str, Any]) -> dict[str, Any]:
    """Permissions are a number on their way to Discord, and text on their way back."""
    permissions = command.get("default_member_permissions")
    return command | {"default_member_permissions": permissions and str(permissions)}
