"""A Discord on loopback: real HTTP and a real gateway, as strict as the real one.

Tests act as people (`slash`, `say`, `menu`, `click`, …) and look at what stands in the channels and
at the calls that were made. Everything that a bot without the message-content intent would not be
shown is taken out before it is sent.
"""

import time
from typing import Any

from aiohttp import web

from tests.standins.discord_calls import Calls
from tests.standins.discord_gateway import Gateway
from tests.standins.discord_rest import Call, Fault, Issued, Rest
from tests.standins.discord_world import (
    Channel,
    Clock,
    Guild,
    Stored,
    User,
    born,
    message,
    without_intent,
)

TOKEN = "discord-test-token-of-the-stand-in"
_TYPES = {3: str, 4: int, 5: bool, 6: User, 10: (int, float), 11: dict}


class DiscordServer:
    """Use as `async with`."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.me = User(self.clock.snowflake(), "chatelier", bot=True)
        self.rest = Rest(TOKEN)
        self.world = Calls(self.rest, self.clock, self.me)
        self.gateway = Gateway(
            token=TOKEN,
            ready=self._ready,
            after_ready=self._after_ready,
            changed=self.rest.changed,
        )
        self._runner: web.AppRunner | None = None
        self.redirect_attachments_to = ""

    async def __aenter__(self) -> "DiscordServer":
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_get("/gateway", self.gateway.serve)
        app.router.add_get("/attachments/{id}/{name}", self._attachment)
        app.router.add_route("*", "/api/v10/{rest:.*}", self.rest.serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.world.address = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    @property
    def api_base(self) -> str:
        return f"{self.world.address}/api/v10"

    @property
    def calls(self) -> list[Call]:
        return self.rest.calls

    def fail(self, method: str, path: str, **how: Any) -> Fault:
        """Break the next calls whose path has `path` (a regular expression) in it."""
        fault = Fault(method, path, **how)
        self.rest.faults.append(fault)
        return fault

    async def next(self, method: str, path: str) -> Call:
        """The next call that fits and was not returned before; waits for it."""
        import re

        def look() -> Call | None:
            for call in self.calls:
                fits = call.method == method and re.search(path, call.path)
                if fits and call.status and not call.seen:
                    call.seen = True
                    return call
            return None

        found: Call = await self.rest.until(look)
        return found

    async def until(self, condition: Any, timeout: float = 10.0) -> Any:
        """The first true value of `condition`, which is looked at when something happens."""
        return await self.rest.until(condition, timeout)

    async def connected(self) -> None:
        """The bot listens, and its commands are registered."""
        await self.until(lambda: self.gateway.connected and self.world.commands)

    # The world --------------------------------------------------------------------------------

    def user(self, name: str, locale: str = "en-US") -> User:
        made = User(self.clock.snowflake(), name, locale)
        self.world.users[made.id] = made
        return made

    def guild(self, name: str, owner: User, **more: Any) -> Guild:
        made = Guild(self.clock.snowflake(), name, owner, self.clock.snowflake(), **more)
        self.world.guilds[made.id] = made
        return made

    def channel(
        self,
        guild: Guild,
        name: str,
        kind: int = 0,
        *,
        nsfw: bool = False,
        parent: Channel | None = None,
    ) -> Channel:
        made = Channel(self.clock.snowflake(), kind, name, guild, nsfw=nsfw, parent=parent)
        guild.channels.append(made)
        self.world.channels[made.id] = made
        return made

    def foreign(self, owner: User, name: str) -> Channel:
        """A channel of a server that the bot is no member of."""
        guild = Guild(self.clock.snowflake(), name, owner, self.clock.snowflake())
        made = self.channel(guild, "chat")
        made.foreign = True
        return made

    def private(self, user: User) -> Channel:
        return self.world.private(user)

    def messages(self, channel: Channel) -> list[Stored]:
        """What everybody in the channel sees of the bot, oldest first."""
        return [
            m
            for m in channel.messages.values()
            if m.json["author"]["id"] == self.me.id and not m.only_for
        ]

    def attachment(self, name: str, data: bytes, **more: Any) -> dict[str, Any]:
        return self.world.attach(name, data, **more)

    async def _attachment(self, request: web.Request) -> web.StreamResponse:
        target = self.redirect_attachments_to
        if target and target != str(request.url):
            raise web.HTTPFound(target)
        data, kind = self.world.blobs[request.match_info["id"]]
        return web.Response(body=data, content_type=kind)

    # The gateway ------------------------------------------------------------------------------

    def _ready(self) -> dict[str, Any]:
        return {
            "v": 10,
            "user": self.me.json(),
            "guilds": [{"id": g, "unavailable": True} for g in self.world.guilds],
            "private_channels": [],
            "resume_gateway_url": self.world.address.replace("http", "ws", 1) + "/gateway",
            "application": {"id": self.me.id, "flags": 0},
        }

    def _after_ready(self) -> list[tuple[str, Any]]:
        return [
            ("GUILD_CREATE", g.json(self.me) | {"unavailable": False})
            for g in self.world.guilds.values()
        ]

    async def invite(self, guild: Guild) -> None:
        """The bot joins `guild`."""
        self.world.guilds[guild.id] = guild
        await self.gateway.emit("GUILD_CREATE", guild.json(self.me))

    # People -----------------------------------------------------------------------------------

    async def say(
        self,
        user: User,
        channel: Channel,
        content: str = "",
        *,
        attachments: list[dict[str, Any]] | None = None,
        reply_to: str | None = None,
        ping: bool = True,
    ) -> Stored:
        """A message; `@bot` in it is a mention. A reply mentions its author unless `ping=False`."""
        mentions = [self.me] if "@bot" in content else []
        replied = channel.messages[reply_to].json if reply_to else None
        if replied and ping and replied["author"]["id"] == self.me.id and not mentions:
            mentions = [self.me]
        mentions += [u for u in self.world.users.values() if f"<@{u.id}>" in content]
        made = message(
            message_id=self.clock.snowflake(),
            channel=channel,
            author=user,
            content=content.replace("@bot", f"<@{self.me.id}>"),
            attachments=attachments,
            mentions=mentions,
            kind=19 if replied else 0,
        )
        if replied:
            reference = {"message_id": reply_to, "channel_id": channel.id, "type": 0}
            made |= {"message_reference": reference, "referenced_message": replied}
        stored = Stored(made)
        channel.messages[stored.id] = stored
        if channel.foreign:
            return stored
        shown = without_intent(made, self.me, private=channel.type == 1)
        if channel.guild:
            shown |= {"guild_id": channel.guild.id, "member": channel.guild.member(user)}
        await self.gateway.emit("MESSAGE_CREATE", shown, private=channel.type == 1)
        return stored

    async def slash(
        self, user: User, channel: Channel, name: str, options: dict[str, Any] | None = None
    ) -> Issued:
        """Use a registered command, as the registered options allow."""
        data = self._command(name, options or {})
        if channel.guild and "users" in data.get("resolved", {}):
            data["resolved"]["members"] = {
                i: channel.guild.member(self.world.users[i])
                | {"permissions": str(channel.guild.permissions(self.world.users[i]))}
                for i in data["resolved"]["users"]
                if i in self.world.users
            }
        return await self._interact(user, channel, 2, data)

    async def type_into(
        self, user: User, channel: Channel, name: str, options: dict[str, Any], focused: str
    ) -> Issued:
        """Autocompletion: `focused` is being typed."""
        data = self._command(name, options, partial=True)
        options = data["options"]
        while options and "options" in options[0]:
            options = options[0]["options"]
        for option in options:
            option["focused"] = option["name"] == focused
        return await self._interact(user, channel, 4, data)

    async def menu(self, user: User, channel: Channel, name: str, target: str) -> Issued:
        """Use a message menu on a message of the channel; its content is shown to the bot."""
        command = self._registered(name, 3)
        shown = dict(channel.messages[target].json)
        shown.pop("referenced_message", None)
        data = {"id": command["id"], "name": name, "type": 3, "target_id": target}
        data["resolved"] = {"messages": {target: shown}}
        return await self._interact(user, channel, 2, data)

    async def submit(
        self, user: User, channel: Channel, opened: Issued, text: str = "", **fields: str
    ) -> Issued:
        """Fill the form that `opened` was answered with and send it: its first field with `text`,
        or those named; the others stay as they stood."""
        assert opened.modal is not None
        components = []
        for number, label in enumerate(opened.modal["components"]):
            field = label["component"]
            value = fields.get(field["custom_id"], field.get("value", ""))
            if not fields and not number:
                value = text
            assert len(value) <= field.get("max_length", 4000)
            filled = {"type": 4, "id": 2, "custom_id": field["custom_id"], "value": value}
            components.append({"type": 18, "id": 1, "component": filled})
        data = {"custom_id": opened.modal["custom_id"], "components": components}
        more = {"message": opened.raw["message"]} if "message" in opened.raw else {}
        return await self._interact(user, channel, 5, data, **more)

    async def click(self, user: User, channel: Channel, message_id: str, custom_id: str) -> Issued:
        """Press a button under a message."""
        stored = channel.messages[message_id]
        assert custom_id in [b["custom_id"] for b in stored.buttons]
        data = {"custom_id": custom_id, "component_type": 2, "id": 2}
        return await self._interact(user, channel, 3, data, message=stored.json)

    async def interaction(self, raw: dict[str, Any]) -> None:
        """An event INTERACTION_CREATE just as given."""
        await self.gateway.emit("INTERACTION_CREATE", raw)

    def issue(
        self, user: User, channel: Channel, kind: int, data: dict[str, Any], **more: Any
    ) -> Issued:
        """An interaction that is known here and not sent yet."""
        interaction_id = self.clock.snowflake()
        raw = {
            "id": interaction_id,
            "application_id": self.me.id,
            "type": kind,
            "data": data,
            "channel_id": channel.id,
            "channel": channel.json(),
            "token": f"interaction-token-{interaction_id}",
            "version": 1,
            "locale": user.locale,
            "app_permissions": "0",
            "entitlements": [],
            "attachment_size_limit": 10485760,
            "context": 1,
            "authorizing_integration_owners": {"0": "0"},
            **more,
        }
        if channel.guild:
            guild = channel.guild
            member = guild.member(user) | {"permissions": str(guild.permissions(user))}
            raw |= {"guild_id": guild.id, "member": member | {"user": user.json()}, "context": 0}
            raw["guild"] = {"id": guild.id, "locale": guild.locale, "features": []}
            raw["guild_locale"] = guild.locale
            raw["authorizing_integration_owners"] = {"0": guild.id}
        else:
            raw["user"] = user.json()
        if channel.foreign:
            raw["authorizing_integration_owners"] = {"1": user.id}
        token, created = str(raw["token"]), born(interaction_id)
        made = Issued(interaction_id, token, kind, user, channel.id, created, time.monotonic(), raw)
        self.world.issued[token] = made
        return made

    async def _interact(
        self, user: User, channel: Channel, kind: int, data: dict[str, Any], **more: Any
    ) -> Issued:
        made = self.issue(user, channel, kind, data, **more)
        await self.interaction(made.raw)
        return made

    def _registered(self, name: str, kind: int) -> dict[str, Any]:
        for command in self.world.commands:
            if command["name"] == name and command.get("type", 1) == kind:
                return command
        raise AssertionError(f"{name} is not registered")

    def _command(
        self, name: str, given: dict[str, Any], *, partial: bool = False
    ) -> dict[str, Any]:
        """`name` may lead through a group: `admin ban`, `settings my model`."""
        first, *path = name.split()
        command = self._registered(first, 1)
        leaf, shells = command, []
        for word in path:
            leaf = next(o for o in leaf["options"] if o["name"] == word)
            shells.append({"name": word, "type": leaf["type"]})
        assert all(o["type"] > 2 for o in leaf.get("options") or []), f"{name} is a group"
        options, resolved = _fill(leaf, given, partial=partial)
        for shell in reversed(shells):
            options = [shell | {"options": options}]
        data = {"id": command["id"], "name": first, "type": 1, "options": options}
        return data | ({"resolved": resolved} if resolved else {})


def _fill(
    leaf: dict[str, Any], given: dict[str, Any], *, partial: bool
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Options with their values, as far as the registered command takes them; and what they
    stand for."""
    known = {o["name"]: o for o in leaf.get("options") or []}
    missing = {n for n, o in known.items() if o.get("required")} - set(given)
    assert partial or not missing, f"Discord demands {missing}"
    options: list[dict[str, Any]] = []
    resolved: dict[str, Any] = {}
    for key, value in given.items():
        option = known[key]
        kind = option["type"]
        assert isinstance(value, _TYPES[kind]), f"{key} takes another type"
        if kind == 6:
            resolved.setdefault("users", {})[value.id] = value.json()
            value = value.id
        elif kind == 11:
            resolved.setdefault("attachments", {})[value["id"]] = value
            value = value["id"]
        elif kind in (4, 10):
            assert option.get("min_value", value) <= value <= option.get("max_value", value)
        elif kind == 3 and not partial:
            assert option.get("min_length", 0) <= len(value) <= option.get("max_length", 6000)
            values = [c["value"] for c in option.get("choices") or []]
            assert not values or value in values
        options.append({"name": key, "type": kind, "value": value})
    return options, resolved
