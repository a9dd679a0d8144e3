"""What the rules and the classifier say of drawn pictures, and how right they are themselves."""

from __future__ import annotations

import itertools

import numpy as np
from PIL import Image

from demo_model.captions import Subject
from demo_model.classifier import classify, held_out_subjects
from demo_model.compose import Composer
from demo_model.models import PICTURE
from demo_model.places import HALF, SIDE
from demo_model.prompts import Test
from demo_model.report import COLUMNS
from demo_model.rules import Rules

SEEDS = (0, 1, 2, 3)


def judge_pair(test: Test, picture: np.ndarray, model) -> bool:
    """True when the classifier names the first object in the left half, the other in the right."""
    half, top = PICTURE * HALF // SIDE, PICTURE * 28 // SIDE
    sides = [picture[top : top + half, :half], picture[top : top + half, -half:]]
    large = [np.asarray(Image.fromarray(side).resize((PICTURE, PICTURE))) for side in sides]
    return classify(model, np.stack(large)) == [test.thing, test.other]


def judge(tests: list[Test], pictures: np.ndarray, rules: Rules, model) -> list[dict]:
    """What the rules and the classifier say of each picture."""
    found = classify(model, pictures)
    verdicts = []
    for test, picture, thing in zip(tests, pictures, found, strict=True):
        if test.other:
            verdicts.append({"pair": judge_pair(test, picture, model)})
            continue
        place = rules.locator.find(picture, test.thing, test.scene is not None)
        verdict: dict = {"thing": thing, "object": thing == test.thing, "place": place}
        if test.colour:
            seen = rules.colours(picture, test.thing, place)
            verdict["seen colour"] = seen["part"]
            verdict["colour"] = seen["part"] == test.colour
            verdict["whole colour"] = seen["whole"] == test.colour
            verdict["nearest colour"] = seen["nearest"] == test.colour
        if test.scene:
            verdict["seen scene"] = rules.scene(picture, test.thing, place)
            verdict["scene"] = verdict["seen scene"] == test.scene
        verdicts.append(verdict)
    return verdicts


def share(verdicts: list[dict], key: str) -> float | None:
    values = [verdict[key] for verdict in verdicts if key in verdict]
    return round(float(np.mean(values)), 3) if values else None


def as_subject(test: Test) -> Subject:
    return Subject(test.thing, colour=test.colour, scene=test.scene, other=test.other)


def judges_themselves(tests: list[Test], rules: Rules, model, sprites: dict) -> dict:
    """What the same judges say of composed (perfect) pictures of held-out combinations."""
    composer = Composer(sprites, 4242)
    asked = [Test("", "", "", s.thing, s.colour, s.scene) for s in held_out_subjects()]
    asked += [test for test in dict.fromkeys(tests) if test.other]
    pictures = np.stack([composer.picture(as_subject(test)) for test in asked])
    verdicts = judge(asked, pictures, rules, model)
    return {key: share(verdicts, key) for key in COLUMNS} | {"pictures": len(asked)}


def spread(pictures: np.ndarray) -> float:
    """Mean absolute difference between the pictures of each group of ``SEEDS``, 0..255."""
    groups = pictures.reshape(-1, len(SEEDS), *pictures.shape[1:]).astype(np.float32)
    pairs = itertools.combinations(range(len(SEEDS)), 2)
    return round(float(np.mean([np.abs(groups[:, a] - groups[:, b]).mean() for a, b in pairs])), 1)


def seed_difference(
    tests: list[Test], pictures: np.ndarray, verdicts: list[dict], sprites: dict
) -> dict:
    """How much the seeds change, for objects alone on white."""
    alone = [k for k, test in enumerate(tests) if test.kind == "plain"]
    composer = Composer(sprites, 777)
    composed = np.stack([composer.picture(as_subject(tests[k])) for k in alone])
    places = [verdicts[k]["place"] for k in alone]
    groups = [places[k : k + len(SEEDS)] for k in range(0, len(places), len(SEEDS))]
    return {
        "drawn": spread(pictures[alone]),
        "composed": spread(composed),
        "places": round(float(np.mean([len(set(group)) for group in groups])), 2),
    }
