"""Two requests made into one."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from bot.domain import DrawRequest

_UNSAID = {field.name: getattr(DrawRequest(), field.name) for field in fields(DrawRequest)}


def said(request: DrawRequest) -> dict[str, Any]:
    """The fields that somebody set. An empty negative prompt is said: it asks for none."""
    values = {name: getattr(request, name) for name in _UNSAID}
    return {name: v for name, v in values.items() if v != _UNSAID[name]}


def override(base: DrawRequest, options: DrawRequest) -> DrawRequest:
    """`base`, in which every field that `options` sets wins.

    LoRAs are joined by name. A shape asked for in `options` replaces a whole size in `base`,
    and a whole size replaces a shape: of the two, the later one was meant. So with the scale of
    hires fix and its size.
    """
    return changed(base, said(options))


def changed(base: DrawRequest, options: Mapping[str, Any]) -> DrawRequest:
    """As `override`, of fields by name; those that say nothing may be among them."""
    changes = {name: value for name, value in options.items() if value != _UNSAID[name]}
    if not changes:
        return base
    if loras := changes.get("loras"):
        last = {lora.name: lora for lora in (*base.loras, *loras)}
        changes["loras"] = tuple(last.values())
    if "aspect" in changes and base.width is not None and base.height is not None:
        changes = {"width": None, "height": None} | changes
    if "width" in changes and "height" in changes:
        changes.setdefault("aspect", None)
    if "hires_scale" in changes:
        changes.setdefault("hires_size", None)
    return replace(base, **changes)
