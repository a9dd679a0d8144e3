"""How much work one check may be, counted instead of timed (pure).

What is counted costs about the same wherever it happens: a character that is looked at, a word that
is set apart, a place where a word of a list may stand. A bound on the count bounds the time.
"""

WORD, PLACE = 5, 60
"""What these cost, in characters looked at: a word, a place."""
MOST = 56_000
"""Some 3.5 ms on one core of 2023. Ordinary words of 4000 characters take about half of it; what
takes more has many alternations, or hundreds of words of the lists."""


class TooMuch(Exception):
    """Nobody who means well writes what takes so long to read."""


class Effort:
    """Counts the work of one check."""

    __slots__ = ("left",)

    def __init__(self, most: int = MOST) -> None:
        self.left = most

    @property
    def spent(self) -> int:
        """Of `MOST`."""
        return MOST - self.left

    def spend(self, amount: int) -> None:
        """Count before working.

        Raises:
            TooMuch: that would be beyond the bound.
        """
        self.left -= amount
        if self.left < 0:
            raise TooMuch
