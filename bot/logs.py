"""Logging without secrets, for people or for programs; a job can be followed by its id."""

import json
import logging
import re
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

_TALKATIVE = (
    "httpx",
    "httpcore",
    "aiosqlite",
    "PIL",
    "asyncio",
    "discord.gateway",
    "discord.http",
    "discord.webhook.async_",
)
"""Libraries whose INFO lines hold tokens or drown our own."""

_job: ContextVar[str] = ContextVar("job", default="")
_NAMED = re.compile(r"\bjob ([a-z2-7]{12})\b")
"""How lines name a job; the render process cannot tell it in another way."""


@contextmanager
def about(job_id: str) -> Iterator[None]:
    """What this task logs, down to the libraries it calls, is about a job."""
    token = _job.set(job_id)
    try:
        yield
    finally:
        _job.reset(token)


def job_of(record: logging.LogRecord) -> str:
    """The job that a log entry is about; "" where it is about none."""
    named = _NAMED.search(record.getMessage())
    return named[1] if named else str(getattr(record, "job", ""))


class Redact(logging.Formatter):
    """Formats as usual, then replaces every secret, in messages and tracebacks alike."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%H:%M:%S")
        self._secrets = tuple(s for s in secrets if s)

    def format(self, record: logging.LogRecord) -> str:
        """One log entry as text."""
        return self._clean(self._with_job(record, super().format(record)))

    @staticmethod
    def _with_job(record: logging.LogRecord, text: str) -> str:
        """A line that does not say which job it is about, but was logged for one, says it."""
        job = job_of(record)
        return text if not job or job in text else f"{text} [job {job}]"

    def _clean(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "…")
        return text


class JsonLines(Redact):
    """One JSON object a line: time (UTC), level, logger, message, job, error."""

    def format(self, record: logging.LogRecord) -> str:
        """One log entry as JSON."""
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        entry = {
            "time": f"{stamp}.{int(record.msecs):03}Z",
            "level": record.levelname,
            "logger": record.name,
            "message": self._clean(record.getMessage()),
        }
        if job := job_of(record):
            entry["job"] = job
        if record.exc_info:
            entry["error"] = self._clean(self.formatException(record.exc_info))
        return json.dumps(entry, ensure_ascii=False)


def _note_job(record: logging.LogRecord) -> bool:
    """In the task that logs: the handler may format elsewhere."""
    record.job = _job.get()
    return True


def setup(level: str, secrets: Iterable[str], form: Literal["text", "json"] = "text") -> None:
    """Send the log to standard error at `level`, with `secrets` blanked out."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(secrets) if form == "json" else Redact(secrets))
    handler.addFilter(_note_job)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))
