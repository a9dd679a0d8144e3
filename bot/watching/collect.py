"""Figures that are looked up at the moment they are asked for."""

from collections.abc import Iterator

import psutil
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric

from bot import __version__
from bot.app import App


class Collector:
    """A collector as prometheus_client wants it."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._own = psutil.Process()

    def collect(self) -> Iterator[Metric]:
        """All of them."""
        yield InfoMetricFamily(
            "chatelier", "What runs.", {"version": __version__, "device": self._device}
        )
        for name, about, value in (*self._line(), *self._renderer(), *self._memory()):
            yield GaugeMetricFamily(name, about, value)
        yield CounterMetricFamily(
            "chatelier_renderer_deaths",
            "Render processes that ended without being told to.",
            self._app.renderer.deaths,
        )
        figures = self._app.renderer.figures
        yield CounterMetricFamily(
            "chatelier_unet_calls", "UNet calls of the render process.", figures.calls
        )
        yield CounterMetricFamily(
            "chatelier_unet_rows", "Rows in all UNet calls; by the calls: the batch.", figures.rows
        )

    @property
    def _device(self) -> str:
        return self._app.renderer.state.device

    def _line(self) -> Iterator[tuple[str, str, float]]:
        app = self._app
        waiting = len(app.queue)
        yield "chatelier_jobs_waiting", "Jobs in line.", waiting
        yield "chatelier_jobs_drawing", "Jobs being drawn.", len(app.worker.drawing)
        yield "chatelier_deliveries_pending", "Ends not in their chats yet.", app.delivery.pending
        wait = app.pace.seconds(app.queue.work)
        yield "chatelier_line_seconds", "Predicted time until the line is empty.", wait
        pace = app.pace.seconds_per_credit
        yield "chatelier_seconds_per_credit", "Measured: a credit is 512×512, 20 steps.", pace

    def _renderer(self) -> Iterator[tuple[str, str, float]]:
        renderer = self._app.renderer
        up = float(renderer.state.phase.value == "ready")
        yield "chatelier_renderer_up", "Whether the render process takes orders.", up
        yield "chatelier_checkpoints", "Checkpoints on offer.", len(renderer.catalog.checkpoints)
        unusable = len(renderer.catalog.unusable)
        yield "chatelier_files_unusable", "Files in the models folder of no use.", unusable

    def _memory(self) -> Iterator[tuple[str, str, float]]:
        renderer, figures = self._app.renderer, self._app.renderer.figures
        own = self._own.memory_info().rss
        yield "chatelier_bot_memory_bytes", "Main memory of the bot process.", own
        taken = renderer.memory_bytes
        yield "chatelier_renderer_memory_bytes", "Main memory of the render process.", taken
        free, total = figures.device_free, figures.device_total
        yield "chatelier_device_free_bytes", "Free graphics memory; 0 without a card.", free
        yield "chatelier_device_total_bytes", "All graphics memory; 0 without a card.", total
