"""Many requests wait: how many pictures a second, and when does each member have theirs?

The mixed load: steps 8 to 50, six samplers, CFG scales 1 to 9 (one request in eight has 1), all
words and seeds different. diffusers draws it one request at a time. Static batches cannot draw it
at all, so they are given an easier one: the same mean number of steps, and all requests alike but
for words and seed; ours draws that one as well.
"""

import random
import statistics
from collections.abc import Callable, Iterable, Sequence

from benchmarks.figures import percentile
from benchmarks.render.sides import SAMPLERS, Ours, Subject, Theirs
from bot.domain import RenderSpec

_SCALES = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 9.0)
STEPS = (8, 50)
STATIC_SIZE = 8


def mixed(subject: Subject, count: int) -> list[RenderSpec]:
    """So many requests of the mixed load."""
    rng = random.Random(count)
    return [
        subject.spec(i, rng.randint(*STEPS), rng.choice(list(SAMPLERS)), rng.choice(_SCALES))
        for i in range(count)
    ]


def equal(subject: Subject, like: Sequence[RenderSpec]) -> list[RenderSpec]:
    """As many, with the mean number of steps, all alike but for words and seed."""
    steps = round(statistics.mean(spec.steps for spec in like))
    return [subject.spec(i, steps, "DPM++ 2M", 7.0) for i in range(len(like))]


def under_load(
    ours: Ours, theirs: Theirs, subject: Subject, count: int, rounds: int
) -> dict[str, object]:
    """Figures of `count` waiting requests: medians over `rounds`, in which all take turns."""
    specs = mixed(subject, count)
    alike = equal(subject, specs)
    sides: dict[str, Callable[[], list[float]]] = {
        "ours": lambda: ours.draw(specs),
        "diffusers": lambda: theirs.draw(specs),
        "ours_equal": lambda: ours.draw(alike),
        "static_equal": lambda: theirs.draw_batches(alike, STATIC_SIZE),
    }
    times: dict[str, list[list[float]]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, draw in sides.items():
            times[name].append(draw())
    found: dict[str, object] = {
        f"throughput_ratio_{count}": _ratio(times["diffusers"], times["ours"]),
        f"static_ratio_{count}": _ratio(times["static_equal"], times["ours_equal"]),
    }
    for name, runs in times.items():
        found[f"pictures_per_s_{count}_{name}"] = round(_middle(count / max(r) for r in runs), 3)
        found[f"median_s_{count}_{name}"] = round(_middle(map(statistics.median, runs)), 3)
        found[f"p95_s_{count}_{name}"] = round(_middle(percentile(r, 0.95) for r in runs), 3)
    return found


def _middle(values: Iterable[float]) -> float:
    return statistics.median(values)


def _ratio(theirs: Sequence[Sequence[float]], ours: Sequence[Sequence[float]]) -> float:
    """The median over the rounds of how many times longer they took."""
    pairs = zip(theirs, ours, strict=True)
    return round(statistics.median(max(other) / max(mine) for other, mine in pairs), 3)
