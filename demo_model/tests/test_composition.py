"""The pure parts: vocabulary, captions, recolouring, painting, composing, prompts."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from demo_model.captions import VIEWS, Subject, chinese, english
from demo_model.compose import Composer
from demo_model.fetch import BOX, fit
from demo_model.paint import PAINTERS, SIDE, paint
from demo_model.prompts import all_tests
from demo_model.recolour import recolour
from demo_model.vocabulary import COLOURS, OBJECTS, SCENES, held_out


def blob(fill: tuple[int, int, int]) -> np.ndarray:
    image = Image.new("RGBA", (SIDE, SIDE), (0, 0, 0, 0))
    ImageDraw.Draw(image).ellipse([14, 14, 114, 114], fill=(*fill, 255))
    return np.asarray(image)


@pytest.fixture(scope="module")
def sprites() -> dict[str, np.ndarray]:
    drawn = np.stack([blob((200, 40 + k, 40)) for k in range(len(OBJECTS))])
    return {"3d": drawn, "flat": drawn}


@pytest.fixture(scope="module")
def composer(sprites: dict[str, np.ndarray]) -> Composer:
    return Composer(sprites, seed=1)


def test_at_least_sixty_objects_with_distinct_names() -> None:
    names = [name for thing in OBJECTS for name in (*thing.en, *thing.zh)]
    assert len(OBJECTS) >= 60
    assert len(set(names)) == len(names)
    assert {scene.name for scene in SCENES} == set(PAINTERS)


def test_about_one_combination_in_eight_is_held_out() -> None:
    drawn = [held_out(thing.name, colour.name) for thing in OBJECTS for colour in COLOURS]
    assert 0.08 < np.mean(drawn) < 0.18


def test_english_captions() -> None:
    rng = np.random.default_rng(0)
    texts = {english(Subject("apple", colour="orange", scene="beach"), rng) for _ in range(60)}
    assert "orange apple on the beach" in texts
    assert "an orange apple on the beach" in texts
    assert not any("a orange" in text for text in texts)
    bananas = {english(Subject("banana", scene="night"), rng) for _ in range(60)}
    assert not any("bananan" in text for text in bananas)


def test_chinese_captions() -> None:
    rng = np.random.default_rng(0)
    texts = {chinese(Subject("apple", colour="red", style="flat"), rng) for _ in range(60)}
    assert "红色的苹果，扁平风格" in texts
    assert "红苹果，扁平风格" in texts


@pytest.mark.parametrize("colour", COLOURS, ids=lambda colour: colour.name)
def test_recolour_takes_the_named_colour_and_keeps_the_shape(colour) -> None:
    sprite = blob((210, 50, 40))
    painted = recolour(sprite, colour.rgb)
    assert (painted[..., 3] == sprite[..., 3]).all()
    inside = painted[40:90, 40:90, :3].reshape(-1, 3).mean(0)
    assert np.abs(inside - np.array(colour.rgb)).max() < 12


def test_recolour_leaves_another_hue_alone() -> None:
    image = Image.fromarray(blob((210, 50, 40)))
    ImageDraw.Draw(image).rectangle([50, 0, 78, 20], fill=(60, 180, 60, 255))
    painted = recolour(np.asarray(image), (58, 122, 232))
    assert np.abs(painted[8, 64, :3].astype(int) - (60, 180, 60)).max() < 5


@pytest.mark.parametrize("scene", [scene.name for scene in SCENES])
def test_scenes_are_repeatable(scene: str) -> None:
    first = paint(scene, np.random.default_rng(3))
    assert first.shape == (SIDE, SIDE, 3)
    assert (first == paint(scene, np.random.default_rng(3))).all()


def test_sprites_fit_the_box() -> None:
    wide = Image.new("RGBA", (300, 120), (10, 200, 10, 255))
    left, top, right, bottom = fit(wide).getchannel("A").getbbox()
    assert right - left == BOX
    assert bottom - top < BOX
    assert left + right == SIDE


def test_training_never_shows_a_held_out_combination(composer: Composer) -> None:
    for _ in range(3000):
        subject = composer.subject()
        if not subject.thing:
            continue
        assert not (subject.colour and held_out(subject.thing, subject.colour))
        assert not (subject.scene and held_out(subject.thing, subject.scene))
        assert not (subject.scene and subject.other and held_out(subject.other, subject.scene))


def test_some_pictures_are_mere_scenery(composer: Composer) -> None:
    bare = [subject for subject in (composer.subject() for _ in range(1000)) if not subject.thing]
    assert 40 < len(bare) < 110
    assert all(subject.scene and not subject.colour for subject in bare)
    rng = np.random.default_rng(0)
    beach = Subject("", scene="beach")
    assert {"a beach", "the sandy beach"} < {english(beach, rng) for _ in range(200)}
    assert {chinese(beach, rng) for _ in range(60)} == {"海滩", "沙滩", "海边"}
    assert set(VIEWS) == {scene.name for scene in SCENES}
    drawn = composer.picture(beach)
    known = [scene.tobytes() for scene in composer.scenes["beach"]]
    assert drawn.tobytes() in known


def test_pictures_of_every_kind(composer: Composer) -> None:
    subjects = [
        Subject("apple"),
        Subject("apple", colour="blue", scene="snow"),
        Subject("cat", backdrop="yellow", style="flat"),
        Subject("cat", other="pizza"),
    ]
    for subject in subjects:
        assert composer.picture(subject).shape == (SIDE, SIDE, 3)
    assert (composer.picture(subjects[2])[0, 0] == (250, 212, 60)).all()


def test_a_pair_stands_side_by_side_also_in_a_scene(composer: Composer) -> None:
    pair = composer.picture(Subject("cat", other="pizza"))
    assert (pair[:, 62:66] > 200).all(-1).mean() > 0.6  # hardly anything in the middle
    assert (pair[30:90, 10:50] < 220).any(-1).mean() > 0.5
    assert (pair[30:90, 78:118] < 220).any(-1).mean() > 0.5
    assert composer.picture(Subject("cat", scene="beach", other="pizza")).shape == pair.shape


def test_prompts_cover_every_object_in_both_languages() -> None:
    tests = all_tests()
    assert {test.thing for test in tests} == {thing.name for thing in OBJECTS}
    assert len({test.prompt for test in tests}) == len(tests)
    assert {test.language for test in tests if test.kind == "plain"} == {"en", "zh"}
    unseen = [test for test in tests if test.unseen]
    assert all(held_out(test.thing, test.colour or test.scene or "") for test in unseen)
    assert len(unseen) > 60
    assert {test.thing for test in tests if test.colour} == {t.name for t in OBJECTS if t.recolour}
    assert {test.thing for test in tests if test.scene} == {thing.name for thing in OBJECTS}
    assert len([test for test in tests if test.other and test.other != test.thing]) > 10
