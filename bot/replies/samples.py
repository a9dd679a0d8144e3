"""Values to read the sentences with: what might stand in each of them, and all its forms."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources

from fluent.syntax import FluentParser
from fluent.syntax import ast as ftl

from bot.phrase import Phrase, phrase
from bot.replies import FALLBACK

Value = str | int | float | Phrase

COUNTS = (0, 1, 2, 5)
"""For what has plural forms: nothing, one, two and several are what languages tell apart."""
NOVEMBER_2026 = 1_795_000_000
SECONDS = 5_400
"""For what is told as a duration."""
_CREDITS = phrase("credits", n=12.5)
_USED = phrase("credits", n=37.5)
_DAY = phrase("admin-limit", credits="50", window="day")
_HOUR = phrase("admin-limit", credits="12.5", window="hour")
_BOTH = phrase("admin-limits", day=_DAY, hour=_HOUR)
VALUES: Mapping[str, Value] = {
    "account": "telegram:111",
    "accounts": "telegram:111, discord:222",
    "act": "quota",
    "action": phrase("filter-action-hold"),
    "after": _DAY,
    "all": 4,
    "amount": "50/day",
    "asked": "900",
    "ban": phrase("admin-banned-state", until=phrase("admin-forever")),
    "at": phrase("clock", at=NOVEMBER_2026, zone="Europe/Berlin"),
    "back": "3",
    "bar": "▰▰▰▰▱▱▱▱▱▱",
    "before": _BOTH,
    "category": phrase("category-gore"),
    "chat": "telegram:-1001234567890",
    "command": "drwa",
    "checkpoint": "dreamshaper_8",
    "count": 3,
    "cost": _CREDITS,
    "credits": _CREDITS,
    "day": _DAY,
    "days": 7,
    "device": "cuda (NVIDIA H200)",
    "example": "/admin quota @ann 50/day",
    "ends": phrase("log-until", moment="2026-11-24 10:00"),
    "extra": "lbw=OUTD",
    "family": "SDXL",
    "fitting": 12,
    "flag": "--steps",
    "flags": "--stylize",
    "gb": 20,
    "gigabytes": 5.3,
    "hash": "e6415c4892",
    "height": 12_000,
    "hour": _HOUR,
    "hours": 3,
    "incident": "k3f9",
    "job": "abcdefghijkl",
    "key": "Mask blur",
    "keys": "Mask blur, Script",
    "kind": "x86_64, fp32",
    "known": "Euler, Euler a, DPM++ 2M",
    "layers": 32,
    "least": 64,
    "left": phrase("credits", n=8),
    "length": 4_200,
    "limit": phrase("credits", n=50),
    "megapixels": 4.2,
    "member": "Ann (telegram:111)",
    "model": "dreamshaper_8",
    "most": 10,
    "near": "draw",
    "meant": "0.9",
    "moment": "2026-11-24 10:00",
    "multiple": 8,
    "n": 3,
    "name": "Ann",
    "needs": "SD 1.x",
    "names": "ink, snow",
    "negative": phrase("prompt-held-negative", words="snow"),
    "number": 2,
    "pace": 1.5,
    "percent": 40,
    "place": 3,
    "price": _CREDITS,
    "prompt": "a red fox in the snow",
    "reason": "spam",
    "rest": "tomorrow",
    "said": _BOTH,
    "seed": "3719971952",
    "seeds": "5–8",
    "size": "768×512",
    "state": phrase("admin-paused-why", mode="drain", reason="new rules"),
    "strength": "0.35",
    "tag": "<hypernet:ink>",
    "target": "telegram:111",
    "tier": "patron",
    "tiers": "patron, guest",
    "title": "Painters",
    "until": phrase("admin-until", left=90_000, moment="2026-11-24 10:00"),
    "used": "Euler a",
    "value": "portrait",
    "where": phrase("admin-here"),
    "who": "Ann (telegram:111)",
    "width": 16_000,
    "word": "fox",
    "words": "a red fox",
    "zone": "Europe/Berlin",
}
"""By variable; others are a number or their own name."""
IN_PLACES: Mapping[str, Mapping[str, Value]] = {
    "admin-bad-chat": {"chat": "here"},
    "admin-chat-line": {"title": phrase("admin-chat-title", title="Painters")},
    "admin-limit": {"credits": "12.5"},
    "admin-quota-left": {"left": "8", "limit": "50"},
    "admin-quota-still": {"limit": _BOTH},
    "admin-status-busiest": {"used": _USED, "hour": "14"},
    "admin-status-credits": {"used": _USED},
    "admin-status-renderer": {"device": phrase("admin-status-device", device="NVIDIA H200")},
    "banned": {"reason": phrase("ban-reason", reason="spam")},
    "banned-forever": {"reason": phrase("ban-no-reason")},
    "fault-feature": {"feature": "img2img"},
    "grant-beyond": {"left": "8"},
    "job-failed": {"reason": phrase("render-failed")},
    "note-feature": {"feature": "img2img"},
    "note-size-limit": {"megapixels": phrase("note-size-area", megapixels=4.2)},
    "paused-resume": {"command": "/admin resume"},
    "price": {"left": phrase("price-left", left=_CREDITS)},
    "quota-grant": {"left": "8"},
    "quota-left": {"left": "8", "limit": "50"},
    "quota-no-limit": {"used": "37.5"},
    "quota-unlimited": {"used": "37.5"},
}
"""By message, where something else stands than usual."""


@dataclass
class Shape:
    """What a message is made of: its variables, the variants of those that choose, and which are
    numbers."""

    variables: dict[str, None] = field(default_factory=dict)
    variants: dict[str, dict[str, None]] = field(default_factory=dict)
    seconds: set[str] = field(default_factory=set)


def shapes() -> dict[str, dict[str, Shape]]:
    """By topic and key: the messages of the English catalogue, in the order of its files."""
    folder = resources.files(__package__) / FALLBACK
    parsed = {
        entry.name.removesuffix(".ftl"): FluentParser().parse(entry.read_text("utf-8")).body
        for entry in sorted(folder.iterdir(), key=lambda e: e.name)
    }
    return {
        topic: {i.id.name: _shape(i) for i in body if isinstance(i, ftl.Message)}
        for topic, body in parsed.items()
    }


def examples(key: str, shape: Shape) -> Iterator[Phrase]:
    """The message with values that it might have: one for each of its forms."""
    usual = {**{name: _usual(name, shape) for name in shape.variables}, **IN_PLACES.get(key, {})}
    yield Phrase(key, usual)
    for name, variants in shape.variants.items():
        others = [v for v in variants if v != "other"]
        values: tuple[Value, ...] = COUNTS if _counts(variants) else tuple(others)
        for value in values:
            yield Phrase(key, {**usual, name: value})


def _usual(name: str, shape: Shape) -> Value:
    if name in shape.seconds:
        return NOVEMBER_2026 if name == "at" else SECONDS
    variants = shape.variants.get(name, {})
    if _counts(variants):
        return 3
    if variants and "other" not in variants:
        return next(iter(variants))
    return VALUES.get(name, f"‹{name}›")


def _counts(variants: dict[str, None]) -> bool:
    return bool({"one", "0"} & set(variants))


def _shape(item: ftl.Message) -> Shape:
    found = Shape()

    def visit(node: object) -> None:
        match node:
            case ftl.SelectExpression(selector=ftl.VariableReference() as chooser):
                known = found.variants.setdefault(chooser.id.name, {})
                known.update(dict.fromkeys(_key(variant) for variant in node.variants))
            case ftl.FunctionReference(arguments=given):
                told = (a for a in given.positional[:1] if isinstance(a, ftl.VariableReference))
                found.seconds.update(a.id.name for a in told)
            case ftl.VariableReference():
                found.variables[node.id.name] = None
        if isinstance(node, ftl.BaseNode):
            for value in vars(node).values():
                visit(value)
        elif isinstance(node, list):
            for value in node:
                visit(value)

    visit(item)
    return found


def _key(variant: ftl.Variant) -> str:
    key = variant.key
    return key.name if isinstance(key, ftl.Identifier) else str(key.value)
