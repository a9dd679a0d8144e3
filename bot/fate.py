"""What becomes of a finished picture."""

from enum import StrEnum


class Fate(StrEnum):
    """What its chat gets to see of it."""

    SHOWN = "shown"
    SPOILER = "spoiler"
    BLURRED = "blurred"
    RELEASED = "released"
    """It was held, and an admin found nothing wrong with it."""
    HELD = "held"
    """Hidden until an admin decides, or the time is up."""
    DROPPED = "dropped"
    """Shown to nobody; its credits are back."""
    DELETED = "deleted"
    """Taken away by whoever may do that."""

    @property
    def hidden(self) -> bool:
        """Its bytes are given to nobody."""
        return self in (Fate.HELD, Fate.DROPPED, Fate.DELETED)
