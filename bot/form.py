"""A form that a member fills in: a dialog where the platform has one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One line or box of text."""

    name: str
    """Key of what was filled in, in `Press.fields`."""
    label: str
    value: str = ""
    """What stands there at first."""
    long: bool = False
    """A box of several lines."""
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """At most five fields, as Discord takes. What is filled in comes back as a `Press` with this
    `action` and `argument`."""

    title: str
    fields: tuple[FormField, ...]
    action: str
    argument: str
