"""The stand-in is as strict as Discord: what it would let pass, no test above could find."""

import aiohttp
import pytest

from tests.standins.discord import TOKEN, DiscordServer
from tests.standins.discord_strict import Refused, check, check_commands, check_message
from tests.standins.discord_world import Channel, User, message, without_intent

ME, ANN = User("1", "bot", bot=True), User("2", "ann")
PRIVATE = Channel("3", 1, recipient=ANN)


def words(author: User = ANN, mentions: list[User] | None = None) -> dict[str, object]:
    made = message(message_id="9", channel=PRIVATE, author=author, content="x", mentions=mentions)
    return made | {"attachments": [{"id": "1"}], "embeds": [{}]}


def shown(given: dict[str, object], *, private: bool = False) -> bool:
    seen = without_intent(given, ME, private=private)
    whole = (seen["content"], seen["attachments"], seen["embeds"]) == ("x", [{"id": "1"}], [{}])
    assert whole or not (seen["content"] or seen["attachments"] or seen["embeds"])
    return whole


def test_content_is_taken_out_without_the_intent() -> None:
    """Seen are our own messages, private ones, and those that mention the bot."""
    assert not shown(words())
    assert not shown(words(mentions=[ANN]))
    assert shown(words(mentions=[ME]))
    assert shown(words(author=ME))
    assert shown(words(), private=True)


def test_a_replied_to_message_is_judged_by_itself() -> None:
    """The mention in the reply does not open the message that it replies to."""
    for replied, seen in ((words(), ""), (words(author=ME), "x"), (words(mentions=[ME]), "x")):
        reply = words(mentions=[ME]) | {"referenced_message": replied}
        assert without_intent(reply, ME, private=False)["referenced_message"]["content"] == seen


@pytest.mark.parametrize(
    ("schema", "body"),
    [
        ("MessageCreateRequest", {"content": "x" * 2001}),
        ("MessageCreateRequest", {"content": "x", "nonce": "n" * 26}),
        ("MessageCreateRequest", {"content": "x", "unknown": 1}),
        ("MessageCreateRequest", {"message_reference": {"channel_id": "1"}}),
        ("MessageCreateRequest", {"attachments": [{"id": str(n)} for n in range(11)]}),
        ("MessageEditRequestPartial", {"content": "x" * 2001}),
        ("CreateMessageInteractionCallbackRequest", {"type": 6}),
        ("ModalInteractionCallbackRequest", {"type": 9, "data": {"title": "t" * 46}}),
        (
            "ApplicationCommandAutocompleteCallbackRequest",
            {"type": 8, "data": {"choices": [{"name": "n", "value": "v"}] * 26}},
        ),
        ("ApplicationCommandUpdateRequest", {"name": "n" * 33, "description": "d"}),
    ],
)
def test_limits(schema: str, body: dict[str, object]) -> None:
    """Discord's own schemas refuse these."""
    with pytest.raises(Refused) as refused:
        check(schema, body)
    assert (refused.value.status, refused.value.body["code"]) == (400, 50035)


def button(custom_id: str) -> dict[str, object]:
    return {"type": 2, "style": 1, "label": "x", "custom_id": custom_id}


@pytest.mark.parametrize(
    ("body", "files", "code"),
    [
        ({}, {}, 50006),
        ({"content": "x", "enforce_nonce": True}, {}, 50035),
        ({"attachments": []}, {"a.png": b"x"}, 50035),
        ({"attachments": [{"id": 0, "filename": "a"}]}, {"a": bytes(101)}, 40005),
        ({"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}}, {}, 50035),
        ({"components": [{"type": 1, "components": [button("a"), button("a")]}]}, {}, 50035),
    ],
)
def test_messages_that_contradict_themselves(
    body: dict[str, object], files: dict[str, bytes], code: int
) -> None:
    """What stands in the documentation only."""
    with pytest.raises(Refused) as refused:
        check_message(body, files, limit=100)
    assert refused.value.body["code"] == code


@pytest.mark.parametrize(
    "commands",
    [
        [{"name": "Draw", "description": "d"}],
        [{"name": "draw"}],
        [{"name": "Menu", "type": 3, "description": "d"}],
        [{"name": f"M{n}", "type": 3} for n in range(16)],
    ],
)
def test_commands_that_discord_refuses(commands: list[dict[str, object]]) -> None:
    """Names, descriptions and counts."""
    with pytest.raises(Refused):
        check_commands(commands)


async def test_interactions_as_discord_keeps_them() -> None:
    """Three seconds, once; fifteen minutes; the first follow-up takes the place of "thinking…"."""
    async with DiscordServer() as server, aiohttp.ClientSession() as session:
        ann = server.user("ann")
        art = server.channel(server.guild("Painters", ann), "art")

        async def answer(token: str, interaction_id: str) -> int:
            url = f"{server.api_base}/interactions/{interaction_id}/{token}/callback"
            async with session.post(url, json={"type": 5, "data": {"flags": 64}}) as response:
                return response.status

        late = server.issue(ann, art, 2, {})
        server.clock.offset_s = 4
        assert await answer(late.token, late.id) == 404
        used = server.issue(ann, art, 2, {})
        assert await answer(used.token, used.id) == 204
        assert await answer(used.token, used.id) == 400
        hook = f"{server.api_base}/webhooks/{server.me.id}/{used.token}"
        async with session.post(hook, json={"content": "done"}) as response:
            assert (await response.json())["id"] == used.response.id  # type: ignore[union-attr]
        assert server.messages(art) == []
        server.clock.offset_s += 15 * 60 + 1
        async with session.patch(f"{hook}/messages/@original", json={"content": "x"}) as response:
            assert response.status == 401
            assert (await response.json())["code"] == 50027


async def test_nonces_are_remembered_and_never_shown_again() -> None:
    """A repeat gives the first message; the history does not tell its nonce."""
    async with DiscordServer() as server:
        headers = {"Authorization": f"Bot {TOKEN}"}
        async with aiohttp.ClientSession(headers=headers) as session:
            ann = server.user("ann")
            art = server.channel(server.guild("Painters", ann), "art")
            url = f"{server.api_base}/channels/{art.id}/messages"
            body = {"content": "x", "nonce": "n", "enforce_nonce": True}
            ids = []
            for _ in range(2):
                async with session.post(url, json=body) as response:
                    ids.append((await response.json())["id"])
            async with session.get(url) as response:
                history = await response.json()
    assert ids == [history[0]["id"]] * 2
    assert "nonce" not in history[0]
    assert len(history) == 1


async def test_calls_without_the_token_are_refused() -> None:
    """As every call to the real one."""
    async with (
        DiscordServer() as server,
        aiohttp.ClientSession() as session,
        session.get(f"{server.api_base}/users/@me") as response,
    ):
        assert response.status == 401
