"""What words change about a picture that was drawn before (pure).

| written | meaning |
|---|---|
| `+ snow, stars` | these words too |
| `- people` | not these words; where the prompt has none of them, they are avoided |
| `a green apple` | these words instead |
| `--steps 30`, `<lora:x:0.8>` | flags change flags |
| `again` | the same once more: nothing but chance is new |
| `same seed` | chance is the same too; beside any of the others |

The same in Chinese: `加上 雪`, `去掉 人`, `再来一张`, `同种子`.
"""

import re
from dataclasses import dataclass, replace
from typing import Any, Literal

from bot import values
from bot.command import Parsed, override, said
from bot.domain import DrawRequest
from bot.phrase import Phrase, phrase
from bot.resolve.style import PLACE, styled

_AGAIN = (
    "again|once more|one more|another(?: one)?|re-?roll"
    "|再来一[张次个]|再画一[张次个遍]|再来|重画|换一张"
)
_SAME_SEED = (
    "(?:the )?same seed|keep (?:the )?seed"
    "|同种子|同一种子|相同的?种子|同样的?种子|一样的种子|种子不变|种子相同"
)
_GAP = r"[\s,，。.;；!！]"
_IS_AGAIN = re.compile(rf"(?:{_AGAIN}){_GAP}*(?=$|[+＋−–—-])", re.IGNORECASE)
_SEED_FIRST = re.compile(rf"(?:{_SAME_SEED})(?:{_GAP}+|$)", re.IGNORECASE)
_SEED_LAST = re.compile(rf"(?:^|{_GAP}+)(?:{_SAME_SEED}){_GAP}*$", re.IGNORECASE)
_SIGN = re.compile(
    r"(?:^|(?<=[\s,，;；]))(?:"
    r"(?P<plus>[+＋]+|加上|add(?=[\s:：]))"
    r"|(?P<minus>[−–—－-]+(?!\d)|去掉|remove(?=[\s:：]))"
    r")[\s:：]*",
    re.IGNORECASE,
)
_ENGLISH_THANKS = (
    "thanks|thank you|thx|ty|nice|nice one|cool|wow|lol|haha|great|awesome|perfect|beautiful"
    "|lovely|love|good bot|ok|okay|yes|no|amazing|cute"
)
_AROUND = "oh|so|very|really|much|a lot|this|that|these|it|is|its|thats|i|you"
_CHINESE_THANKS = "谢谢|多谢|感谢|好看|真好看|漂亮|真棒|太棒了|好的|哈哈|厉害|可爱"
_IS_THANKS = re.compile(
    rf"(?:(?:{_AROUND})\s+)*(?:{_ENGLISH_THANKS})(?:\s+(?:{_ENGLISH_THANKS}|{_AROUND}))*"
    f"|[太真好很]?(?:{_CHINESE_THANKS})[你您了啊呀哈]*"
)
_ASKS = re.compile(
    r"^(?:wh(?:at|ich|o|y|ere|en)|how|is|are|was|can|could|do|does|did|will|would)\b"
    "|[吗呢谁]|什么|怎么|哪[个里]|多少",
    re.IGNORECASE,
)
_OPENING = {"(": ")", "[": "]", "{": "}"}
_WEIGHT = re.compile(r"\s*(?::\s*[\d.]+\s*)?")


def is_chatter(text: str) -> bool:
    """Whether an answer to a picture is a word of thanks, or no word at all, and asks for
    nothing."""
    words = re.sub(r"[^\w\s+-]", "", text).strip().casefold()
    return bool(_IS_THANKS.fullmatch(words)) or not any(c.isalnum() for c in text)


def is_question(text: str) -> bool:
    """Whether an answer to a picture asks something, which in a group members ask each other."""
    said = text.strip()
    return said.endswith("吗") or (said.endswith(("?", "？")) and bool(_ASKS.search(said)))


@dataclass(frozen=True, slots=True)
class _Change:
    """One answer, taken apart."""

    same_seed: bool
    instead: str
    """Words that replace the prompt; empty: they do not."""
    signed: tuple[tuple[str, str], ...]
    """`plus` or `minus`, and what follows."""


def tweaked(base: DrawRequest, words: Parsed) -> Parsed:
    """`base`, a request for the very picture that is answered, changed by `words`; with a new
    seed unless they ask for the same one."""
    change = _read(words.request.prompt)
    flags = replace(words.request, prompt="")
    if not change.same_seed:
        base = replace(base, seed=-1)
    if change.instead:
        # Other words get the house style like any; what is added stands in a prompt that has it.
        return over(replace(base, prompt=change.instead, raw=False), flags, words)
    changed, notes = _signed(base, change.signed, flags)
    return over(changed, flags, replace(words, notes=(*words.notes, *notes)))


def nearby(
    base: DrawRequest, words: Parsed, about: Literal["subseed_strength", "upscale"]
) -> Parsed:
    """`base`, a picture that is to be varied or enlarged, by `words`. A number alone, as in
    `/vary 0.3` and `/upscale 1.5x`, is the field that it is `about`. Other words are added, as
        the picture itself is to stay; that is told.
    """
    prompt = words.request.prompt.strip()
    flags = replace(words.request, prompt="")
    number = values.decimal(prompt.removesuffix("x").removesuffix("×")) if prompt else None
    if number is not None:
        set_about: dict[str, Any] = {about: number}
        return over(base, replace(flags, **set_about), words)
    change = _read(prompt)
    signed, notes = change.signed, list(words.notes)
    if change.instead:
        signed = (("plus", change.instead),)
    if change.instead and base.prompt:
        notes.append(phrase("note-tweak-added", words=change.instead[:60]))
    changed, more = _signed(base, signed, flags)
    return over(changed, flags, replace(words, notes=(*notes, *more)))


def with_preset(preset: Parsed, words: Parsed, *, is_reply: bool = False) -> Parsed:
    """A request by a preset. Words of a member's own say what is drawn, and the preset how:
    they stand before its words, or at its `{prompt}`. A preset that was made of a picture is
    changed as that picture would be. In a reply without words, those of the preset are added.
    """
    flags = replace(words.request, prompt="", preset=None)
    both = replace(
        words, faults=(*preset.faults, *words.faults), notes=(*preset.notes, *words.notes)
    )
    own, usual = words.request.prompt.strip(), preset.request.prompt
    if preset.pasted and not is_reply:
        change = _read(own)
        if change.instead:
            return over(replace(preset.request, prompt=change.instead, raw=False), flags, both)
        changed, notes = _signed(preset.request, change.signed, flags)
        return over(changed, flags, replace(both, notes=(*both.notes, *notes)))
    if own and usual:
        usual = styled(own, usual)
    elif is_reply and usual:
        usual = f"+ {usual}"
    prompt = usual.replace(PLACE, "").strip(" ,") or own
    request = override(replace(preset.request, prompt=prompt), flags)
    pasted = preset.pasted - frozenset(said(flags))
    return replace(both, request=request, pasted=pasted | words.pasted)


def over(base: DrawRequest, flags: DrawRequest, words: Parsed) -> Parsed:
    """`base` under `flags`, with what else is known of `words`. What comes from `base` and is
    here no more is told, not refused."""
    changes = said(flags)
    named = {lora.name.casefold() for lora in flags.loras}
    # A picture's own LoRAs are called `name [hash]`.
    kept = tuple(x for x in base.loras if x.name.rpartition(" [")[0].casefold() not in named)
    base = replace(base, loras=kept)
    if base.hires_size and base.width and {"width", "height", "aspect"} & changes.keys():
        # Another first pass: what stays is how many times larger the second one is.
        changes.setdefault("hires_scale", round(base.hires_size[0] / base.width, 2))
    return replace(
        words,
        request=override(base, DrawRequest(**changes)),
        pasted=(frozenset(said(base)) - frozenset(changes) - {"prompt"}) | words.pasted,
    )


def _read(text: str) -> _Change:
    """What the words behind the flags ask for."""
    text, same_seed = text.strip(), False
    for pattern in (_SEED_FIRST, _SEED_LAST):
        if found := pattern.search(text) if pattern is _SEED_LAST else pattern.match(text):
            text, same_seed = (text[: found.start()] + text[found.end() :]).strip(), True
    if found := _IS_AGAIN.match(text):
        text = text[found.end() :]
    signs = list(_SIGN.finditer(text))
    if not signs or signs[0].start():
        return _Change(same_seed, text, ())
    ends = [*(sign.start() for sign in signs[1:]), len(text)]
    signed = tuple(
        ("plus" if sign["plus"] else "minus", text[sign.end() : end].strip(" \t\n,，;；"))
        for sign, end in zip(signs, ends, strict=True)
    )
    return _Change(same_seed, "", signed)


def _signed(
    base: DrawRequest, signed: tuple[tuple[str, str], ...], flags: DrawRequest
) -> tuple[DrawRequest, list[Phrase]]:
    """`base` with words added and taken away, in order."""
    prompt, negative, notes = base.prompt, base.negative_prompt, list[Phrase]()
    for sign, words in signed:
        if not words:
            if not flags.loras:
                notes.append(phrase("note-tweak-empty"))
        elif sign == "plus":
            prompt = _listed(prompt, words)
        else:
            for piece in filter(None, (p.strip() for p in re.split(r"[,，]", words))):
                without = taken_out(prompt, piece)
                if without is None:
                    negative = _listed(negative or "", piece)
                    notes.append(phrase("note-tweak-avoided", words=piece[:60]))
                else:
                    prompt = without
    return replace(base, prompt=prompt, negative_prompt=negative), notes


def _listed(text: str, words: str) -> str:
    kept = text.rstrip(" ,，\n")
    return f"{kept}, {words}" if kept else words


def taken_out(prompt: str, words: str) -> str | None:
    """`prompt` without `words` wherever they stand, in any case, and without the brackets and
    weights that were around them alone; None where they do not stand in it."""
    spaced = r"\s+".join(map(re.escape, words.split()))
    before = r"(?<![^\W\u2e80-\uffef])" if words[0].isalnum() else ""
    after = r"(?![^\W\u2e80-\uffef])" if words[-1].isalnum() else ""
    found = list(re.finditer(f"{before}{spaced}{after}", prompt, re.IGNORECASE))
    for match in reversed(found):
        start, end = _with_brackets(prompt, match.start(), match.end())
        prompt = _closed_up(prompt[:start], prompt[end:])
    return prompt if found else None


def _with_brackets(prompt: str, start: int, end: int) -> tuple[int, int]:
    """The same place with all brackets around it that hold nothing else."""
    while True:
        left = prompt[:start].rstrip()
        weight = _WEIGHT.match(prompt, end)
        close = weight.end() if weight else end
        if not left or prompt[close : close + 1] != _OPENING.get(left[-1], "none"):
            return start, end
        start, end = len(left) - 1, close + 1


def _closed_up(left: str, right: str) -> str:
    """Both sides of a gap, with the comma or space between that they had."""
    gap = " " if left[-1:].isspace() or right[:1].isspace() else ""
    left, right = left.rstrip(" \t"), right.lstrip(" \t")
    if right[:1] in tuple(",，") and (not left or left[-1] in ",，\n([{|"):
        right = right[1:].lstrip(" \t")
    if not right or right[0] in ")]}|":
        left = left.rstrip(" ,，")
    if not left or not right or left[-1] in "\n([{|" or right[0] in "\n,，.。)]}|:":
        gap = ""
    return left + gap + right
