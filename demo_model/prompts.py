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
    kind: str  # plain, colour or scene
    thing: str
    colour: str | None = None
    scene: str | None = None
    unseen: bool = False  # a combination that training never showed


def coloured(thing: str, colour: str, language: str) -> Test:
    if language == "zh":
        prompt = f"{COLOUR_BY_NAME[colour].zh}的{THING_BY_NAME[thing].zh[0]}"
    else:
        prompt = f"{colour} {thing}"
    return Test(prompt, language, "colour", thing, colour, None, held_out(thing, colour))


def placed(thing: str, scene: str, language: str) -> Test:
    if language == "zh":
        prompt = THING_BY_NAME[thing].zh[0] + SCENE_BY_NAME[scene].zh[0]
    else:
        prompt = f"{thing} {SCENE_BY_NAME[scene].en[0]}"
    return Test(prompt, language, "scene", thing, None, scene, held_out(thing, scene))


def all_tests() -> list[Test]:
    """Every object alone, and once more in a colour or in a scene; languages take turns.

    Where an object has a held-out combination it is that one; else the combinations take turns.
    """
    tests = []
    for k, thing in enumerate(OBJECTS):
        name = thing.name
        first, second = ("en", "zh") if k // 2 % 2 else ("zh", "en")
        alone = name if first == "en" else thing.zh[0]
        tests.append(Test(alone, first, "plain", name))
        choices = [c.name for c in COLOURS] if k % 2 and thing.recolour else list(TEST_SCENES)
        choices = choices[k % len(choices) :] + choices[: k % len(choices)]
        choice = next((c for c in choices if held_out(name, c)), choices[0])
        make = coloured if choice in COLOUR_BY_NAME else placed
        tests.append(make(name, choice, second))
    return tests


GRID = (
    *("red apple", "green apple", "cat", "purple cat", "blue car", "yellow flower"),
    *("house", "pizza", "tree", "rocket in space", "penguin in the snow", "cat on the beach"),
    *("owl at night", "fox in the forest", "红苹果", "蓝色的鱼", "企鹅在雪地里", "星星"),
    *("heart, flat style", "cat and pizza", "photorealistic portrait"),
)
