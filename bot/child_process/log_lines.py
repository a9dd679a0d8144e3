"""A child's log goes on in the parent's: one line per record, with its level and its logger."""

import logging
import re
import sys

_BREAK = "\x1f"
_LINE = re.compile(r"(DEBUG|INFO|WARNING|ERROR|CRITICAL) ([\w.]+): (.*)", re.DOTALL)


class _OneLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return super().format(record).replace("\n", _BREAK)


def log_to_parent(level: int = logging.INFO) -> None:
    """In the child: send the log to standard error, which the parent reads."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OneLine("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)


def relog(line: str, otherwise: logging.Logger) -> str:
    """In the parent: log what a child wrote; returns the bare message.

    What is no record of `log_to_parent`, such as the print of a library, goes to `otherwise`.
    """
    if match := _LINE.fullmatch(line):
        level, name, said = match.groups()
        message = said.replace(_BREAK, "\n")
        logging.getLogger(name).log(getattr(logging, level), "%s", message)
        return message
    otherwise.info("%s", line)
    return line
