"""The log: without secrets, for people and for programs, with the job that it is about."""

import json
import logging
import sys

import pytest

from bot import logs

JOB, OTHER = "abcdefghij27", "bbbbbbbbbb22"


def record(message: str, *arguments: object) -> logging.LogRecord:
    made = logging.LogRecord("bot.x", logging.INFO, "x.py", 1, message, arguments, None)
    logs._note_job(made)
    return made


def test_an_entry_is_one_object_a_line() -> None:
    """Time in UTC, level, logger, message."""
    entry = record("two\nlines %d", 5)
    entry.created, entry.msecs = 1_780_000_000.25, 250.0
    line = logs.JsonLines(()).format(entry)
    assert "\n" not in line
    assert json.loads(line) == {
        "time": "2026-05-28T20:26:40.250Z",
        "level": "INFO",
        "logger": "bot.x",
        "message": "two\nlines 5",
    }


def test_what_is_logged_about_a_job_carries_its_id() -> None:
    """Also by libraries that know of no job; a line that names one is about that one."""
    with logs.about(JOB):
        inside, named = record("retrying"), record("job %s: drawn", OTHER)
    outside = record("retrying")
    assert json.loads(logs.JsonLines(()).format(inside))["job"] == JOB
    assert json.loads(logs.JsonLines(()).format(named))["job"] == OTHER
    assert "job" not in json.loads(logs.JsonLines(()).format(outside))
    assert logs.Redact(()).format(inside).endswith(f"bot.x: retrying [job {JOB}]")
    assert logs.Redact(()).format(named).endswith(f"bot.x: job {OTHER}: drawn")


@pytest.mark.parametrize("form", [logs.Redact, logs.JsonLines])
def test_no_secret_is_in_any_form_of_the_log(form: type[logs.Redact]) -> None:
    """Neither in what is said nor in a traceback."""
    try:
        int("https://api/bot123:secret/getMe")
    except ValueError:
        entry = record("failed at %s", "123:secret")
        entry.exc_info = sys.exc_info()
    text = form(["123:secret"]).format(entry)
    assert "123:secret" not in text
    assert "ValueError" in text


def test_json_is_written_where_it_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    """`[log] format = "json"`."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    try:
        logs.setup("INFO", ["secret"], "json")
        logging.getLogger("bot.y").info("a secret is kept")
    finally:
        root.handlers[:] = before[0]
        root.setLevel(before[1])
    assert json.loads(capsys.readouterr().err)["message"] == "a … is kept"
