"""The page in a real browser: used by hand, by keyboard, on a phone, in two languages."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.database import Database
from bot.domain import Answer, Button, Kind, Outgoing
from tests.browser.chromium import find, launched, opened_page
from tests.browser.studio_page import ENTER, READY, opened
from tests.studio_scene import place, png, studio

pytestmark = pytest.mark.skipif(
    find() is None, reason="no Chromium, Chrome or Edge on PATH (Debian: apt install chromium)"
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with launched(tmp_path_factory.mktemp("profile")) as address:
        yield address


async def test_what_is_typed_is_sent_and_shown(
    database: Database, tmp_path: Path, browser: str
) -> None:
    """Enter sends; what was typed and answered is shown as text, never as markup."""
    markup = "/draw <img src=x onerror=alert(1)> & <b>bold</b>"
    field = "document.getElementById('text').value"
    async with studio(database, tmp_path) as scene, opened(scene, browser) as page:
        scene.conversation.answer = Answer(text="<i>no</i> such & thing\nsecond line")
        await page.type(markup)
        await page.press(*ENTER)
        await page.until("document.querySelector('.note')")
        said = await page.evaluate("[...document.querySelectorAll('.said')].map(e => e.innerText)")
        assert said == [markup, "<i>no</i> such & thing\nsecond line"]
        await page.until(f"{field} === {markup!r}")
        scene.conversation.answer = Answer(job_id="job")
        await page.press(*ENTER)
        await page.until("document.querySelectorAll('.request').length === 2")
        assert await page.evaluate(field) == ""
        assert await page.evaluate("document.getElementById('empty').hidden")
    assert [h.text for h in scene.conversation.heard] == [markup.removeprefix("/draw ")] * 2


async def test_an_example_is_one_click(database: Database, tmp_path: Path, browser: str) -> None:
    """The empty page offers prompts, in the reader's language."""
    async with (
        studio(database, tmp_path) as scene,
        opened(scene, browser, language="zh-CN") as page,
    ):
        await page.click(".examples li:first-child button")
        await page.until("document.querySelector('.request')")
    (heard,) = scene.conversation.heard
    assert (heard.command, heard.text) == ("draw", "红苹果")
    assert heard.requester.language == "zh-CN"


async def test_enter_that_chooses_a_word_does_not_send(
    database: Database, tmp_path: Path, browser: str
) -> None:
    """While a Chinese input method composes, and with Shift, Enter sends nothing."""
    async with studio(database, tmp_path) as scene, opened(scene, browser) as page:
        await page.type("红")
        for how in ("isComposing: true", "keyCode: 229", "shiftKey: true"):
            await page.evaluate(
                "document.getElementById('text').dispatchEvent(new KeyboardEvent('keydown',"
                f" {{key: 'Enter', bubbles: true, cancelable: true, {how}}}))"
            )
        await page.type("苹果")
        await page.press(*ENTER)
        await page.until("document.querySelector('.request')")
    assert [heard.text for heard in scene.conversation.heard] == ["红苹果"]


async def test_a_message_that_fails_comes_back(
    database: Database, tmp_path: Path, browser: str
) -> None:
    """What could not be sent stands in the field again, with its picture and a sentence.

    The sentence goes when the server is back.
    """
    file = tmp_path / "a.png"
    file.write_bytes(png("blue", 8))
    async with opened_page(browser) as page:
        async with studio(database, tmp_path) as scene:
            port = int(scene.address.rpartition(":")[2])
            await page.go(scene.address)
            await page.until(READY)
        await page.choose_file("#file", file)
        await page.type("a pear")
        await page.press(*ENTER)
        await page.until("document.getElementById('problem').innerText.includes('get through')")
        assert await page.evaluate("document.getElementById('text').value") == "a pear"
        await page.until("document.querySelector('#chip:not([hidden]) img')?.naturalWidth === 8")
        async with studio(database, tmp_path, port=port):
            await page.until("document.getElementById('problem').hidden")


async def test_a_slow_answer_is_announced(database: Database, tmp_path: Path, browser: str) -> None:
    """While the bot takes its time over a message, the page says that it was heard."""
    async with studio(database, tmp_path) as scene, opened(scene, browser) as page:
        scene.conversation.go.clear()
        await page.type("/draw a red apple")
        await page.press(*ENTER)
        await page.until("!document.getElementById('late').hidden")
        assert await page.evaluate("document.getElementById('text').value") == ""
        scene.conversation.go.set()
        await page.until("document.getElementById('late').hidden")


async def test_a_slash_opens_the_menu(database: Database, tmp_path: Path, browser: str) -> None:
    """Commands are offered on `/`, narrowed while typing, and taken with the keyboard."""
    menu = "[...document.querySelectorAll('#commands:not([hidden]) b')].map(e => e.textContent)"
    async with studio(database, tmp_path) as scene, opened(scene, browser) as page:
        await page.type("/")
        assert "/draw" in await page.evaluate(menu)
        await page.type("qu")
        assert await page.evaluate(menu) == ["/queue", "/quota"]
        await page.press("ArrowDown", 40)
        await page.press(*ENTER)
        assert await page.evaluate("document.getElementById('text').value") == "/quota "
        await page.press(*ENTER)
        await page.until("document.querySelector('.request')")
    assert [heard.command for heard in scene.conversation.heard] == ["quota"]


@pytest.mark.parametrize("command", ["help", "queue", "models"])
async def test_a_whole_command_is_sent(
    database: Database, tmp_path: Path, browser: str, command: str
) -> None:
    """A command typed in full goes with one Enter; the menu does not take it."""
    async with studio(database, tmp_path) as scene, opened(scene, browser) as page:
        await page.type(f"/{command}")
        await page.press(*ENTER)
        await page.until("document.querySelector('.request')")
        assert await page.evaluate("document.getElementById('commands').hidden")
    assert [heard.command for heard in scene.conversation.heard] == [command]


async def test_a_very_long_message_is_folded(
    database: Database, tmp_path: Path, browser: str
) -> None:
    """What was written at great length shows its beginning, and all of it on demand."""
    height = "document.querySelector('.request .said').offsetHeight"
    async with studio(database, tmp_path) as scene, opened(scene, browser) as page:
        await scene.send("/draw " + "a red apple " * 400)
        await page.until("document.querySelector('.request')")
        assert await page.evaluate(height) < 300
        await page.click(".show-all")
        assert await page.evaluate(height) > 600


FILE = "new File([Uint8Array.from(atob('%s'), c => c.charCodeAt(0))], 'a.png', {type: 'image/png'})"
HANDED = {
    "paste": "document.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data}))",
    "drop": "document.dispatchEvent(new DragEvent('drop', {dataTransfer: data, bubbles: true}))",
}


@pytest.mark.parametrize("way", ["button", "paste", "drop"])
async def test_a_picture_is_attached(
    database: Database, tmp_path: Path, browser: str, way: str
) -> None:
    """By button, clipboard or drag and drop: the picture shows as a chip and is sent."""
    file = tmp_path / "a.png"
    file.write_bytes(png("blue", 8))
    async with studio(database, tmp_path) as scene, opened(scene, browser) as page:
        if way == "button":
            await page.choose_file("#file", file)
        else:
            made = FILE % base64.b64encode(file.read_bytes()).decode()
            await page.evaluate(
                f"(() => {{ const data = new DataTransfer(); data.items.add({made});"
                f" {HANDED[way]}; }})()"
            )
        await page.until("document.querySelector('#chip:not([hidden]) img')?.naturalWidth === 8")
        await page.type("a pear")
        await page.press(*ENTER)
        await page.until("document.querySelector('.request .picture img')?.naturalWidth === 8")
        assert await page.evaluate("document.getElementById('chip').hidden")
    (heard,) = scene.conversation.heard
    assert (heard.text, heard.source) == ("a pear", png("blue", 8))


async def test_what_cannot_be_attached_is_said(
    database: Database, tmp_path: Path, browser: str
) -> None:
    """No picture, by name or content, and one over 20 MB get a sentence before it is sent."""
    text, renamed, large = (tmp_path / name for name in ("a.txt", "text.png", "a.png"))
    text.write_text("hello")
    renamed.write_text("hello")
    large.write_bytes(bytes(20 * 2**20 + 1))
    async with studio(database, tmp_path) as scene, opened(scene, browser) as page:
        no_picture = "not a picture"
        for file, sentence in (
            (text, no_picture),
            (large, "larger than 20 MB"),
            (renamed, no_picture),
        ):
            await page.choose_file("#file", file)
            await page.until(f"document.getElementById('problem').innerText.includes({sentence!r})")
        assert await page.evaluate("document.getElementById('chip').hidden")


async def test_a_status_is_edited_in_place(
    database: Database, tmp_path: Path, browser: str
) -> None:
    """The bar moves, the button keeps the focus through an edit, and its answer is shown."""
    button = Button(label="Stop it", action="cancel", argument="job")
    status = Outgoing(kind=Kind.STATUS, to=place("1"), text="50 %", progress=0.5, buttons=(button,))
    async with studio(database, tmp_path) as scene, opened(scene, browser) as page:
        scene.conversation.answer = Answer(text="Cancelled.")
        (message_id,) = (await scene.adapter.deliver(status)).message_ids
        await page.until("document.querySelector('progress')?.value === 0.5")
        await page.evaluate("document.querySelector('.status .pill').focus()")
        edit = Outgoing(
            kind=Kind.STATUS,
            to=place("1"),
            text="80 %",
            progress=0.8,
            buttons=(button,),
            edit=message_id,
        )
        await scene.adapter.deliver(edit)
        await page.until("document.querySelector('progress')?.value === 0.8")
        assert await page.evaluate("document.activeElement.textContent") == "Stop it"
        await page.click(".status .pill")
        await page.until("document.getElementById('toast').innerText === 'Cancelled.'")
    assert [press.argument for press in scene.conversation.pressed] == ["job"]


async def test_the_page_comes_back_with_the_server(
    database: Database, tmp_path: Path, browser: str
) -> None:
    """A page left open says that the connection is lost, and catches up after a restart."""
    async with opened_page(browser) as page:
        async with studio(database, tmp_path) as scene:
            port = int(scene.address.rpartition(":")[2])
            await page.go(scene.address)
            await page.until(READY)
            await scene.send("before")
            await page.until("document.querySelector('.request')")
        await page.until("!document.getElementById('connection').hidden")
        async with studio(database, tmp_path, port=port) as scene:
            await scene.send("after")
            await page.until("document.getElementById('connection').hidden")
            await page.until(
                "[...document.querySelectorAll('.said')].map(e => e.innerText).join() === 'after'"
            )


async def test_the_password_is_asked_for(database: Database, tmp_path: Path, browser: str) -> None:
    """A wrong password is told on the login page, the right one opens the chat."""
    async with (
        studio(database, tmp_path, password="secret") as scene,
        opened_page(browser) as page,
    ):
        await page.go(scene.address)
        for guess in ("guess", "secret"):
            await page.type(guess)
            await page.press(*ENTER)
            if guess == "guess":
                await page.until(
                    "document.body?.innerText.includes('That is not the password.')"
                    " && document.readyState === 'complete'"
                )
        await page.until("document.getElementById('empty')?.hidden === false")
        await page.type("/draw a red apple")
        await page.press(*ENTER)
        await page.until("document.querySelector('.request')")
    assert len(scene.conversation.heard) == 1


async def test_on_a_phone_a_lost_connection_has_a_line_of_its_own(
    database: Database, tmp_path: Path, browser: str
) -> None:
    """The header neither breaks nor grows beyond the screen."""
    async with opened_page(browser, width=360, phone=True) as page:
        async with studio(database, tmp_path) as scene:
            await page.go(scene.address)
            await page.until(READY)
        await page.until("!document.getElementById('connection').hidden")
        height = "document.querySelector('.views').offsetHeight"
        assert await page.evaluate(height) < 48
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        top = "document.querySelector({!r}).getBoundingClientRect()"
        below = f"{top.format('#connection')}.top >= {top.format('.views')}.bottom"
        assert await page.evaluate(below)
