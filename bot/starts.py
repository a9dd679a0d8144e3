"""How the last starts went, kept on disk.

A supervisor (systemd, Docker) starts a program again at once when it ends. A bot that ends at every
start, with a token that is refused say, would knock at the platforms' doors without a pause, and
Discord takes a token away after a thousand starts in a day.
"""

import contextlib
import hashlib
import json
import time
from collections.abc import Callable
from pathlib import Path

from bot.config import Config, Secrets

LASTED_S = 60.0
"""A start that lives so long went well."""
_FREE = 3
_FIRST_PAUSE_S = 5.0
LONGEST_PAUSE_S = 300.0


class Starts:
    """Counts starts that failed one after another with the same settings."""

    def __init__(
        self, data: Path, config: Config, keys: Secrets, clock: Callable[[], float] = time.time
    ) -> None:
        self._file = data / "starts.json"
        # Whoever has mended the settings waits for nothing. No secret can be told from this.
        settings = repr((config, keys.values())).encode()
        self._mark = hashlib.sha256(settings).hexdigest()[:16]
        self._clock = clock

    def begin(self) -> float:
        """Note one more start; how many seconds it should wait before it does anything."""
        failed, at = self._read()
        pause = 0.0
        if failed >= _FREE:
            pause = min(LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2.0 ** min(failed - _FREE, 16))
            since = self._clock() - at
            pause = max(0.0, pause - since) if since >= 0 else pause  # the clock was set back
        # On a full disk nothing can be counted; then the program ends for that reason, too.
        with contextlib.suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            now = self._clock() + pause
            noted = {"failed": failed + 1, "at": now, "settings": self._mark}
            self._file.write_text(json.dumps(noted), "utf-8")
        return pause

    def went_well(self) -> None:
        """This one lasted, or was ended by its operator: the count begins anew."""
        with contextlib.suppress(OSError):
            self._file.unlink(missing_ok=True)

    def _read(self) -> tuple[int, float]:
        try:
            noted = json.loads(self._file.read_text("utf-8"))
            if noted["settings"] == self._mark:
                return int(noted["failed"]), float(noted["at"])
        except (OSError, ValueError, KeyError, TypeError):
            pass  # none yet, or cut short by a power cut
        return 0, 0.0
