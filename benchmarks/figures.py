"""What every benchmark does with the times it takes."""

import random
import statistics
import time
from collections.abc import Callable, Sequence


def seconds(call: Callable[[], object]) -> float:
    """How long a call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def quickest(call: Callable[[], object], tries: int) -> float:
    """The best of several."""
    return min(seconds(call) for _ in range(tries))


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of them do not exceed (nearest rank)."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, max(0, -(-int(share * 1000) * len(ranked) // 1000) - 1))]


def median_interval(values: Sequence[float]) -> tuple[float, float]:
    """The 95 % interval of the median, by bootstrap with a fixed seed."""
    rng = random.Random(0)
    medians = [statistics.median(rng.choices(values, k=len(values))) for _ in range(2000)]
    return percentile(medians, 0.025), percentile(medians, 0.975)
