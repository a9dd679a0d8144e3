"""Upscalers of hires fix: A1111's names, and how members spell them (pure).

The Latent ones enlarge the latent, the others the picture. Only those that need no model of their
own are here; A1111's other ones, such as ESRGAN, are told to be missing.
"""

import re

LATENT = "Latent"
LANCZOS = "Lanczos"

UPSCALERS = (
    LATENT,
    "Latent (antialiased)",
    "Latent (bicubic)",
    "Latent (bicubic antialiased)",
    "Latent (nearest)",
    "Latent (nearest-exact)",
    LANCZOS,
    "Nearest",
)
"""In the order that A1111 lists them."""


def _key(text: str) -> str:
    return re.sub(r"[^a-z]", "", text[:60].casefold())


_BY_KEY = {_key(name): name for name in UPSCALERS} | {"latentbilinear": LATENT}


def upscaler(text: str) -> str | None:
    """A1111's name, or None if there is no such upscaler here.

    >>> upscaler("latent nearest exact")
    'Latent (nearest-exact)'
    """
    return _BY_KEY.get(_key(text))
