"""Who may use the studio: this machine's own page, and whoever knows the password."""

import asyncio
from pathlib import Path

import aiohttp
import pytest

from bot.adapters.studio.auth import FREE_GUESSES, LONGEST_PAUSE_S, SESSION_S, Sessions, Throttle
from bot.adapters.studio.guard import check_exposure, is_loopback
from bot.database import Database
from bot.errors import ConfigError
from tests.studio_scene import Scene, studio

EVERY = ("/", "/login", "/healthz", "/api/words", "/api/events", "/static/main.js")


async def refused(scene: Scene, method: str, path: str, **headers: str) -> bool:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with scene.http.request(method, scene.address + path, headers=named) as answer:
        return answer.status == 403


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.168.1.5", "studio.example.org"])
def test_other_machines_need_a_password(host: str) -> None:
    """Bound beyond loopback, the studio needs a password; the sentence says how to set one."""
    with pytest.raises(ConfigError, match=r"\[studio\] host.*CHATELIER_STUDIO_PASSWORD"):
        check_exposure(host, "")
    check_exposure(host, "secret")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "localhost", "LOCALHOST.", "::1"])
def test_loopback_needs_no_password(host: str) -> None:
    """What can only be this machine is open."""
    assert is_loopback(host)
    check_exposure(host, "")


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "192.168.1.5", "[x", ""]
)
async def test_foreign_names_are_refused(database: Database, tmp_path: Path, host: str) -> None:
    """A name that was made to point here (DNS rebinding) opens nothing, whatever is asked."""
    async with studio(database, tmp_path) as scene:
        for path in EVERY:
            assert await refused(scene, "GET", path, Host=host)
        assert await refused(scene, "POST", "/api/messages", Host=host)


async def test_own_names_are_taken(database: Database, tmp_path: Path) -> None:
    """Every loopback name opens the page."""
    async with studio(database, tmp_path) as scene:
        for host in ("localhost:7860", "127.0.0.1", "[::1]:7860", "studio.localhost"):
            assert not await refused(scene, "GET", "/", Host=host)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://[x"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"},
    ],
)
async def test_other_sites_are_refused(
    database: Database, tmp_path: Path, headers: dict[str, str]
) -> None:
    """A page of another site can neither send nor listen."""
    async with studio(database, tmp_path, password="secret") as scene:
        for path in ("/api/messages", "/api/press", "/login"):
            assert await refused(scene, "POST", path, **headers)
        assert await refused(scene, "GET", "/api/events", **headers)
    assert scene.conversation.heard == []


async def test_the_own_page_is_heard(database: Database, tmp_path: Path) -> None:
    """The page's own requests pass, and so does a link from elsewhere that opens it."""
    async with studio(database, tmp_path) as scene:
        own = {"Origin": scene.address, "Sec_Fetch_Site": "same-origin"}
        assert not await refused(scene, "POST", "/api/messages", **own)
        link = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}
        assert not await refused(scene, "GET", "/", **link)
        image = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "no-cors"}
        assert await refused(scene, "GET", "/api/pictures/job/0.png", **image)


async def test_every_answer_is_sealed(database: Database, tmp_path: Path) -> None:
    """No answer lets a browser load from elsewhere, run inline script, or be framed."""
    async with studio(database, tmp_path) as scene:
        for path in (*EVERY, "/nowhere", "/static/nowhere.js"):
            async with scene.http.get(scene.address + path) as answer:
                policy = answer.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy
                assert "unsafe" not in policy
                assert "frame-ancestors 'none'" in policy
                assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def log_in(scene: Scene, guess: str) -> aiohttp.ClientResponse:
    return await scene.http.post(
        f"{scene.address}/login", data={"password": guess}, allow_redirects=False
    )


async def test_the_password_opens_the_studio(database: Database, tmp_path: Path) -> None:
    """Without it there is only the login page; with it everything, by a cookie no script reads."""
    async with studio(database, tmp_path, password="päss") as scene:
        page = await scene.http.get(f"{scene.address}/")
        assert page.url.path == "/login"
        assert "Password" in await page.text()
        pictures = ("/api/gallery", "/api/pictures/job/0.png", "/api/thumbnails/job/0.webp")
        for path in ("/api/words", "/api/events", *pictures):
            assert (await scene.http.get(scene.address + path)).status == 401
        assert (await scene.http.post(f"{scene.address}/api/messages")).status == 401
        for path in ("/healthz", "/static/style.css"):
            assert (await scene.http.get(scene.address + path)).status == 200

        answer = await log_in(scene, "päss")
        assert (answer.status, answer.headers["Location"]) == (303, "/")
        cookie = answer.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert (await scene.http.get(f"{scene.address}/")).url.path == "/"
        await scene.send("/draw a red apple")
    assert len(scene.conversation.heard) == 1


async def test_wrong_guesses_are_slowed_down(database: Database, tmp_path: Path) -> None:
    """A wrong password is told; after a few, even the right one has to wait."""
    async with studio(database, tmp_path, password="secret") as scene:
        for _ in range(FREE_GUESSES):
            answer = await log_in(scene, "guess")
            assert answer.status == 401
            assert "That is not the password." in await answer.text()
        answer = await log_in(scene, "secret")
        assert answer.status == 429
        assert "Too many wrong guesses. Please wait" in await answer.text()
        assert (await scene.http.get(f"{scene.address}/api/words")).status == 401


async def test_guesses_at_once_are_slowed_down_too(database: Database, tmp_path: Path) -> None:
    """Sending many guesses together tries no more of them than one after another."""
    async with studio(database, tmp_path, password="secret") as scene:
        answers = await asyncio.gather(*(log_in(scene, "guess") for _ in range(20)))
        assert [answer.status for answer in answers].count(401) == FREE_GUESSES


def test_pauses_double_and_end() -> None:
    """Each further wrong guess doubles the pause of its address, up to a bound."""
    now = 0.0
    throttle = Throttle(lambda: now)
    for _ in range(FREE_GUESSES - 1):
        throttle.wrong("192.0.2.1")
    assert throttle.wait_s("192.0.2.1") == 0
    waits = []
    for _ in range(12):
        throttle.wrong("192.0.2.1")
        waits.append(throttle.wait_s("192.0.2.1"))
        now += waits[-1]
        assert throttle.wait_s("192.0.2.1") == 0
    assert waits[:4] == [1, 2, 4, 8]
    assert waits[-1] == LONGEST_PAUSE_S
    assert throttle.wait_s("192.0.2.2") == 0


def test_a_household_guesses_as_one() -> None:
    """The addresses of one IPv6 network share their guesses, and the right password ends it."""
    throttle = Throttle(lambda: 0.0)
    for host in range(FREE_GUESSES):
        throttle.wrong(f"2001:db8::{host:x}")
    assert throttle.wait_s("2001:db8::ffff") == 1
    assert throttle.wait_s("2001:db8:0:1::1") == 0
    throttle.right("2001:db8::1")
    assert throttle.wait_s("2001:db8::ffff") == 0


def test_guessers_do_not_fill_the_memory() -> None:
    """Only so many addresses are remembered; the oldest go first."""
    throttle = Throttle(lambda: 0.0)
    for _ in range(FREE_GUESSES):
        throttle.wrong("192.0.2.1")
    for n in range(1000):
        throttle.wrong(f"name-{n}")
    assert throttle.wait_s("192.0.2.1") == 0


def test_sessions_end() -> None:
    """A cookie works for its time, an unknown one never."""
    now = 0.0
    sessions = Sessions("secret", lambda: now)
    token = sessions.log_in("secret", "192.0.2.1")
    assert token is not None
    assert sessions.admits(token)
    assert not sessions.admits("")
    assert not sessions.admits("x" * len(token))
    now = SESSION_S + 1.0
    assert not sessions.admits(token)
