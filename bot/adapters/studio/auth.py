"""The password of the studio: sessions in a cookie, and guesses that get slower."""

import hmac
import ipaddress
import math
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable

COOKIE = "chatelier_session"
SESSION_S = 30 * 24 * 3600
FREE_GUESSES = 5
LONGEST_PAUSE_S = 300.0
_REMEMBERED = 1000


class Throttle:
    """After a few wrong guesses each further one doubles the pause of its address."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait_s(self, address: str) -> int:
        """Seconds until this address may guess again; 0: now."""
        _, until = self._wrong.get(_network(address), (0, 0.0))
        return max(0, math.ceil(until - self._clock()))

    def wrong(self, address: str) -> None:
        """It guessed wrong."""
        key = _network(address)
        count = self._wrong.pop(key, (0, 0.0))[0] + 1
        over = count - FREE_GUESSES
        pause = min(2.0 ** min(over, 10), LONGEST_PAUSE_S) if over >= 0 else 0.0
        self._wrong[key] = (count, self._clock() + pause)
        if len(self._wrong) > _REMEMBERED:
            self._wrong.popitem(last=False)

    def right(self, address: str) -> None:
        """It knows the password."""
        self._wrong.pop(_network(address), None)


class Sessions:
    """Who has given the password. An empty password lets everyone in."""

    def __init__(self, password: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._password = password
        self._clock = clock
        self._open: dict[str, float] = {}
        self.throttle = Throttle(clock)

    def admits(self, token: str) -> bool:
        """Whether this cookie may come in."""
        return not self._password or self._open.get(token, 0.0) > self._clock()

    def log_in(self, guess: str, address: str) -> str | None:
        """A new session for the right password, else None. Ask the throttle first."""
        if not hmac.compare_digest(guess.encode(), self._password.encode()):
            self.throttle.wrong(address)
            return None
        self.throttle.right(address)
        now = self._clock()
        self._open = {token: end for token, end in self._open.items() if end > now}
        token = secrets.token_urlsafe(32)
        self._open[token] = now + SESSION_S
        return token


def _network(address: str) -> str:
    """One household has one IPv4 address, but a whole /64 of IPv6."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    return str(ipaddress.ip_network((ip, 64), strict=False)) if ip.version == 6 else str(ip)
