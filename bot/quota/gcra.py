"""Burst control by the generic cell rate algorithm (ITU-T I.371), which is pure arithmetic.

Requests may come `burst` at once, and then one every `interval` seconds. All that is kept of an
account is one moment: when its next request would come if requests came evenly.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """How fast requests may come."""

    per_minute: float
    burst: int

    @property
    def interval(self) -> float:
        """Seconds between requests that come evenly."""
        return 60.0 / self.per_minute

    def opens_at(self, arrival: float, now: float) -> float:
        """From when on a request may come; not later than `now` when it may come at once."""
        return self._sane(arrival, now) - (self.burst - 1) * self.interval

    def after(self, arrival: float, now: float) -> float:
        """The next even arrival, once a request has come `now`."""
        return max(self._sane(arrival, now), now) + self.interval

    def _sane(self, arrival: float, now: float) -> float:
        """An arrival that no sequence of requests leads to was written before the clock was set
        back: nobody waits for that."""
        return now if arrival > now + (self.burst + 1) * self.interval else arrival
