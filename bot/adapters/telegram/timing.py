"""How long to wait, in seconds."""

from dataclasses import dataclass

from bot.adapters.telegram.budget import WINDOW_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """The defaults suit api.telegram.org; a test wants shorter ones."""

    connect_s: float = 10.0
    read_s: float = 20.0
    media_s: float = 120.0
    """For requests that carry pictures; the library's 5 s are too short for them."""
    long_poll_s: int = 30
    back_off_s: float = 1.0
    """First pause after a failure; doubles up to `longest_s`."""
    longest_s: float = 60.0
    flood_s: float = 3600.0
    """The longest pause that Telegram may want and gets; longer ones are tried after this."""
    conflict_s: float = 30.0
    """Pause while another program polls with the same token."""
    nod_s: float = 2.0
    """Who has asked and read nothing for so long sees a reaction."""
    album_s: float = 2.0
    """Within which the words come that belong to an album."""
    press_s: float = 2.0
    """A button's answer that takes longer is given as a message."""
    farewell_s: float = 5.0
    """What handlers in work get when the adapter stops."""
    window_s: float = WINDOW_S
    """In which a group takes a number of messages."""
