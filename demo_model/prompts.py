"""The fixed list of test prompts."""

from __future__ import annotations

from dataclasses import dataclass

from demo_model.vocabulary import (
    COLOUR_BY_NAME,
    COLOURS,
    OBJECTS,
    SCENE_BY_NAME,
    THING_BY_NAME,
    held_out,
)

TEST_SCENES = ("beach", "snow", "space", "night")


@dataclass(frozen=True)
class Test:
    """One prompt and what a picture for it has to show."""

    prompt: str
    language: str
    kind: str  # plain, colour, scene or pair
    thing: str
    colour: str | None = None
    scene: str | None = None
    other: str | None = None
    unseen: bool = False  # a combination that training never showed


def coloured(thing: str, colour: str, language: str) -> Test:
    if language == "zh":
        prompt = f"{COLOUR_BY_NAME[colour].zh}的{THING_BY_NAME[thing].zh[0]}"
    else:
        prompt = f"{colour} {thing}"
    return Test(prompt, language, "colour", thing, colour, unseen=held_out(thing, colour))


def placed(thing: str, scene: str, language: str) -> Test:
    if language == "zh":
        prompt = THING_BY_NAME[thing].zh[0] + SCENE_BY_NAME[scene].zh[0]
    else:
        prompt = f"{thing} {SCENE_BY_NAME[scene].en[0]}"
    unseen = held_out(thing, scene)
    return Test(prompt, language, "scene", thing, scene=scene, unseen=unseen)


def paired(thing: str, other: str, language: str) -> Test:
    names = (THING_BY_NAME[thing].zh[0], THING_BY_NAME[other].zh[0])
    prompt = "和".join(names) if language == "zh" else f"{thing} and {other}"
    return Test(prompt, language, "pair", thing, other=other)


def choose(thing: str, names: list[str], turn: int) -> str:
    """A combination that training never showed, where there is one; else they take turns."""
    names = names[turn % len(names) :] + names[: turn % len(names)]
    return next((name for name in names if held_out(thing, name)), names[0])


def all_tests() -> list[Test]:
    """Every object alone, in a colour where it takes one, and in a scene; and a few pairs.

    The two languages take turns.
    """
    tests = []
    for k, thing in enumerate(OBJECTS):
        first, second = ("en", "zh") if k // 2 % 2 else ("zh", "en")
        tests.append(Test(thing.name if first == "en" else thing.zh[0], first, "plain", thing.name))
        if thing.recolour:
            colour = choose(thing.name, [c.name for c in COLOURS], k)
            tests.append(coloured(thing.name, colour, second))
        scene = choose(thing.name, list(TEST_SCENES), k)
        tests.append(placed(thing.name, scene, first if k % 2 else second))
    for k in range(0, len(OBJECTS), 5):
        other = OBJECTS[(k * 7 + 29) % len(OBJECTS)].name
        tests.append(paired(OBJECTS[k].name, other, "zh" if k % 2 else "en"))
    return tests


GRID = (
    *("red apple", "green apple", "cat", "purple cat", "blue car", "yellow flower"),
    *("house", "pizza", "tree", "rocket in space", "penguin in the snow", "cat on the beach"),
    *("owl at night", "fox in the forest", "红苹果", "蓝色的鱼", "企鹅在雪地里", "星星"),
    *("red bus", "purple frog", "blue robot", "红色的花", "pink donut", "gray rabbit"),
    *("heart, flat style", "house, flat style", "cat and pizza", "dog and balloon"),
    *("sunset", "photorealistic portrait"),
)
