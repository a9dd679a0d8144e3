"""The words of the page, in the language of the browser."""

import html
import re

from aiohttp import web

from bot.phrase import phrase
from bot.replies import keys, say, tag_of

PREFIX = "studio-page-"
"""Phrases with this prefix have no variables and go to the page as they are."""
_BLANK = re.compile(r"\{\{([a-z0-9-]+)\}\}")


def asked_tag(request: web.Request) -> str | None:
    """The language tag that the browser prefers (RFC 9110, `Accept-Language`)."""
    best, best_weight = None, 0.0
    for entry in request.headers.get("Accept-Language", "").split(","):
        tag, _, weight = entry.strip().partition(";q=")
        try:
            value = float(weight) if weight else 1.0
        except ValueError:
            continue
        if tag and tag != "*" and value > best_weight:
            best, best_weight = tag[:35], value
    return best


def page_words(language: str) -> dict[str, str]:
    """Every word of the page, without the prefix."""
    return {
        key.removeprefix(PREFIX): say(phrase(key), language)
        for key in sorted(keys(language))
        if key.startswith(PREFIX)
    }


def fill(template: str, language: str, **more: str) -> str:
    """Put words, the language's tag (`lang`) and `more` into the `{{blanks}}` of an HTML page."""
    known = page_words(language) | {"lang": tag_of(language)} | more
    return _BLANK.sub(lambda blank: html.escape(known[blank[1]]), template)
