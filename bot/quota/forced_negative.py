"""What is added to the negative prompt of requests that are drawn although a category was found
in them (pure)."""

from collections.abc import Mapping
from dataclasses import replace

from bot.quota.prompt_filter import Verdict
from bot.spec import RenderSpec

FORCED: Mapping[str, str] = {
    "sexual": "nsfw, nudity, sexual content",
    "gore": "gore, blood, wounds",
    "hate": "hateful symbols, flags of hate groups",
    "self-harm": "self-harm, wounds, scars",
    "degrading": "humiliation, mockery",
    "other": "nsfw, offensive content",
}
"""By category; seen in the parameters of the picture like any negative prompt."""


def forced(spec: RenderSpec, verdict: Verdict) -> RenderSpec:
    """`spec`, with what has to be avoided; what is there already is not repeated."""
    if not verdict.avoided:
        return spec
    negative = spec.negative_prompt
    for category in verdict.avoided:
        if FORCED[category] not in negative:
            negative = ", ".join(text for text in (negative, FORCED[category]) if text)
    return replace(spec, negative_prompt=negative)


def behind_spoiler(spec: RenderSpec, verdict: Verdict) -> bool:
    """Whether the filter hides the picture: also where a negative prompt was forced that the
    renderer does not read, because it draws without guidance."""
    unread = bool(verdict.avoided) and spec.cfg_scale == 1.0
    return unread or verdict.veiled
