"""`chatelier check`, line by line (tests/test_cli.py runs all of it)."""

import asyncio
import os
import socket
from pathlib import Path
from types import SimpleNamespace

import aiohttp
import pytest
from aiohttp import web

from bot.check import findings
from bot.check.discord import check_discord, invite_link
from bot.check.finding import Finding, Level
from bot.check.machine import clock, disk, studio, token_files
from bot.check.proxies import proxy_findings
from bot.check.renderer import models, renderer_findings
from bot.check.telegram import check_telegram
from bot.config import Config, DiscordConfig, Secrets, StudioConfig, TelegramConfig, load
from bot.domain import Catalog, CheckpointInfo, ModelFile, Platform, UnusableFile
from bot.init.files import write_secret
from bot.settings import Chat
from bot.startup import only_copy
from tests.app_fixture import DISCORD_TOKEN, TELEGRAM_TOKEN, app_config
from tests.standins.discord import DiscordServer
from tests.standins.telegram import TelegramServer

GROUP = -1001234567890123


@pytest.fixture(autouse=True)
def short_listening(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger on this machine comes back at once, not within seconds."""
    monkeypatch.setattr("bot.check.telegram._LISTEN_S", 1)


def chat(chat_id: int = GROUP) -> Chat:
    return Chat(
        platform=Platform.TELEGRAM,
        chat_id=str(chat_id),
        title="Painters",
        approved=True,
        asked_at=0,
        told=True,
    )


async def telegram(
    server: TelegramServer, *chats: Chat, running: bool = False, token: str = TELEGRAM_TOKEN
) -> list[Finding]:
    config = app_config(telegram_base=server.base).telegram
    found, date = await check_telegram(config, token, chats, running=running)
    assert date is not None
    return found


def only(found: list[Finding], level: Level) -> str:
    (one,) = [f for f in found if f.level is level]
    return one.text


async def test_a_right_token_tells_the_account_and_its_privacy_mode() -> None:
    """And that nobody else receives its messages."""
    async with TelegramServer() as server:
        on = await telegram(server)
        server.hears_all = True
        off = await telegram(server)
    assert [f.level for f in on] == [Level.GOOD, Level.GOOD]
    assert on[0].text.startswith("@ChatelierBot; privacy mode is on")
    assert "privacy mode is off" in off[0].text
    assert "no other program" in on[1].text


async def test_a_wrong_token_is_told_with_what_to_do() -> None:
    """Without the token."""
    async with TelegramServer() as server:
        found = await telegram(server, token="1:wrong")
    text = only(found, Level.BAD)
    assert "@BotFather" in text
    assert "wrong" not in text


async def test_another_poller_is_found() -> None:
    """A program that holds a long poll is pushed aside by our question, and pushes us aside."""
    async with TelegramServer() as server, aiohttp.ClientSession() as session:

        async def stranger() -> None:
            while True:
                address = f"{server.base}/bot{TELEGRAM_TOKEN}/getUpdates?timeout=30"
                async with session.get(address) as answer:
                    await answer.read()

        polling = asyncio.create_task(stranger())
        await server.when(lambda: server._polls > 0)
        try:
            found = await telegram(server)
        finally:
            polling.cancel()
            await asyncio.gather(polling, return_exceptions=True)
    assert "another program receives" in only(found, Level.BAD)


async def test_a_bot_that_runs_here_is_not_pushed_aside() -> None:
    """Asking for updates would end its own long poll."""
    async with TelegramServer() as server:
        found = await telegram(server, running=True)
        assert "getUpdates" not in [call.method for call in server.heard]
    assert "this bot is running" in found[1].text


async def test_a_webhook_that_is_not_ours_is_told() -> None:
    """The next start replaces it."""
    async with TelegramServer() as server:
        server.webhook = {"url": "https://elsewhere.example"}
        found = await telegram(server)
    assert "https://elsewhere.example" in only(found, Level.WARNING)


async def test_a_channel_where_the_bot_may_not_post_is_named() -> None:
    """To be its administrator is not enough."""
    async with TelegramServer() as server:
        channel = server.group(GROUP, kind="channel")
        channel.statuses[server.bot["id"]] = "administrator"
        channel.bot_posts = False
        found = await telegram(server, chat())
        channel.bot_posts = True
        assert {f.level for f in await telegram(server, chat())} == {Level.GOOD}
    assert only(found, Level.BAD) == (
        "Painters: the bot may not post; an admin of the channel can let it"
    )


async def test_a_group_where_the_bot_may_not_send_photos_is_named() -> None:
    """Plain members may not, so neither may the bot; as an administrator it may."""
    async with TelegramServer() as server:
        group = server.group(GROUP)
        group.permissions = {"can_send_messages": True, "can_send_photos": False}
        found = await telegram(server, chat())
        group.statuses[server.bot["id"]] = "administrator"
        assert {f.level for f in await telegram(server, chat())} == {Level.GOOD}
        group.bot_inside = False
        gone = await telegram(server, chat())
    assert only(found, Level.BAD) == ("Painters: the bot may not send photos; an admin can let it")
    assert "no longer in this chat" in only(gone, Level.WARNING)


async def test_a_server_where_permissions_are_missing_is_named() -> None:
    """With the link that asks for them."""
    async with DiscordServer() as server:
        ann = server.user("ann")
        server.guild("Painters", ann)
        server.guild("Poets", ann).bot_permissions = (1 << 10) | (1 << 11) | (1 << 14) | (1 << 16)
        found, date = await check_discord(
            app_config(discord_base=server.api_base).discord, DISCORD_TOKEN
        )
    assert date is not None
    invitation = invite_link(server.me.id)
    assert found[0].text == f"chatelier, in 2 servers; the link that invites it: {invitation}"
    text = only(found, Level.BAD)
    assert text.startswith("Poets: the bot lacks Attach Files, Send Messages in Threads;")
    assert f"client_id={server.me.id}" in text


async def test_a_refused_discord_token_is_told_with_what_to_do() -> None:
    """Without the token."""
    async with DiscordServer() as server:
        found, _ = await check_discord(
            app_config(discord_base=server.api_base).discord, "wrong-token"
        )
    assert "developer portal" in only(found, Level.BAD)
    assert "wrong-token" not in found[0].text


async def test_a_page_instead_of_an_api_is_told() -> None:
    """A provider's notice, a server of its own that is something else."""

    async def page(_: web.Request) -> web.Response:
        return web.Response(text="<html>Welcome</html>", content_type="text/html")

    app = web.Application()
    app.router.add_get("/{rest:.*}", page)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    config = app_config(telegram_base=base, discord_base=base)
    try:
        first, _ = await check_telegram(config.telegram, "1:x", [], running=False)
        second, _ = await check_discord(config.discord, "x")
    finally:
        await runner.cleanup()
    for found in (first, second):
        assert "something else than its API" in only(found, Level.BAD)


@pytest.mark.parametrize("scheme", ["http", "socks5"])
async def test_a_proxy_that_is_down_is_named_without_its_password(scheme: str) -> None:
    """By a line of its own, and as the reason why the platform is not reached."""
    address = f"{scheme}://ann:secret@127.0.0.1:9"
    (line,) = await proxy_findings([address, address, ""])
    assert line.level is Level.BAD
    config = load(None, {"CHATELIER_TELEGRAM__PROXY": address}).telegram
    found, _ = await check_telegram(config, "1:x", [], running=False)
    why = "cannot be reached (Connection refused); start it, or change `proxy`"
    assert line.text == f"{scheme}://127.0.0.1:9 {why}"
    assert only(found, Level.BAD) == f"the proxy {scheme}://127.0.0.1:9 {why}"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"", "it closed the connection; look at the address, or look at the proxy"),
        (
            b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
            "does not let it through: 407 Proxy Authentication Required; look at its user",
        ),
    ],
)
async def test_a_proxy_that_refuses_is_told_as_the_reason(answer: bytes, said: str) -> None:
    """By the status it answers, or because it hangs up."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        proxy = f"http://127.0.0.1:{port}"
        config = load(None, {"CHATELIER_TELEGRAM__PROXY": proxy}).telegram
        found, _ = await check_telegram(config, "1:x", [], running=False)
    assert f"the proxy {proxy}" in only(found, Level.BAD)
    assert said in only(found, Level.BAD)


async def test_a_renderer_that_is_silent_is_told(tmp_path: Path) -> None:
    """With the setting that gives it longer."""
    config = load(None, {"CHATELIER_RENDER__LOAD_TIMEOUT_S": "0.01"})
    (found,) = [f async for f in renderer_findings(config, tmp_path)]
    assert found.level is Level.BAD
    assert "is not ready after 0.01 s" in found.text
    assert "[render] load_timeout_s" in found.text


async def test_a_proxy_that_answers_is_good() -> None:
    """Anything that listens there."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        (line,) = await proxy_findings([f"socks5://127.0.0.1:{port}"])
    assert line.level is Level.GOOD


@pytest.mark.parametrize(
    ("told", "level", "said"),
    [
        (1000.0, Level.GOOD, "agrees"),
        (900.0, Level.WARNING, "100 s ahead"),
        (1100.0, Level.WARNING, "100 s behind"),
        (1300.0, Level.WARNING, "5 min behind"),
        (1000.0 + 5 * 3600, Level.WARNING, "5 h behind"),
        (1000.0 + 9 * 365 * 86400, Level.WARNING, "3285 days behind"),
        (None, Level.INFO, "not compared"),
    ],
)
def test_the_clock_is_compared_with_the_platforms(
    told: float | None, level: Level, said: str
) -> None:
    """Half a minute is borne."""
    found = clock(told, 1000.0)
    assert found.level is level
    assert said in found.text


def test_a_data_folder_that_cannot_be_written_is_bad(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "data").write_text("a file")
    assert disk(Config(), tmp_path).level is Level.BAD


@pytest.mark.parametrize(
    ("mountpoint", "fstype", "opts", "level"),
    [
        ("", "nfs4", "rw", Level.WARNING),
        ("", "NTFS", "rw,remote", Level.WARNING),
        ("", "ext4", "rw", Level.GOOD),
        ("elsewhere", "nfs4", "rw", Level.GOOD),
    ],
)
def test_a_data_folder_on_another_machine_is_warned_of(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    mountpoint: str,
    fstype: str,
    opts: str,
    level: Level,
) -> None:
    """By the mount that it lies on; SQLite needs locks that such a disk does not keep."""
    table = [
        SimpleNamespace(mountpoint="/", fstype="ext4", opts="rw"),
        SimpleNamespace(mountpoint=str(tmp_path / mountpoint), fstype=fstype, opts=opts),
    ]
    monkeypatch.setattr("psutil.disk_partitions", lambda **_: table)
    found = disk(Config(), tmp_path)
    assert found.level is level
    if level is Level.WARNING:
        assert f"lies on a network file system ({fstype})" in found.text


def test_the_pages_port_is_tried(tmp_path: Path) -> None:
    """Taken by another program is bad; taken by this very bot is not."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        config = Config(studio=StudioConfig(port=taken.getsockname()[1]))
        found = studio(config, Secrets(), tmp_path)
        with only_copy(tmp_path / "data"):
            running = studio(config, Secrets(), tmp_path)
    assert found.level is Level.BAD
    assert "[studio] port" in found.text
    assert running.level is Level.GOOD
    assert studio(config, Secrets(), tmp_path).level is Level.GOOD
    tokened = studio(config, Secrets(telegram_token="1:x"), tmp_path)
    assert tokened.level is Level.INFO
    assert tokened.text.startswith("off, as a token is set")
    assert studio(Config(studio=StudioConfig(enabled="off")), Secrets(), tmp_path).text == (
        "off, as [studio] enabled says"
    )


@pytest.mark.skipif(os.name == "nt", reason="Windows' files have no such modes")
def test_a_token_file_open_to_others_is_warned_of(tmp_path: Path) -> None:
    """With the command that closes it; a file that is closed, or absent, is no matter."""
    file = tmp_path / "secrets" / "telegram-token"
    config = Config(
        telegram=TelegramConfig(token_file="secrets/telegram-token"),
        discord=DiscordConfig(token_file="secrets/absent"),
    )
    write_secret(file, "1:x")
    assert list(token_files(config, tmp_path)) == []
    file.chmod(0o644)
    (found,) = token_files(config, tmp_path)
    assert found.level is Level.WARNING
    assert "mode 644" in found.text
    assert f"chmod 600 {file}" in found.text


def test_models_are_told_with_family_and_hash_and_pickles_only_warned_of() -> None:
    """A LoRA for which there is no checkpoint is said to be one."""
    demo = CheckpointInfo(name="demo", sha256="d" * 64, family="SD 1.x", native_size=128, demo=True)
    real = CheckpointInfo(name="dream", sha256="a" * 64, family="SD 1.x", native_size=512)
    catalog = Catalog(
        checkpoints=(real, demo),
        default_checkpoint="dream",
        loras=(
            ModelFile(name="ink", sha256="b" * 64, family="SD 1.x", layers=4, fitting=4),
            ModelFile(name="xl", sha256="c" * 64, family="SDXL", layers=4, fitting=4),
        ),
        unusable=(UnusableFile(name="checkpoints/old.ckpt", reason="model-is-pickle"),),
    )
    lines = [str(f) for f in models(catalog, Path("models"))]
    assert lines[0] == "✓ model      dream (SD 1.x, aaaaaaaaaa), the default"
    assert lines[1].startswith("· model      demo")
    assert lines[2] == "✓ lora       ink (SD 1.x, bbbbbbbbbb, 4 of 4 layers fit)"
    assert "no checkpoint of that family" in lines[3]
    assert lines[4].startswith("! model      checkpoints/old.ckpt: ")
    assert "chatelier models convert" in lines[4]


async def test_a_device_that_does_not_exist_ends_the_check_with_a_sentence(
    tmp_path: Path,
) -> None:
    """`cuda:7` is a name, so only the render process knows; the other lines are there."""
    config = load(None, {"CHATELIER_RENDER__DEVICE": "cuda:7"})
    found = [f async for f in findings(config, Secrets(), tmp_path)]
    assert found[-1].topic == "renderer"
    assert 'device = "cuda:7"' in found[-1].text
    assert found[-1].level is Level.BAD


def test_a_models_folder_that_is_a_file_is_bad(tmp_path: Path) -> None:
    """Nothing put there could ever be found."""
    (tmp_path / "models").write_text("a file")
    found = [
        f for f in models(Catalog(checkpoints=()), tmp_path / "models") if f.level is Level.BAD
    ]
    assert [f.text for f in found] == [
        f"[render] models_dir: {tmp_path / 'models'} cannot be used: {tmp_path / 'models'} is a"
        " file; move it away, or name a folder"
    ]
    assert all(f.level is not Level.BAD for f in models(Catalog(checkpoints=()), tmp_path / "none"))
