"""Notices what is put into the models folder while the bot runs."""

import logging
import threading
import time
from collections.abc import Callable

from bot.domain import Catalog
from bot.render.library import Library

log = logging.getLogger(__name__)

EVERY_S = 2.0
_SHARE = 20
"""A folder that takes long to look through is looked at less often: at most this share of time."""


class Watch:
    """Looks through the folder again and again, in a thread of its own, and tells of changes.

    A file counts when two looks have seen it the same, so a new one is offered after twice
    `EVERY_S` and the time its hash takes.
    """

    def __init__(self, library: Library, tell: Callable[[Catalog], None]) -> None:
        self._library, self._tell = library, tell
        self._told = library.catalog

    def start(self) -> None:
        """From now on, for the life of the process."""
        threading.Thread(target=self._run, name="watch", daemon=True).start()

    def _run(self) -> None:
        pause = threading.Event()
        took = 0.0
        while not pause.wait(max(EVERY_S, _SHARE * took)):
            start = time.monotonic()
            try:
                self.look()
            except Exception:
                log.exception("the models folder cannot be looked through")
            took = time.monotonic() - start

    def look(self) -> None:
        """Once; tells the new catalogue if it is another one."""
        catalog = self._library.scan()
        if catalog != self._told:
            self._told = catalog
            log.info("the models folder has changed: %d checkpoints", len(catalog.checkpoints))
            self._tell(catalog)
