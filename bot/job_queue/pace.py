"""How fast the machine draws, all jobs of a batch together: for predicted waits."""

_MEMORY = 10.0
"""Credits after which what was measured counts half."""
_PRIOR = 0.25
"""How many measured credits a first guess is worth."""


class Pace:
    """Seconds a credit takes, as a ratio of sums: a batch that ends at once counts as a whole."""

    def __init__(self, seconds_per_credit: float = 5.0) -> None:
        self._credits = _PRIOR
        self._seconds = seconds_per_credit * _PRIOR

    @property
    def seconds_per_credit(self) -> float:
        """The measured pace, newer work counting more."""
        return self._seconds / self._credits

    def learn(self, seconds: float, millicredits: float) -> None:
        """The renderer was busy for `seconds` more when this much work was done in it."""
        done = millicredits / 1000
        keep = 0.5 ** (done / _MEMORY)
        self._credits = self._credits * keep + done
        self._seconds = self._seconds * keep + seconds

    def seconds(self, millicredits: float) -> float:
        """The predicted time for this much work."""
        return self.seconds_per_credit * millicredits / 1000
