"""Short, literal captions in English and Simplified Chinese."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from demo_model.vocabulary import COLOUR_BY_NAME, SCENE_BY_NAME, THING_BY_NAME

Rng = np.random.Generator
EN_START = ("", "", "", "a ", "a ", "the ", "a picture of a ", "a photo of a ", "a drawing of a ")
ZH_START = ("", "", "", "", "一个", "一张图片，", "画一个")
EN_FLAT = (", flat style", ", flat style", ", flat icon")
EN_3D = (", 3d style", ", 3d")
EN_EXTRA = ("masterpiece, best quality", "highly detailed", "cute", "beautiful")
VIEWS = {  # names of the scenes themselves
    "beach": (("beach", "sandy beach", "seaside"), ("海滩", "沙滩", "海边")),
    "snow": (("snow", "snowy landscape", "winter landscape"), ("雪地", "雪景", "冬天")),
    "space": (("space", "starry space", "outer space"), ("太空", "宇宙")),
    "night": (("night", "night sky", "starry night"), ("夜晚", "夜空", "星空")),
    "meadow": (("meadow", "green meadow", "landscape"), ("草地", "风景")),
    "forest": (("forest", "green forest", "woods"), ("森林", "树林")),
    "sunset": (("sunset", "sunset over the sea", "evening"), ("日落", "夕阳")),
    "underwater": (("underwater world", "sea floor"), ("海底", "海底世界")),
    "city": (("city", "city street", "skyline"), ("城市", "街道")),
    "desert": (("desert", "sand dunes"), ("沙漠",)),
    "rainbow": (("rainbow", "rainbow over the hills"), ("彩虹",)),
    "rain": (("rain", "rainy day"), ("下雨", "雨天")),
}


@dataclass(frozen=True)
class Subject:
    """What one picture shows: main names from the vocabulary, and no ``thing`` in mere scenery."""

    thing: str
    colour: str | None = None
    scene: str | None = None
    backdrop: str | None = None
    style: str = "3d"
    other: str | None = None


def pick(rng: Rng, names: tuple[str, ...], main: float = 0.7) -> str:
    """The main (first) name mostly, one of the others sometimes."""
    if len(names) == 1 or rng.random() < main:
        return names[0]
    return names[1 + int(rng.integers(len(names) - 1))]


def with_article(text: str) -> str:
    """Write "an" where it belongs."""
    return re.sub(r"\ba (?=[aeiou])", "an ", text)


def english(subject: Subject, rng: Rng) -> str:
    if not subject.thing and subject.scene:
        view = pick(rng, VIEWS[subject.scene][0], 0.5)
        return with_article(EN_START[int(rng.integers(len(EN_START)))] + view)
    text = pick(rng, THING_BY_NAME[subject.thing].en)
    if subject.colour:
        text = f"{subject.colour} {text}"
    text = EN_START[int(rng.integers(len(EN_START)))] + text
    if subject.other:
        text += f" and {pick(rng, ('', 'a '), 0.5)}{pick(rng, THING_BY_NAME[subject.other].en)}"
    if subject.scene:
        text += " " + pick(rng, SCENE_BY_NAME[subject.scene].en)
    elif subject.backdrop:
        text += f" on a {subject.backdrop} background"
    if subject.style == "flat":
        text += EN_FLAT[int(rng.integers(len(EN_FLAT)))]
    elif rng.random() < 0.06:
        text += EN_3D[int(rng.integers(len(EN_3D)))]
    if rng.random() < 0.05:
        text += ", " + EN_EXTRA[int(rng.integers(len(EN_EXTRA)))]
    return with_article(text)


def chinese(subject: Subject, rng: Rng) -> str:
    if not subject.thing and subject.scene:
        return pick(rng, VIEWS[subject.scene][1], 0.5)
    text = pick(rng, THING_BY_NAME[subject.thing].zh)
    if subject.colour:
        colour = COLOUR_BY_NAME[subject.colour].zh
        text = (colour + "的" if rng.random() < 0.6 else colour.removesuffix("色")) + text
    text = ZH_START[int(rng.integers(len(ZH_START)))] + text
    if subject.other:
        text += "和" + pick(rng, THING_BY_NAME[subject.other].zh)
    if subject.scene:
        text += pick(rng, ("", "，"), 0.7) + pick(rng, SCENE_BY_NAME[subject.scene].zh)
    elif subject.backdrop:
        text += f"，{COLOUR_BY_NAME[subject.backdrop].zh}背景"
    if subject.style == "flat":
        text += "，扁平风格"
    return text


def caption(subject: Subject, rng: Rng, chinese_share: float = 0.28) -> str:
    """One caption for the subject, in either language."""
    return chinese(subject, rng) if rng.random() < chinese_share else english(subject, rng)
