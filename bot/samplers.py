"""Samplers and schedules: A1111's names, and how other tools spell them (pure).

The list is static: what this renderer can really do stands in its catalogue. Spellings are those
of A1111, k-diffusion, NovelAI, ComfyUI and diffusers' class names (as the documentation of each
lists them). Case, quotes, spaces, underscores and hyphens do not matter; a schedule may follow, as
in `DPM++ 2M Karras`.
"""

import difflib
import re
import unicodedata
from functools import lru_cache

AUTOMATIC = "Automatic"
"""A1111's schedule type that leaves the choice to the sampler."""

SAMPLERS = {
    "Euler": ("EulerDiscrete",),
    "Euler a": ("Euler ancestral", "EulerAncestralDiscrete"),
    "Heun": ("HeunDiscrete",),
    "LMS": ("LMSDiscrete",),
    "DPM2": ("DPM 2", "KDPM2Discrete"),
    "DPM2 a": ("DPM 2 ancestral", "KDPM2AncestralDiscrete"),
    "DPM++ 2S a": ("DPM++ 2S ancestral",),
    "DPM++ 2M": ("DPMSolverMultistep",),
    "DPM++ SDE": ("DPM++ SDE gpu", "DPMSolverSDE", "DPMSolverSinglestep"),
    "DPM++ 2M SDE": ("DPM++ 2M SDE gpu",),
    "DPM++ 2M SDE Heun": ("DPM++ 2M SDE Heun gpu",),
    "DPM++ 3M SDE": ("DPM++ 3M SDE gpu",),
    "DPM fast": (),
    "DPM adaptive": (),
    "Restart": (),
    "DDIM": (),
    "DDIM CFG++": (),
    "PLMS": ("PNDM",),
    "UniPC": ("UniPC multistep", "UniPC bh2"),
    "LCM": (),
}
"""A1111's names in its own order, with the spellings that are more than punctuation."""

SCHEDULES = {
    AUTOMATIC: (),
    "Uniform": (),
    "Karras": ("ka",),
    "Exponential": (),
    "Polyexponential": (),
    "SGM Uniform": (),
    "KL Optimal": (),
    "Align Your Steps": ("AYS",),
    "Simple": (),
    "Normal": (),
    "DDIM": ("DDIM uniform",),
    "Beta": (),
}


def _key(text: str) -> str:
    """`"DPM++ 2M"`, `dpmpp_2m` and `DPM++2M` are one key."""
    folded = unicodedata.normalize("NFKC", text[:80]).casefold().replace("++", "pp")
    return re.sub(r"""[\s_\-'"`“”‘’「」.]""", "", folded).replace("plusplus", "pp")


def _keys(names: dict[str, tuple[str, ...]]) -> dict[str, str]:
    return {_key(form): name for name, forms in names.items() for form in (name, *forms)}


_SAMPLER_KEYS = _keys(SAMPLERS)
_SCHEDULE_KEYS = _keys(SCHEDULES)
_SUFFIXES = sorted(_SCHEDULE_KEYS, key=len, reverse=True)


@lru_cache(maxsize=256)
def sampler(text: str) -> tuple[str, str | None] | None:
    """A1111's name and the schedule that the spelling carries, or None if nobody knows it.

    >>> sampler("k_euler_ancestral")
    ('Euler a', None)
    >>> sampler("DPM++ 2S a Karras")
    ('DPM++ 2S a', 'Karras')
    """
    key = _key(text).removesuffix("scheduler")
    for bare in (key, key.removeprefix("sample"), key.removeprefix("k")):
        if bare in _SAMPLER_KEYS:
            return _SAMPLER_KEYS[bare], None
        for suffix in _SUFFIXES:
            if bare.endswith(suffix) and (name := _SAMPLER_KEYS.get(bare[: -len(suffix)])):
                return name, _SCHEDULE_KEYS[suffix]
    return None


def schedule(text: str) -> str | None:
    """A1111's name of a schedule type, or None."""
    return _SCHEDULE_KEYS.get(_key(text))


def nearest(text: str) -> str | None:
    """The sampler that this may be a misspelling of."""
    close = difflib.get_close_matches(_key(text), _SAMPLER_KEYS, 1, 0.6)
    return _SAMPLER_KEYS[close[0]] if close else None
