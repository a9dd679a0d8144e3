"""Places, colour naming, and the rules that judge pictures, on drawings made here."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw

from demo_model.captions import Subject
from demo_model.judge import SEEDS, judge_pair, spread
from demo_model.naming import NAMES, colour_name, oklab, shares
from demo_model.parts import PARTS
from demo_model.places import CELL, EDGE, GROUND, SIDE, Place, all_places, plain_place, scene_place
from demo_model.recolour import main_part, recolour
from demo_model.rules import Rules
from demo_model.vocabulary import COLOURS, OBJECTS, SCENES, THING_BY_NAME

LAVENDER, ORANGE, LEAF, CHERRY = (222, 202, 240), (243, 142, 63), (109, 156, 91), (200, 50, 40)


def drawing(name: str) -> np.ndarray:
    """A lopsided blob, or for the flower: pale petals, an orange centre, a green leaf."""
    image = Image.new("RGBA", (SIDE, SIDE), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.ellipse([24, 14, 114, 90], fill=(*(LAVENDER if name == "flower" else CHERRY), 255))
    draw.polygon([(14, 112), (60, 60), (70, 114)], fill=(*LEAF, 255))
    if name == "flower":
        draw.ellipse([56, 38, 82, 64], fill=(*ORANGE, 255))
    return np.asarray(image)


@pytest.fixture(scope="module")
def sprites() -> dict[str, np.ndarray]:
    drawn = np.stack([drawing(thing.name) for thing in OBJECTS])
    return {"3d": drawn, "flat": drawn}


@pytest.fixture(scope="module")
def rules(sprites: dict[str, np.ndarray]) -> Rules:
    return Rules(sprites)


def test_places_are_whole_cells_apart_and_inside_the_picture() -> None:
    image = Image.fromarray(drawing("apple"))
    rng = np.random.default_rng(0)
    for scene in (None, "beach", "space"):
        known = set(all_places(image, scene is not None))
        for _ in range(200):
            place = scene_place(rng, image, scene) if scene else plain_place(rng)
            assert place in known
            assert place.x % CELL == place.y % CELL == 0
            solid = place.put(image).getchannel("A").point(lambda value: 255 * (value > 127))
            left, top, right, bottom = solid.getbbox()
            assert min(left, top) >= EDGE - 1
            assert max(right, bottom) <= SIDE - EDGE + 1
            if scene == "beach":
                assert GROUND - CELL - 1 <= bottom <= GROUND + 1


def test_every_hand_given_part_belongs_to_an_object_that_takes_colours() -> None:
    assert all(THING_BY_NAME[name].recolour for name in PARTS)


def test_a_flower_takes_its_colour_in_the_petals() -> None:
    flower = drawing("flower")
    blue = recolour(flower, (58, 122, 232), "flower")
    assert np.abs(blue[30, 60, :3].astype(int) - (58, 122, 232)).max() < 12
    assert np.abs(blue[50, 70, :3].astype(int) - ORANGE).max() < 5
    assert np.abs(blue[100, 60, :3].astype(int) - LEAF).max() < 5


def test_shaded_yellow_leans_to_orange() -> None:
    image = Image.fromarray(drawing("apple"))
    ImageDraw.Draw(image).rectangle([40, 40, 100, 50], fill=(120, 30, 24, 255))
    red, green, blue = recolour(np.asarray(image), (250, 212, 60))[45, 70, :3].astype(int)
    assert red < 230
    assert green / red < 212 / 250 - 0.03
    assert blue < green


def test_white_and_black_lie_at_the_ends_of_lightness() -> None:
    assert np.allclose(oklab(np.array([255, 255, 255])), (1, 0, 0), atol=1e-4)
    assert np.allclose(oklab(np.array([0, 0, 0])), 0)


@pytest.mark.parametrize("colour", COLOURS, ids=lambda colour: colour.name)
def test_pixels_of_a_named_colour_take_its_name(colour) -> None:
    pixels = np.tile(np.array(colour.rgb, np.uint8), (10, 1))
    assert colour_name(pixels) == colour.name
    assert shares(pixels)[NAMES.index(colour.name)] == 1


def test_rules_agree_with_composed_pictures(rules: Rules) -> None:
    for thing in ("apple", "flower"):
        for colour in COLOURS:
            picture = rules.composer.picture(Subject(thing, colour=colour.name))
            place = rules.locator.find(picture, thing, scene=False)
            seen = rules.colours(picture, thing, place)
            assert (seen["part"], seen["nearest"]) == (colour.name, colour.name)


def test_rules_tell_the_scenes_and_plain_white_apart(rules: Rules) -> None:
    for scene in SCENES:
        picture = rules.composer.picture(Subject("apple", scene=scene.name))
        place = rules.locator.find(picture, "apple", scene=True)
        assert rules.scene(picture, "apple", place) == scene.name
    picture = rules.composer.picture(Subject("apple"))
    place = rules.locator.find(picture, "apple", scene=True)
    assert rules.scene(picture, "apple", place) == "plain"


@pytest.mark.parametrize("scene", ["space", "snow", "night", "beach"])
def test_an_object_that_came_out_larger_does_not_hide_the_scene(rules: Rules, scene: str) -> None:
    picture = rules.composer.picture(Subject("apple", scene=scene), Place(104, 8, 16)).copy()
    picture[40:80, 100:120] = (236, 120, 60)
    assert rules.scene(picture, "apple", Place(104, 8, 16)) == scene


def test_an_object_is_found_where_it_was_put(rules: Rules) -> None:
    for place in (Place(), Place(104, 24, 8), Place(128, -8, 0)):
        picture = rules.composer.picture(Subject("apple", colour="green"), place)
        assert rules.locator.find(picture, "apple", scene=False) == place
    place = Place(104, 16, 16)
    picture = rules.composer.picture(Subject("apple", scene="snow"), place)
    assert rules.locator.find(picture, "apple", scene=True) == place


def test_a_flower_with_only_its_centre_coloured_is_not_a_blue_flower(rules: Rules) -> None:
    """The recolouring by dominant hue alone did that; the nearest drawing of its kind agreed."""
    flower = drawing("flower")
    petals = main_part(flower.astype(np.float32) / 255, "flower") > 0.5
    wrong = flower.copy()
    wrong[38:64, 56:82][~petals[38:64, 56:82]] = (58, 122, 232, 255)
    sheet = Image.new("RGBA", (SIDE, SIDE), "white")
    sheet.alpha_composite(Image.fromarray(wrong))
    seen = rules.colours(np.asarray(sheet.convert("RGB")), "flower", Place())
    assert seen["part"] != "blue"
    assert seen["whole"] != "blue"


def test_the_spread_of_equal_pictures_is_nothing() -> None:
    same = np.full((len(SEEDS), 8, 8, 3), 7, np.uint8)
    other = same.copy()
    other[0] += 10
    assert spread(same) == 0
    assert spread(other) == 5


def test_a_pair_counts_only_when_both_sides_are_right(monkeypatch: pytest.MonkeyPatch) -> None:
    from demo_model import judge
    from demo_model.prompts import paired

    def left_is_dark(model, pictures: np.ndarray) -> list[str]:
        return ["cat" if picture.mean() < 100 else "pizza" for picture in pictures]

    monkeypatch.setattr(judge, "classify", left_is_dark)
    picture = np.zeros((SIDE, SIDE, 3), np.uint8)
    picture[:, 64:] = 255
    test = paired("cat", "pizza", "en")
    assert judge_pair(test, picture, None)
    assert not judge_pair(test, picture[:, ::-1], None)
    assert not judge_pair(replace(test, other="cat"), picture, None)
