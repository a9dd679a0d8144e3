"""The page in a real browser: used by hand, by keyboard, on a phone, in two languages."""

import base64
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.database import Database
from bot.domain import Answer, Button, Kind, Outgoing
from tests.browser.chromium import Page, find, launched, opened_page
from tests.studio_scene import Scene, drawn_picture, place, png, remember_drawn, studio

pytestmark = pytest.mark.skipif(
    find() is None, reason="no Chromium, Chrome or Edge on PATH (Debian: apt install chromium)"
)
READY = "document.readyState === 'complete' && !document.getElementById('empty').hidden"
ENTER = ("Enter", 13)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with launched(tmp_path_factory.mktemp("profile")) as address:
        yield address


@asynccontextmanager
async def opened(scene: Scene, browser: str, **emulated: object) -> AsyncIterator[Page]:
    """The page in a fresh browser; scripts must have had nothing to complain about."""
    async with opened_page(browser, **emulated) as page:
        await page.go(scene.address)
        await page.until(READY)
        yield page
        assert page.complaints == []


async def show_pictures(
    scene: Scene, database: Database, count: int = 1, **changes: object
) -> tuple[str, ...]:
    """Deliver a result as delivery does; the ids of its pictures."""
    job = await remember_drawn(scene, database, count=count)
    result = Outgoing(
        kind=Kind.RESULT,
        to=job.reply_to,
        job_id=job.id,
        text="a red apple\nseed 1 · 20 steps",
        pictures=tuple(drawn_picture(i) for i in range(count)),
        **changes,
    )
    return (await scene.adapter.deliver(result)).message_ids


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
        await page.evaluate("document.querySelector('.pill').focus()")
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
        await page.click(".pill")
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


WATCH = """(() => {
  window.bare = [];
  const look = () => {
    const shown = [...document.querySelectorAll('.result')].filter(e => e.checkVisibility());
    const status = document.querySelectorAll('.status').length;
    const loaded = shown.some(e => e.querySelector('img').complete);
    if (status + shown.length !== 1 || (shown.length && !loaded)) window.bare.push(status);
  };
  new MutationObserver(look).observe(document.getElementById('log'),
    {childList: true, subtree: true, attributes: true});
})()"""


async def test_the_picture_takes_the_place_of_its_status(
    database: Database, tmp_path: Path, browser: str
) -> None:
    """At no moment do both stand there, or neither, or an empty frame."""
    async with studio(database, tmp_path) as scene, opened(scene, browser) as page:
        job = await remember_drawn(scene, database)
        status = Outgoing(kind=Kind.STATUS, to=job.reply_to, job_id=job.id, text="100 %")
        (message_id,) = (await scene.adapter.deliver(status)).message_ids
        await page.until("document.querySelector('.status')")
        await page.evaluate(WATCH)
        result = Outgoing(
            kind=Kind.RESULT,
            to=job.reply_to,
            job_id=job.id,
            text="a red apple",
            pictures=(drawn_picture(0),),
            remove=message_id,
        )
        await scene.adapter.deliver(result)
        await page.until(f"!document.querySelector('.status') && {LOADED}")
        assert await page.evaluate("window.bare") == []


async def test_each_picture_names_its_seed(
    database: Database, tmp_path: Path, browser: str
) -> None:
    """Of several pictures each tells its own seed, to the eye and to a screen reader."""
    async with studio(database, tmp_path) as scene, opened(scene, browser) as page:
        await show_pictures(scene, database, count=2)
        await page.until("document.querySelectorAll('.result img').length === 2")
        seeds = "[...document.querySelectorAll('.seed')].map(e => e.innerText)"
        assert await page.evaluate(seeds) == ["Seed 0", "Seed 1"]
        alt = await page.evaluate("document.querySelectorAll('.result img')[1].alt")
        assert alt.endswith("Seed 1")


LOADED = "[...document.querySelectorAll('.result img')].every(i => i.naturalWidth === 64)"


async def test_a_picture_is_replied_to(database: Database, tmp_path: Path, browser: str) -> None:
    """The reply button puts the picture beside the text, and the message names that picture."""
    async with studio(database, tmp_path) as scene, opened(scene, browser) as page:
        ids = await show_pictures(scene, database, count=2)
        await page.until(f"document.querySelectorAll('.result img').length === 2 && {LOADED}")
        await page.click("figure:nth-child(2) figcaption button")
        await page.until("!document.getElementById('chip').hidden")
        await page.press("Escape", 27)
        await page.until("document.getElementById('chip').hidden")
        await page.click("figure:nth-child(2) figcaption button")
        await page.type("/draw a green apple")
        await page.press(*ENTER)
        await page.until("document.querySelector('.quoted img')?.naturalWidth === 64")
        assert await page.evaluate("document.getElementById('chip').hidden")
    (heard,) = scene.conversation.heard
    assert heard.replied_message_id == ids[1]


async def test_a_picture_is_enlarged_with_its_parameters(
    database: Database, tmp_path: Path, browser: str
) -> None:
    """A click shows the picture large with its infotext; a hidden one is revealed first."""
    is_open = "document.getElementById('lightbox').open"
    async with studio(database, tmp_path) as scene, opened(scene, browser) as page:
        await show_pictures(scene, database, spoiler=True)
        await page.until(f"document.querySelector('.spoiler img') && {LOADED}")
        await page.click(".picture")
        await page.until("!document.querySelector('.spoiler')")
        assert not await page.evaluate(is_open)
        await page.click(".picture")
        await page.until(is_open)
        assert await page.evaluate("document.activeElement.getAttribute('aria-label')") == "Close"
        shown = await page.evaluate("document.querySelector('#lightbox pre').innerText")
        assert shown == drawn_picture(0).infotext
        await page.press("Escape", 27)
        await page.until(f"!({is_open})")


async def test_the_hint_about_the_demo_is_given_once(
    database: Database, tmp_path: Path, browser: str
) -> None:
    """The demo model's first picture explains it; once dismissed it stays away."""
    async with studio(database, tmp_path) as scene, opened(scene, browser) as page:
        await show_pictures(scene, database, model_is_demo=True)
        await page.until("document.querySelector('.hint')")
        assert "models/checkpoints" in await page.evaluate(
            "document.querySelector('.hint').innerText"
        )
        await page.click(".hint button")
        await page.until("!document.querySelector('.hint')")
        await page.go(scene.address)
        await page.until(f"document.querySelector('.result img') && {LOADED}")
        assert not await page.evaluate("!!document.querySelector('.hint')")


@pytest.mark.parametrize("width", [320, 390])
async def test_a_phone_is_wide_enough(
    database: Database, tmp_path: Path, browser: str, width: int
) -> None:
    """Four pictures, a word without end and the menu fit on a phone without scrolling aside."""
    async with (
        studio(database, tmp_path) as scene,
        opened(scene, browser, width=width, height=700, phone=True) as page,
    ):
        await show_pictures(scene, database, count=4, model_is_demo=True)
        await scene.send("/draw " + "x" * 500)
        await page.until("document.querySelector('.request')")
        await page.until(f"document.querySelectorAll('.result img').length === 4 && {LOADED}")
        await page.evaluate("document.getElementById('text').focus()")
        await page.type("/")
        outside = await page.evaluate(
            "[...document.querySelectorAll('body *')].filter(e => e.checkVisibility()"
            " && e.getBoundingClientRect().right > innerWidth + 0.5).map(e => e.className)"
        )
        assert outside == []
        assert await page.evaluate("document.documentElement.scrollWidth") == width


async def test_everything_has_a_name(database: Database, tmp_path: Path, browser: str) -> None:
    """Whatever can be pressed, read as a picture or filled in has a name for a screen reader."""
    async with studio(database, tmp_path) as scene, opened(scene, browser) as page:
        await show_pictures(scene, database, model_is_demo=True)
        status = Outgoing(kind=Kind.STATUS, to=place("1"), text="50 %", progress=0.5)
        await scene.adapter.deliver(status)
        await page.until(f"document.querySelector('progress') && {LOADED}")
        nodes = (await page.call("Accessibility.getFullAXTree"))["nodes"]
        roles = {"button", "link", "textbox", "image", "progressbar", "list", "dialog"}
        named = [
            (node["role"]["value"], node.get("name", {}).get("value", ""))
            for node in nodes
            if not node["ignored"] and node["role"]["value"] in roles
        ]
        assert {"button", "link", "textbox", "image", "progressbar"} <= {role for role, _ in named}
        assert [role for role, name in named if not name] == []


@pytest.mark.parametrize("dark", [False, True])
async def test_words_stand_out_from_their_ground(
    database: Database, tmp_path: Path, browser: str, dark: bool
) -> None:
    """Text has a contrast of at least 4.5 to 1 (WCAG 2.2 AA), light and dark."""
    async with studio(database, tmp_path) as scene, opened(scene, browser, dark=dark) as page:
        await scene.send("/draw a red apple")
        await show_pictures(scene, database, model_is_demo=True)
        status = Outgoing(kind=Kind.STATUS, to=place("1"), text="50 %", progress=0.5)
        await scene.adapter.deliver(status)
        await page.until(f"document.querySelector('progress') && {LOADED}")
        await page.evaluate(
            "Promise.all(document.getAnimations().map(a => a.finished.catch(() => 0)))"
        )
        assert await page.evaluate(TOO_FAINT) == []


TOO_FAINT = """(() => {
  const numbers = c => c.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = e => {
    for (; e; e = e.parentElement) {
      const c = numbers(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || c[3] === 1) return c;
    }
  };
  return [...document.querySelectorAll('p, button, a, h1, h3, .command')]
    .filter(e => e.checkVisibility() && e.innerText.trim())
    .filter(e => {
      const [a, b] = [light(numbers(getComputedStyle(e).color)), light(ground(e))];
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5;
    })
    .map(e => e.className + ': ' + e.innerText);
})()"""
