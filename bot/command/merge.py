"""Two requests made into one."""

from dataclasses import fields, replace
from typing import Any

from bot.domain import DrawRequest

_NOTHING = DrawRequest()


def said(request: DrawRequest) -> dict[str, Any]:
    """The fields that somebody set. An empty negative prompt is said: it asks for none."""
    values = {f.name: getattr(request, f.name) for f in fields(DrawRequest)}
    return {name: v for name, v in values.items() if v != getattr(_NOTHING, name)}


def override(base: DrawRequest, options: DrawRequest) -> DrawRequest:
    """`base`, in which every field that `options` sets wins.

    LoRAs are joined by name. A shape asked for in `options` replaces a whole size in `base`,
    and a whole size replaces a shape: of the two, the later one was meant. So with the scale of
    hires fix and its size.
    """
    changes = said(options)
    if options.loras:
        last = {lora.name: lora for lora in (*base.loras, *options.loras)}
        changes["loras"] = tuple(last.values())
    has_whole_base = base.width is not None and base.height is not None
    if options.aspect is not None and has_whole_base:
        changes = {"width": None, "height": None} | changes
    if options.width is not None and options.height is not None:
        changes.setdefault("aspect", None)
    if options.hires_scale is not None:
        changes.setdefault("hires_size", None)
    return replace(base, **changes)
