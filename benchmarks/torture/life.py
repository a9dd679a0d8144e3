"""The lives of the bot: each begins where the last one was cut off."""

import asyncio
import contextlib
import random
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from benchmarks.torture import count
from benchmarks.torture.mischief import DISK_FULL, Mischief
from benchmarks.torture.world import World
from benchmarks.victim.edges import DIED, EDGES, MORE_EDGES, SENDING, SENT, UP

_MOST_EDGES = 150
_MOST_OF_A_KIND = 4
_CONNECTING_S = 4.0
_START_S = 60.0
_STILL_S = 360.0
"""Nothing has moved for longer than the bot ever pauses: what is open then is stuck."""
_STOP_S = 10.0
"""SIGTERM ends the bot within so many seconds."""
_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Life:
    """How one ended, and what had gone wrong in it before."""

    edge: str
    sending: frozenset[str]
    """Jobs whose results were on their way."""
    mischief: tuple[str, ...]


@dataclass(eq=False)
class Victim:
    """A running bot, and what it says."""

    process: Process
    said: list[str] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    @asynccontextmanager
    async def started(
        cls, folder: Path, world: World, *, death: str = "0", jumps: int = 0, judge: str = "off"
    ) -> AsyncIterator[Self]:
        """Killed on leaving if it still lives then."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "benchmarks.victim", folder, world.telegram.base),
            *(world.discord.api_base, death, str(jumps), judge),
            cwd=_ROOT,
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=PIPE,  # not a file, which the full disk would be full for
        )
        victim = cls(process)
        listening = asyncio.gather(victim._listen(), victim._log())
        try:
            yield victim
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await listening

    async def _listen(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.said.append(line.decode().strip())
            self._news.set()
        await self.process.wait()
        self._news.set()

    async def _log(self) -> None:
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            sys.stderr.write(line.decode(errors="replace"))

    @property
    def sending(self) -> frozenset[str]:
        """Jobs whose results are on their way, and not noted as arrived."""
        return self._said(SENDING) - self._said(SENT)

    def _said(self, what: str) -> frozenset[str]:
        named = (line.partition(" ") for line in self.said)
        return frozenset(job_id for word, _, job_id in named if word == what)

    @property
    def is_gone(self) -> bool:
        """Whether it has ended, by whatever."""
        return self.process.returncode is not None

    async def until(self, true: Callable[[], bool], patience_s: float) -> bool:
        """Wait until something holds of it, or it has ended; whether it holds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                while not (true() or self.is_gone):
                    self._news.clear()
                    await self._news.wait()
        return true()

    async def up(self) -> bool:
        """Wait until it listens."""
        return await self.until(lambda: UP in self.said, _START_S)

    async def live(self, seconds: float) -> None:
        """Let it live for so long, if it does."""
        await self.until(lambda: False, seconds)

    async def stop(self) -> None:
        """By SIGTERM, in time.

        Raises:
            TimeoutError: it went on.
        """
        self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(_STOP_S):
            await self.process.wait()


async def life(folder: Path, world: World, number: int) -> Life:
    """One life under load, until its death: the first ones by name, the others by number or time.

    Raises:
        RuntimeError: the bot ended by itself.
    """
    rng = world.rng
    named = number < len(EDGES)
    death = EDGES[number] if named else _death(rng)
    jumps = rng.randrange(2**32) if rng.random() < 0.1 else 0
    judge = "opennsfw" if rng.random() < 0.1 else "off"
    mischief = Mischief(world)
    for _ in range(rng.randint(0, 2)):
        await world.ask()  # while it is gone
    async with Victim.started(folder, world, death=death, jumps=jumps, judge=judge) as victim:
        if named or rng.random() < 0.8:
            await victim.up()
        if rng.random() < 0.5:
            await world.discord_hears(_CONNECTING_S)
        for _ in range(rng.randint(1, 4)):
            await victim.live(rng.uniform(0, 0.5))
            if victim.is_gone:
                break
            await world.ask()
            if not named and rng.random() < 0.5:
                mischief.make(victim.process.pid)
        await victim.live(10 if named else rng.uniform(0.2, 3))
        mischief.mend()
        ended_itself = victim.is_gone and victim.process.returncode != -signal.SIGKILL
    mischief.clear()
    edges = [line.removeprefix(f"{DIED} ") for line in victim.said if line.startswith(DIED)]
    if ended_itself:
        if UP in victim.said or DISK_FULL not in mischief.made:
            raise RuntimeError(f"the bot ended by itself with {victim.process.returncode}")
        edges = ["no start on a full disk"]
    done = (*mischief.made, *(["clock jumps"] if jumps else []))
    return Life(edges[0] if edges else "between edges", victim.sending, done)


def _death(rng: random.Random) -> str:
    """By the number of any edge; or of one kind, for most edges are crossed by what comes in."""
    if rng.random() < 0.3:
        return str(rng.randint(1, _MOST_EDGES))
    return f"{rng.randint(1, _MOST_OF_A_KIND)} {rng.choice(EDGES + MORE_EDGES)}"


async def last_life(folder: Path, world: World) -> float:
    """Let it finish everything, then stop it; seconds until the last picture arrived."""
    async with Victim.started(folder, world) as victim:
        begun = moved = _now()
        open_ = -1
        while not victim.is_gone and _now() - moved < _STILL_S:
            found = count.outcome(folder, world)
            if open_ != found.lost + found.stuck:
                moved, open_ = _now(), found.lost + found.stuck
            if not open_:
                break
            await asyncio.sleep(0.5)  # another process cannot wake this one
        drained = _now() - begun
        if not victim.is_gone:
            await victim.stop()
    return drained


def _now() -> float:
    return asyncio.get_running_loop().time()
