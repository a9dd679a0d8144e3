"""`chatelier top`: how the running bot is doing, in the terminal, from its /metrics."""

import asyncio
import time
from collections import deque

import aiohttp
from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text
from yarl import URL

from bot.config import MetricsConfig
from bot.errors import ConfigError
from bot.watching.reading import Reading

LOOK_S = 1.0
_MEMORY = 60
"""Rates are told over the last so many looks."""
_TIMEOUT = aiohttp.ClientTimeout(total=5)


async def top(config: MetricsConfig, *, once: bool, console: Console | None = None) -> int:
    """Show it until Ctrl-C, or `once`; the exit code. What is no terminal is shown it once, too.

    Raises:
        ConfigError: no bot answers.
    """
    console = console or Console()
    if not config.enabled:
        raise ConfigError("[metrics] enabled = false: the bot tells no figures; set it to true")
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(config.host, config.host)  # noqa: S104 - theirs
    address = URL.build(scheme="http", host=host, port=config.port, path="/metrics")
    seen: deque[Reading] = deque(maxlen=_MEMORY)
    async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
        seen.append(await _look(session, address))
        if once or not console.is_terminal:
            console.print(view(seen[-1], seen[0]))
            return 0
        with Live(view(seen[-1], seen[0]), console=console, screen=True) as live:
            while True:
                await asyncio.sleep(LOOK_S)
                try:
                    seen.append(await _look(session, address))
                except ConfigError as error:  # it may be about to start again
                    live.update(Panel(str(error)))
                else:
                    live.update(view(seen[-1], seen[0]))


async def _look(session: aiohttp.ClientSession, address: URL) -> Reading:
    try:
        async with session.get(address, raise_for_status=True) as answer:
            reading = Reading(await answer.text(), time.monotonic())
        if reading.text("chatelier_info", "version"):
            return reading
        why = "what listens there is no bot"
    except aiohttp.ClientConnectorError:
        why = "nothing listens there"
    except TimeoutError:
        why = f"not within {_TIMEOUT.total:.0f} s"
    except (aiohttp.ClientError, OSError, ValueError):
        why = "what listens there is no bot"
    raise ConfigError(
        f"no bot answers at {address} ({why}); start it, or look at [metrics] in the config.toml"
        " that it was started with"
    )


def view(now: Reading, before: Reading) -> Panel:
    """One screen. `before`: an older reading, for rates."""
    title = f"Chatelier {now.text('chatelier_info', 'version')}"
    device = now.text("chatelier_info", "device")
    state = "ready" if now.value("chatelier_renderer_up") else "not ready"
    return Panel(
        Group(Text(f"{device}  ·  {state}"), Text(), _work(now, before), Text(), _calls(now)),
        title=title,
        title_align="left",
    )


def _work(now: Reading, before: Reading) -> Table:
    rows = (
        ("waiting", f"{now.value('chatelier_jobs_waiting'):.0f} jobs, "
                    f"{now.value('chatelier_line_seconds'):.0f} s"),
        ("drawing", f"{now.value('chatelier_jobs_drawing'):.0f} jobs"),
        ("on the way", f"{now.value('chatelier_deliveries_pending'):.0f} results"),
        ("pictures", f"{now.value('chatelier_pictures_total'):.0f}, "
                     f"{60 * now.rate('chatelier_pictures_total', before):.1f} a minute"),
        ("batch", f"{_batch(now, before):.1f} rows a call"),
        ("wait, mean", f"{now.mean('chatelier_wait_seconds'):.1f} s"),
        ("drawing, mean", f"{now.mean('chatelier_draw_seconds'):.1f} s"),
        ("refused", _counts(now.by("chatelier_requests_refused_total", "reason"))),
        ("ended", _counts(now.by("chatelier_jobs_ended_total", "outcome"))),
        ("bot", _megabytes(now.value("chatelier_bot_memory_bytes"))),
        ("render process", _megabytes(now.value("chatelier_renderer_memory_bytes"))),
        ("graphics memory", _card(now)),
    )  # fmt: skip
    table = Table.grid(padding=(0, 2))
    for name, value in rows:
        table.add_row(Text(name, style="bold"), value)
    return table


def _calls(now: Reading) -> Table:
    table = Table("platform", "calls", "limited", "failed", "delivered", "retried", box=None)
    calls = now.by("chatelier_api_calls_total", "platform")
    for platform in calls:
        limited = now.value("chatelier_api_calls_total", platform=platform, status="429")
        failed = now.value("chatelier_api_calls_total", platform=platform, status="0")
        sent = now.value("chatelier_deliveries_total", platform=platform, outcome="delivered")
        retried = now.value("chatelier_delivery_retries_total", platform=platform)
        counts = (calls[platform], limited, failed, sent, retried)
        table.add_row(platform, *(f"{count:.0f}" for count in counts))
    return table


def _batch(now: Reading, before: Reading) -> float:
    calls = now.rate("chatelier_unet_calls_total", before)
    return now.rate("chatelier_unet_rows_total", before) / calls if calls else 0.0


def _counts(values: dict[str, float]) -> str:
    return ", ".join(f"{name} {count:.0f}" for name, count in sorted(values.items())) or "–"


def _megabytes(size: float) -> str:
    return f"{size / 1e6:.0f} MB"


def _card(now: Reading) -> str:
    total = now.value("chatelier_device_total_bytes")
    if not total:
        return "none"
    free = now.value("chatelier_device_free_bytes")
    return f"{(total - free) / 1e9:.1f} of {total / 1e9:.1f} GB used"
