"""Small parts of the Discord adapter that need no connection."""

import discord
import pytest

from bot.adapters.discord.asked import understand
from bot.adapters.discord.attachments import Attachment, first_picture, proxy_settings
from bot.adapters.discord.buttons import packed, pressed, view
from bot.adapters.discord.commands import OPTIONS, DrawOptions
from bot.adapters.discord.errors import translate
from bot.adapters.discord.gateway import base_address
from bot.adapters.discord.menus import KEEP_S, Chosen, Menus, modal
from bot.adapters.discord.words import cut, pages, plain
from bot.domain import Button, DrawRequest
from bot.errors import Rejected
from bot.replies import keys


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain words, 50 % (1:2)", "plain words, 50 % (1:2)"),
        ("*b* _i_ ~s~ `c` ||s||", r"\*b\* \_i\_ \~s\~ \`c\` \|\|s\|\|"),
        ("<@1> <:e:2> <t:3>", r"\<@1> \<:e:2> \<t:3>"),
        ("[a](http://b)", r"\[a\](http://b)"),
        ("# title\n  - item\n> quote\n1. one", "\\# title\n  \\- item\n\\> quote\n\\1. one"),
        ("c:\\x", r"c:\\x"),
        ("--seed 5\n-x 3\n3:2", "--seed 5\n-x 3\n3:2"),
        ("一只红狐狸", "一只红狐狸"),
    ],
)
def test_markup_is_shown_as_written(text: str, shown: str) -> None:
    """Whatever Discord would read as markup has a backslash before it."""
    assert plain(text) == shown


def test_cutting_keeps_escapes_whole() -> None:
    """A lone backslash at the end would be seen."""
    assert cut("ab", 2) == "ab"
    assert cut(r"aaaa\*b", 6) == "aaaa…"


def test_pages_break_between_lines() -> None:
    """No page is empty and none is too long; a line that is too long is cut."""
    assert pages("") == []
    assert pages("a\nb", 10) == ["a\nb"]
    assert pages("aaaa\nbbbb\ncccc", 9) == ["aaaa\nbbbb", "cccc"]
    assert pages("a" * 20, 10) == ["a" * 9 + "…"]


def test_a_button_there_and_back() -> None:
    """Action and argument, whatever stands in the argument."""
    button = Button(label="x", action="approve", argument="discord:-42:y")
    assert pressed(packed(button.action, button.argument)) == ("approve", "discord:-42:y")
    with pytest.raises(ValueError, match="not ours"):
        pressed("d:approve:1")


async def test_buttons_are_not_kept_in_memory() -> None:
    """The library stores only views that are still running."""
    made = view([Button(label="x", action="cancel", argument="1")])
    assert made is not None
    assert made.is_finished()
    assert view([]) is None
    assert modal("1", lambda key: key).is_finished()


@pytest.mark.parametrize(
    ("sampler", "size", "expected"),
    [
        (None, None, DrawRequest()),
        ("DPM++ 2M Karras", None, DrawRequest(sampler="DPM++ 2M", schedule="Karras")),
        ("“k_euler_a”", "512*768", DrawRequest(sampler="Euler a", width=512, height=768)),
        (None, "3:2", DrawRequest(aspect=(3.0, 2.0))),
        (None, "portrait", DrawRequest(aspect=(2.0, 3.0))),
        (None, "竖", DrawRequest(aspect=(2.0, 3.0))),
    ],
)
def test_sampler_and_size_are_read_by_the_grammar(
    sampler: str | None, size: str | None, expected: DrawRequest
) -> None:
    """Whatever can be written in a text can be typed into the option."""
    text, request = understand(DrawOptions(prompt="a fox", sampler=sampler, size=size))
    assert text == "a fox"
    assert request == expected


def test_an_unknown_sampler_goes_back_into_the_text() -> None:
    """There the grammar tells what is wrong with it."""
    text, request = understand(DrawOptions(prompt="a fox", sampler="Eulr x", seed=1))
    assert text == 'a fox\n--sampler "Eulr x"'
    assert request == DrawRequest(seed=1)


def test_the_first_picture() -> None:
    """A picture by type or name; else the first file, to be refused by its content."""
    text = Attachment(id="1", url="u", filename="a.txt", content_type="text/plain")
    typed = Attachment(id="2", url="u", filename="b", content_type="image/png")
    named = Attachment(id="3", url="u", filename="c.JPG")
    assert first_picture([text, typed, named]) is typed
    assert first_picture([text, named]) is named
    assert first_picture([text]) is text
    assert first_picture([]) is None


async def test_proxies() -> None:
    """HTTP by an option of each call, SOCKS by a connector."""
    assert proxy_settings("") == (None, None)
    assert proxy_settings("http://p:1") == (None, "http://p:1")
    connector, option = proxy_settings("socks5://p:1")
    assert (type(connector).__name__, option) == ("ProxyConnector", None)
    assert connector is not None
    await connector.close()


def test_choices_are_forgotten_after_an_hour() -> None:
    """Their keys are told, so that they can be settled."""
    now = 10_000.0
    menus = Menus(clock=lambda: now)
    for key, at in (("old", now - KEEP_S - 1), ("new", now)):
        menus.choose(key, Chosen(attachment=Attachment(id="1", url="u"), message_id="2", at=at))
    assert menus.outdated() == ("old",)
    assert menus.find("old") is None
    assert "new" in menus


def test_addresses_of_the_library_are_put_back() -> None:
    """They stand in classes that other users of the library share."""
    from discord.gateway import DiscordWebSocket
    from discord.http import Route

    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    with pytest.raises(RuntimeError), base_address("http://mirror/api/v10/"):
        assert Route("GET", "/x").url == "http://mirror/api/v10/x"
        raise RuntimeError
    assert before == (Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_option_has_its_words(language: str) -> None:
    """Name and description of each option of `/draw`."""
    wanted = {f"discord-{kind}-{name}" for kind in ("option", "about") for name in OPTIONS}
    assert wanted <= keys(language)


def test_a_programming_error_of_the_library_is_not_repeated() -> None:
    """Sending it again would fail again."""
    assert type(translate(discord.ClientException("x"))) is Rejected
