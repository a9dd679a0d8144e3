"""`/admin status`: queue, device, memory, model, today's credits."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass

from bot.admin.pauses import state
from bot.domain import Catalog
from bot.job_queue import Pace
from bot.phrase import Phrase, phrase
from bot.preferences import Pause, PreferenceStore
from bot.quota.price import as_credits
from bot.quota.tally import HourOfCredits, Tally
from bot.replies.amounts import credit_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How the bot is, as numbers. Amounts are millicredits."""

    at: float
    """Seconds since 1970."""
    timezone: str
    chat: str | None = None
    """Of one chat; None: of all."""
    waiting: int = 0
    drawing: int = 0
    wait_s: float = 0.0
    """At most, until what waits now is drawn."""
    seconds_per_credit: float = 0.0
    pause: Pause | None = None
    chat_pause: Pause | None = None
    renderer: str = ""
    """`starting`, `ready`, `restarting`; `elsewhere` where another process is the running bot;
    "" where none runs."""
    device: str = ""
    memory_bytes: int = 0
    """What the render process takes of the main memory; 0: not known."""
    fitting: str = ""
    """How the model is fitted into the device's memory, as the renderer says."""
    model: str = ""
    """The default one."""
    models: int = 0
    hours: tuple[HourOfCredits, ...] = ()
    """Today, from its first hour to its last."""

    @property
    def used(self) -> int:
        """Today's sum."""
        return sum(hour.used for hour in self.hours)

    @property
    def given_back(self) -> int:
        """Of today's reservations."""
        return sum(hour.given_back for hour in self.hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """What only a running bot knows."""

    renderer: str = ""
    memory_bytes: int = 0


class StatusDesk:
    """Collects it."""

    def __init__(
        self,
        *,
        store: PreferenceStore,
        tally: Tally,
        timezone: str,
        catalog: Callable[[], Catalog],
        pace: Pace,
        engine: Callable[[], Engine],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._tally = tally
        self._timezone = timezone
        self._catalog = catalog
        self._pace = pace
        self._engine = engine
        self._clock = clock

    async def of(self, chat: str | None) -> Status:
        """Now. `chat`: with that chat's credits and pause; None: with everybody's."""
        now, engine, catalog = self._clock(), self._engine(), self._catalog()
        held = await self._store.of(chat or "", "")
        line = await self._tally.line()
        return Status(
            at=now,
            timezone=self._timezone,
            chat=chat,
            waiting=line.waiting,
            drawing=line.drawing,
            wait_s=self._pace.seconds(line.work),
            seconds_per_credit=self._pace.seconds_per_credit,
            pause=held.pause,
            chat_pause=held.chat_pause if chat else None,
            renderer=engine.renderer,
            device=catalog.device,
            memory_bytes=engine.memory_bytes,
            fitting=catalog.memory,
            model=catalog.default_checkpoint,
            models=len(catalog.checkpoints),
            hours=await self._tally.hours(now, chat),
        )


def worded(status: Status) -> tuple[Phrase, ...]:
    """The status as text."""
    lines = [
        phrase(
            "admin-status-queue",
            waiting=status.waiting,
            drawing=status.drawing,
            wait=status.wait_s,
            pace=f"{status.seconds_per_credit:.1f}",
        ),
        phrase(
            "admin-status-renderer",
            state=status.renderer or "off",
            device=_device(status.device),
        ),
    ]
    if status.memory_bytes:
        lines.append(phrase("admin-status-memory", gigabytes=f"{status.memory_bytes / 1e9:.1f}"))
    if status.fitting and status.chat is None:
        # The rest of it, for the operator's terminal, says why.
        level = re.split(r"\W", status.fitting, maxsplit=1)[0]
        lines.append(phrase("admin-status-fitting", level=level))
    if status.model:
        lines.append(phrase("admin-status-model", model=status.model, count=status.models))
    else:
        lines.append(phrase("admin-status-no-model"))
    used, back = credit_words(status.used), as_credits(status.given_back)
    here = "no" if status.chat is None else "yes"
    lines.append(phrase("admin-status-credits", used=used, back=back, here=here))
    busiest = max(status.hours, key=lambda h: h.used, default=None)
    if busiest is not None and busiest.used:
        most = credit_words(busiest.used)
        lines.append(phrase("admin-status-busiest", hour=busiest.hour, used=most))
    for pause, chat in ((status.pause, None), (status.chat_pause, status.chat)):
        if pause is not None:
            where = phrase("admin-everywhere") if chat is None else phrase("admin-here")
            lines.append(phrase("admin-status-paused", where=where, state=state(pause, chat)))
    return tuple(lines)


_CPU = re.compile(r"CPU \((.+), (\d+) threads?\)(, \w+)?")


def _device(name: str) -> str | Phrase:
    """A card has a name; of a processor the renderer says kind and threads."""
    if not name:
        return ""
    found = _CPU.fullmatch(name)
    if found is None:
        return phrase("admin-status-device", device=name)
    kind, threads, precision = found.groups(default="")
    cpu = phrase("admin-status-cpu", kind=f"{kind}{precision}", threads=int(threads))
    return phrase("admin-status-device", device=cpu)
