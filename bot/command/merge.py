"""Two requests made into one."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from bot.domain import DrawRequest

_UNSAID = {field.name: getattr(DrawRequest(), field.name) for field in fields(DrawRequest)}


def said(request: DrawRequest) -> dict[str, Any]:
    """The fields that somebody set. An empty negative prompt is said: it asks for none."""
    values = {name: getattr(request, name) for name in _UNSAID}
    return {name: v for name, v in values.items() if v != _UNSAID[name]}


def override(base: DrawRequest, options: DrawRequest) -> DrawRequest:
    """`base`, in which every field that `options` sets wins, as `joined` joins them."""
    changes = said(options)
    return DrawRequest(**joined(said(base), changes)) if changes else base


def joined(base: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """Fields by name: those of `base`, in which those win that say something in `options`.

    LoRAs are joined by name. A shape asked for in `options` replaces a whole size in `base`,
    and a whole size replaces a shape: of the two, the later one was meant. So with the scale of
    hires fix and its size.
    """
    changes = {name: value for name, value in options.items() if value != _UNSAID[name]}
    if loras := changes.get("loras"):
        last = {lora.name: lora for lora in (*base.get("loras", ()), *loras)}
        changes["loras"] = tuple(last.values())
    if "aspect" in changes and None not in (base.get("width"), base.get("height")):
        changes = {"width": None, "height": None} | changes
    if "width" in changes and "height" in changes:
        changes.setdefault("aspect", None)
    if "hires_scale" in changes:
        changes.setdefault("hires_size", None)
    return {**base, **changes}
