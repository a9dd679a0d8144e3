"""How the running bot is watched: metrics, health, `chatelier top`, and what is made of them."""

import asyncio
import errno
import io
import json
import logging
import os
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml
from aiohttp import web
from aiohttp.test_utils import TestServer
from rich.console import Console

from bot.app import App, open_app
from bot.config import MetricsConfig, Secrets
from bot.errors import ConfigError, StoreError
from bot.logs import JsonLines, Redact, _note_job
from bot.top import top, view
from bot.watching.reading import Reading
from bot.watching.server import health_of, watched
from tests.app_fixture import app_config, running_app
from tests.standins.telegram import TelegramServer
from tests.standins.telegram_scene import ANN
from tests.standins.telegram_world import is_status

MONITORING = Path(__file__).parent.parent / "monitoring"
ANY_PORT = MetricsConfig(port=0)


async def asked(address: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(address) as answer:
        return answer.status, await answer.text()


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[App]:
    async with open_app(app_config(), Secrets(), folder) as app:
        yield app


@contextmanager
def logged() -> Iterator[tuple[list[dict[str, Any]], list[str]]]:
    """What the bot logs, as `[log] format` writes it as "json" and as "text"; filled at the end of
    the block."""
    written: dict[logging.Handler, io.StringIO] = {}
    for form in (JsonLines(()), Redact(())):
        handler = logging.StreamHandler(out := io.StringIO())
        handler.setFormatter(form)
        handler.addFilter(_note_job)
        written[handler] = out
    root, entries, lines = logging.getLogger(), list[dict[str, Any]](), list[str]()
    before = root.level
    for handler in written:
        root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield entries, lines
    finally:
        for handler in written:
            root.removeHandler(handler)
        root.setLevel(before)
        as_json, as_text = (out.getvalue().splitlines() for out in written.values())
        entries += map(json.loads, as_json)
        lines += as_text


@pytest.mark.timeout(300)
async def test_one_job_can_be_followed_from_command_to_delivery(tmp_path: Path) -> None:
    """By its id in the log; and the figures count it once at each station."""
    with logged() as (entries, lines):
        async with TelegramServer() as server:
            group = server.group()
            async with (
                running_app(tmp_path, telegram_base=server.base) as app,
                watched(app, ANY_PORT) as address,
            ):
                before = Reading((await asked(address + "/metrics"))[1], 0.0)
                await server.say(group, ANN, "/draw a red apple --steps 2 --size 64x64")
                await server.when(
                    lambda: any("photo" in m and not is_status(m) for m in group.messages.values()),
                    200,
                )
                await server.say(group, ANN, "/draw a red apple --stepz 2")
                await server.next(
                    lambda c: c.method == "sendMessage" and "--step" in c.p["text"], 60
                )
                after = Reading((await asked(address + "/metrics"))[1], 10.0)
                health = await asked(address + "/healthz")
    (job,) = {e["job"] for e in entries if "accepted from" in e["message"]}
    stations = [e["message"].split(": ", 1)[1] for e in entries if e.get("job") == job]
    wanted = [f"accepted from telegram:{ANN.id}", "begun after", "drawn in", "delivered to"]
    assert [next(w for w in wanted if s.startswith(w)) for s in stations] == wanted
    told = [line for line in lines if job in line]  # as `grep` finds them
    assert [next(w for w in wanted if f": {w}" in line) for line in told] == wanted
    assert not any("apple" in line for line in lines)
    for name, labels in (
        ("chatelier_requests_accepted_total", {"platform": "telegram"}),
        ("chatelier_requests_refused_total", {"reason": "BadCommand"}),
        ("chatelier_wait_seconds_count", {}),
        ("chatelier_jobs_ended_total", {"outcome": "drawn"}),
        ("chatelier_pictures_total", {"fate": "shown"}),
        ("chatelier_deliveries_total", {"platform": "telegram", "outcome": "delivered"}),
    ):
        assert after.value(name, **labels) - before.value(name, **labels) == 1, name
    assert after.value("chatelier_unet_calls_total") >= 2
    assert after.rate("chatelier_api_calls_total", before, platform="telegram", status="200") > 0
    assert after.value("chatelier_renderer_memory_bytes") > 50e6
    assert after.text("chatelier_info", "device").startswith("CPU")
    assert health[0] == 200
    assert json.loads(health[1])["renderer"] == "ready"


def all_names(text: str) -> set[str]:
    """Sample names as Prometheus will know them."""
    return {line.split(" ")[0].split("{")[0] for line in text.splitlines() if line[:1] != "#"}


async def test_every_figure_on_dashboard_and_in_alerts_exists(tmp_path: Path) -> None:
    """A name that is misspelt would show an empty panel, or never warn."""
    async with opened(tmp_path) as app, watched(app, ANY_PORT) as address:
        _, text = await asked(address + "/metrics")
    declared = set(re.findall(r"^# TYPE (\S+) ", text, re.MULTILINE))
    known = all_names(text) | declared | {f"{name}_bucket" for name in declared}
    dashboard = json.loads((MONITORING / "grafana-dashboard.json").read_text("utf-8"))
    rules = yaml.safe_load((MONITORING / "alerts.yml").read_text("utf-8"))
    shown = [t["expr"] for panel in dashboard["panels"] for t in panel["targets"]]
    warned = [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    assert len(shown) > 15
    assert len(warned) > 5
    for expression in (*shown, *warned):
        names = set(re.findall(r"chatelier_\w+", expression))
        assert names or expression.startswith("up{")
        assert names <= known, expression
    used = set(re.findall(r"chatelier_\w+", " ".join(shown)))
    assert {re.sub("_(bucket|count|sum)$", "", name) for name in used} >= declared - {
        "chatelier_info"
    }
    assert all({"summary", "action"} <= set(r["annotations"]) for r in rules["groups"][0]["rules"])


def test_prometheus_is_pointed_at_the_default_port() -> None:
    """The example works beside an unchanged config.toml."""
    config = yaml.safe_load((MONITORING / "prometheus.yml").read_text("utf-8"))
    default = MetricsConfig()
    (job,) = config["scrape_configs"]
    assert job["job_name"] == "chatelier"
    assert job["static_configs"][0]["targets"] == [f"{default.host}:{default.port}"]


async def test_no_figure_tells_of_members_or_words(tmp_path: Path) -> None:
    """Labels have few values, all of them ours."""
    async with opened(tmp_path) as app, watched(app, ANY_PORT) as address:
        _, text = await asked(address + "/metrics")
    labels = set(re.findall(r"[{,](\w+)=", text))
    allowed = {"platform", "reason", "outcome", "fate", "status", "le", "version", "device"}
    assert labels <= allowed


async def test_a_taken_port_is_logged_and_the_bot_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Figures are no reason not to draw."""
    async with opened(tmp_path) as app, watched(app, ANY_PORT) as first:
        taken = MetricsConfig(port=int(first.rpartition(":")[2]))
        async with watched(app, taken) as second:
            assert second == ""
    assert f"cannot be used ({os.strerror(errno.EADDRINUSE)});" in caplog.text
    assert "[metrics] port" in caplog.text


async def test_metrics_can_be_switched_off(tmp_path: Path) -> None:
    """Nothing listens then."""
    async with opened(tmp_path) as app, watched(app, MetricsConfig(enabled=False)) as address:
        assert address == ""


async def test_an_ill_database_is_ill_health(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a container's health check sees: 503."""

    async def broken(_: str) -> str | None:
        raise StoreError("disk I/O error")

    async with opened(tmp_path) as app, watched(app, ANY_PORT) as address:
        assert (await health_of(app))["healthy"] is True
        monkeypatch.setattr(app.settings, "fact", broken)
        status, text = await asked(address + "/healthz")
        monkeypatch.undo()
    assert status == 503
    assert json.loads(text)["store"] == "ailing"


def screen(now: Reading, before: Reading) -> str:
    console = Console(width=100, record=True, file=io.StringIO())
    console.print(view(now, before))
    return console.export_text()


async def test_top_shows_the_figures(tmp_path: Path) -> None:
    """One look at a bot that runs, and rates between two."""
    console = Console(width=100, record=True, file=io.StringIO())
    async with opened(tmp_path) as app, watched(app, ANY_PORT) as address:
        port = int(address.rpartition(":")[2])
        assert await top(MetricsConfig(port=port), once=True, console=console) == 0
    assert "waiting" in console.export_text()
    before = Reading('chatelier_pictures_total{fate="shown"} 10\n', 0.0)
    text = (
        'chatelier_pictures_total{fate="shown"} 20\n'
        'chatelier_api_calls_total{platform="telegram",status="429"} 3\n'
        "chatelier_device_total_bytes 8e9\nchatelier_device_free_bytes 2e9\n"
    )
    shown = screen(Reading(text, 60.0), before)
    assert re.search(r"pictures +20, 10\.0 a minute", shown)
    assert re.search(r"telegram +3 +3 +0", shown)
    assert "6.0 of 8.0 GB used" in shown


async def test_top_shows_a_pipe_one_look(tmp_path: Path) -> None:
    """What is no terminal cannot be painted over: `chatelier top | cat` ends by itself."""
    console = Console(width=100, record=True, file=io.StringIO())
    async with opened(tmp_path) as app, watched(app, ANY_PORT) as address:
        port = int(address.rpartition(":")[2])
        config = MetricsConfig(port=port, host="0.0.0.0")
        assert await top(config, once=False, console=console) == 0
    assert "waiting" in console.export_text()


async def test_top_goes_on_when_the_bot_is_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Meanwhile it says that none answers."""
    monkeypatch.setattr("bot.top.LOOK_S", 0.01)
    screen = Screen()
    console = Console(width=200, file=screen, force_terminal=True)
    async with opened(tmp_path) as app:
        async with watched(app, ANY_PORT) as address:
            config = MetricsConfig(port=int(address.rpartition(":")[2]))
            looking = asyncio.create_task(top(config, once=False, console=console))
            await screen.shows("waiting")
        await screen.shows("nothing listens there")
        async with watched(app, config):
            await screen.shows("waiting")
        looking.cancel()
        await asyncio.wait([looking])


class Screen(io.StringIO):
    """A terminal that tells when something is painted on it, from whatever thread."""

    def __init__(self) -> None:
        super().__init__()
        self._loop, self._painted = asyncio.get_running_loop(), asyncio.Event()
        self._seen = 0

    def write(self, text: str) -> int:
        written = super().write(text)
        self._loop.call_soon_threadsafe(self._painted.set)
        return written

    async def shows(self, words: str) -> None:
        """Until they are painted behind what was waited for last."""
        async with asyncio.timeout(20):
            while words not in self.getvalue()[self._seen :]:
                self._painted.clear()
                await self._painted.wait()
        self._seen = len(self.getvalue())


async def test_top_without_a_bot_is_a_sentence() -> None:
    """Where it looked, what was there, and what to do."""
    sentence = r"no bot answers at http://127\.0\.0\.1:9/metrics \(nothing listens there\); start"
    with pytest.raises(ConfigError, match=sentence):
        await top(MetricsConfig(port=9), once=True)
    with pytest.raises(ConfigError, match=r"\[metrics\] enabled = false"):
        await top(MetricsConfig(enabled=False), once=True)


async def test_top_knows_a_bot_from_another_program() -> None:
    """One that answers something else, or with an error."""
    for status in (200, 404):

        async def page(_: web.Request, status: int = status) -> web.Response:
            return web.Response(text="<html>hello</html>", status=status)

        other = web.Application()
        other.router.add_get("/metrics", page)
        async with TestServer(other) as server:
            with pytest.raises(ConfigError, match="what listens there is no bot"):
                await top(MetricsConfig(port=server.port or 0), once=True)


def test_rates_survive_a_restart_of_the_bot() -> None:
    """Counters begin anew then: nothing is shown rather than less than nothing."""
    before, after = Reading("x_total 100\n", 0.0), Reading("x_total 5\n", 10.0)
    assert after.rate("x_total", before) == 0
    assert after.rate("x_total", after) == 0
