"""Files that come, grow, change and go while the bot runs; and odd things among them."""

import contextlib
import json
import os
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import safetensors
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load, save

from bot.domain import Catalog, ModelRef
from bot.errors import ModelUnavailable
from bot.render import library as library_module
from bot.render.family import Family, Shapes
from bot.render.library import Library
from bot.render.watch import Watch
from bot.render.weights_file import UnusableWeights, read_header
from tests.test_render_library import SD1, SD2, library, lora_shapes, put
from tests.test_render_library import safetensors as file_of


class Scene:
    """A models folder, and what is told of it look by look."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.library: Library = library(root)
        self.library.scan()
        self.told: list[Catalog] = []
        self._watch = Watch(self.library, self.told.append)

    def look(self, times: int = 1) -> list[str]:
        """The checkpoints beside the demo afterwards."""
        for _ in range(times):
            self._watch.look()
        return [c.name for c in self.library.catalog.checkpoints if not c.demo]


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def reasons(catalog: Catalog) -> dict[str, str]:
    return {u.name: u.reason for u in catalog.unusable}


def test_a_new_file_is_offered_when_two_looks_saw_it_the_same(scene: Scene) -> None:
    """It takes the demo's place as the default, is told once, and vanishes with its file."""
    path = put(scene.root, "new.safetensors", file_of(SD1))
    assert scene.look() == []
    assert scene.told == []
    assert scene.look(2) == ["new"]
    assert [c.default_checkpoint for c in scene.told] == ["new"]
    path.unlink()
    assert scene.look() == []
    assert scene.told[-1].default_checkpoint == "chatelier-demo"
    assert len(scene.told) == 2


def test_a_file_that_is_being_copied_is_left_alone(scene: Scene) -> None:
    """Neither offered nor complained of while it grows, whether its size is there from the start or
    not; then offered with the hash of what it has become."""
    whole = file_of(SD1)
    for end in (5, len(whole) // 2, len(whole) - 1):
        put(scene.root, "slow.safetensors", whole[:end])
        # Here the size is all there, the content not.
        full = put(scene.root, "full.safetensors", whole[:end] + bytes(len(whole) - end))
        os.utime(full, (end, end))
        assert scene.look() == []
    assert scene.told == []
    put(scene.root, "slow.safetensors", whole)
    put(scene.root, "full.safetensors", whole)
    assert scene.look(2) == ["full", "slow"]
    hashes = {c.sha256 for c in scene.library.catalog.checkpoints if not c.demo}
    assert len(hashes) == 1


def test_a_copy_that_was_broken_off_is_told_when_it_rests(scene: Scene) -> None:
    """A truncated file that no longer grows is named with its reason."""
    put(scene.root, "cut.safetensors", file_of(SD1)[:-9])
    assert scene.look(2) == []
    assert reasons(scene.told[-1]) == {"checkpoints/cut.safetensors": "model-truncated"}


def test_a_file_that_changes_while_it_is_read_is_looked_at_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read half-way is not kept."""
    path = put(scene.root, "new.safetensors", file_of(SD1))
    scene.look()
    digest = scene.library._hashes.sha256
    calls = []

    def meddle(file: Path) -> str:
        found = digest(file)
        if file == path and not calls:
            calls.append(found)
            path.write_bytes(file_of(SD2))
        return found

    monkeypatch.setattr(scene.library._hashes, "sha256", meddle)
    assert scene.look() == []
    assert scene.look(2) == ["new"]
    assert calls[0] not in {c.sha256 for c in scene.library.catalog.checkpoints}
    assert scene.library.catalog.checkpoints[0].family == "SD 2.x"


def test_the_default_stays_when_another_file_comes(scene: Scene) -> None:
    """A name that sorts before it does not take its place in the middle of the day."""
    put(scene.root, "m.safetensors", file_of(SD1))
    scene.look(2)
    put(scene.root, "a.safetensors", file_of(SD2))
    assert scene.look(2) == ["a", "m"]
    assert scene.library.catalog.default_checkpoint == "m"


def test_files_are_read_once(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Later looks open no file that is as it was."""
    put(scene.root, "a.safetensors", file_of(SD1))
    lora = scene.root / "models" / "loras" / "l.safetensors"
    lora.parent.mkdir()
    lora.write_bytes(file_of(lora_shapes(768)))
    scene.look(2)
    opened: list[Path] = []
    really_open: Callable[..., object] = Path.open

    def spy(path: Path, *args: object, **kwargs: object) -> object:
        opened.append(path)
        return really_open(path, *args, **kwargs)

    monkeypatch.setattr(Path, "open", spy)
    scene.look(3)
    assert opened == []
    assert [f.name for f in scene.library.catalog.loras] == ["l"]


def test_a_changed_file_is_another_checkpoint(scene: Scene) -> None:
    """The old content cannot be had any more; an order for it fails by its name."""
    path = put(scene.root, "a.safetensors", file_of(SD1))
    scene.look(2)
    old = scene.library.catalog.checkpoints[0]
    path.write_bytes(file_of(SD2))
    scene.look(2)
    assert scene.library.catalog.checkpoints[0].family == "SD 2.x"
    with pytest.raises(ModelUnavailable, match="a "):
        scene.library.checkpoint(ModelRef(name="a", sha256=old.sha256))


# Odd things ---------------------------------------------------------------------------------


def test_circles_and_broken_links_end(tmp_path: Path) -> None:
    """Links to folders are followed, each folder once; a link to itself or to nothing is named."""
    real = put(tmp_path, "deep/real.safetensors", file_of(SD1))
    root = tmp_path / "models" / "checkpoints"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "far.safetensors").write_bytes(file_of(SD2))
    (root / "linked").symlink_to(elsewhere, target_is_directory=True)
    (root / "deep" / "circle").symlink_to(root, target_is_directory=True)
    (root / "self.safetensors").symlink_to(root / "self.safetensors")
    (root / "nowhere.safetensors").symlink_to(tmp_path / "gone")
    catalog = library(tmp_path).scan()
    names = [c.name for c in catalog.checkpoints if not c.demo]
    assert names == ["deep/real", "linked/far"]
    assert real.exists()
    assert reasons(catalog) == {
        "checkpoints/nowhere.safetensors": "model-unreadable",
        "checkpoints/self.safetensors": "model-unreadable",
    }


def test_a_folder_with_the_name_of_a_file_is_named(tmp_path: Path) -> None:
    """What lies in it is found all the same."""
    put(tmp_path, "x.safetensors/x.safetensors", file_of(SD1))
    catalog = library(tmp_path).scan()
    assert [c.name for c in catalog.checkpoints if not c.demo] == ["x.safetensors/x"]
    assert reasons(catalog) == {"checkpoints/x.safetensors": "model-is-folder"}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads all")
def test_a_file_without_permission_is_named(tmp_path: Path) -> None:
    """The operator hears which one."""
    put(tmp_path, "secret.safetensors", file_of(SD1)).chmod(0)
    assert reasons(library(tmp_path).scan()) == {
        "checkpoints/secret.safetensors": "model-unreadable"
    }


def folder(root: Path, unet: dict[str, object], vae: object) -> Path:
    """A diffusers folder with these configurations."""
    for part, config in (("unet", unet), ("vae", vae)):
        path = root / part
        path.mkdir(parents=True)
        (path / "config.json").write_text(json.dumps(config))
        (path / "model.safetensors").write_bytes(file_of({"weight": [3, 5]}))
        (path / "model.fp16.safetensors").write_bytes(file_of({"weight": [3, 5]}))
    (root / "model_index.json").write_text("{}")
    return root


def test_diffusers_folders_are_told_by_their_configurations(tmp_path: Path) -> None:
    """Each is one model, whatever lies in it; one that cannot be understood is named, and keeps
    nothing else from being offered."""
    root = tmp_path / "models" / "checkpoints"
    sizes: dict[str, object] = {"cross_attention_dim": 2048, "in_channels": 4, "sample_size": 128}
    vae = {"block_out_channels": [1, 1, 1, 1]}
    folder(root / "good", sizes, vae)
    for file in folder(root / "half", sizes, vae).glob("*/model.safetensors"):
        file.unlink()
    folder(root / "inpaint", sizes | {"in_channels": 9}, vae)
    folder(root / "odd", sizes, [])
    folder(root / "odder", sizes | {"sample_size": None}, vae)
    index = library(tmp_path)
    catalog = index.scan()
    good = [c for c in catalog.checkpoints if not c.demo]
    assert [c.name for c in good] == ["good", "half"]
    for one in good:
        assert (one.family, one.native_size) == ("SDXL", 1024)
        found = index.checkpoint(ModelRef(name=one.name, sha256=one.sha256))
        assert found.parameters == {"unet": 15, "vae": 15, "text": 0}
    assert reasons(catalog) == {
        "checkpoints/inpaint": "model-inpainting",
        "checkpoints/odd": "model-unknown-family",
        "checkpoints/odder": "model-unknown-family",
    }


def test_one_file_that_nobody_foresaw_harms_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is named, and the log has the fault."""
    put(tmp_path, "a.safetensors", file_of(SD1))
    put(tmp_path, "b.safetensors", file_of(SD2))
    real = library_module.checkpoint_family

    def stumble(shapes: Shapes) -> Family:
        if "cond_stage_model.model.ln_final.weight" in shapes:
            raise ZeroDivisionError("unforeseen")
        return real(shapes)

    monkeypatch.setattr(library_module, "checkpoint_family", stumble)
    catalog = library(tmp_path).scan()
    assert [c.name for c in catalog.checkpoints if not c.demo] == ["a"]
    assert reasons(catalog) == {"checkpoints/b.safetensors": "model-unknown-family"}
    assert "unforeseen" in caplog.text


def test_a_short_header_is_no_pickle(tmp_path: Path) -> None:
    """A length of 640 begins with the bytes of a pickle, and is none; a real pickle is one."""
    path = tmp_path / "a.safetensors"
    for length in (640, 896, 1152, 1408):
        table = b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
        path.write_bytes(struct.pack("<Q", length) + table.ljust(length) + bytes(4))
        assert read_header(path).shapes == {"a": (1,)}
    for protocol in range(2, 6):
        path.write_bytes(pickle.dumps({"{": 1}, protocol))
        with pytest.raises(UnusableWeights, match="model-is-pickle"):
            read_header(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("data.pkl", b"x")
    with pytest.raises(UnusableWeights, match="model-is-pickle"):
        read_header(path)


SAMPLE = save({"a": torch.zeros(2, 3), "b": torch.zeros(1), "c": torch.zeros(0)}, {"k": "v"})


@given(data=st.data())
def test_what_is_accepted_can_be_loaded(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Any file that a few changed, cut or added bytes make of a good one is refused, or else read
    by the safetensors library with the shapes that were told."""
    content = bytearray(SAMPLE)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        change = data.draw(st.sampled_from(["set", "cut", "add", "digit"]))
        if change == "set":
            content[at] = data.draw(st.integers(0, 255))
        elif change == "cut":
            del content[at : at + data.draw(st.integers(1, 9))]
            content = content or bytearray(1)
        elif change == "digit":
            content[at] = ord(str(data.draw(st.integers(0, 9))))
        else:
            content[at:at] = data.draw(st.binary(max_size=9))
    path = tmp_path_factory.getbasetemp() / "changed.safetensors"
    path.write_bytes(content)
    try:
        told = read_header(path).shapes
    except UnusableWeights:
        return
    # Its rules may be stricter still, which is told when the file is loaded.
    with contextlib.suppress(safetensors.SafetensorError):
        assert {name: tuple(t.shape) for name, t in load(bytes(content)).items()} == told
