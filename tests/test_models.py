"""`chatelier models`: from a hub, an address or a file into place; and pickles made harmless."""

import asyncio
import hashlib
import io
import os
import pickle
import sys
import zipfile
from collections import OrderedDict
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save

from bot.config import ModelsConfig
from bot.errors import ConfigError
from bot.models.add import Order, add
from bot.models.children import ask
from bot.models.convert import convert
from bot.render.pickle_scan import HARMLESS, NotReadable, imports
from tests.standins.hub import Hub
from tests.test_cli import chatelier

pytestmark = pytest.mark.timeout(300)

WEIGHTS = {
    "model.diffusion_model.input_blocks.0.0.weight": torch.randn(8, 4, 3, 3),
    "first_stage_model.decoder.conv_in.weight": torch.randn(8, 4, 3, 3),
    "cond_stage_model.transformer.text_model.x": torch.randn(4).half(),
}
CHECKPOINT = save(WEIGHTS)
EMBEDDING = save({"emb_params": torch.randn(2, 768)})


async def added(hub: Hub | None, models: Path, **order: str) -> tuple[Path, list[str]]:
    """What `chatelier models add` does; where the file lies, and what was said."""
    config = ModelsConfig(hub=hub.base) if hub else ModelsConfig()
    said: list[str] = []
    path = await add(
        Order(**{"source": "ann/dream", **order}), models, config, lambda *_: None, said.append
    )
    return path, said


def rest(models: Path) -> list[str]:
    """Every file below the models folder."""
    return sorted(p.relative_to(models).as_posix() for p in models.rglob("*") if p.is_file())


async def test_a_model_of_the_hub_comes_into_its_place(tmp_path: Path) -> None:
    """Its kind is told by its content; its licence and checksum are said."""
    async with Hub({"dream.safetensors": CHECKPOINT, "README.md": b"x"}) as hub:
        path, said = await added(hub, tmp_path)
    assert path == tmp_path / "checkpoints" / "dream.safetensors"
    assert path.read_bytes() == CHECKPOINT
    assert said[0] == f"Licence: openrail. Read it on {hub.base}/ann/dream"
    assert "SD 1.x" in said[1]
    assert hashlib.sha256(CHECKPOINT).hexdigest() in said[1]
    assert rest(tmp_path) == ["checkpoints/dream.safetensors"]


async def test_of_several_one_must_be_named(tmp_path: Path) -> None:
    """With the commands to choose from; embeddings go into their own folder."""
    files = {"a.safetensors": CHECKPOINT, "b.safetensors": EMBEDDING}
    async with Hub(files) as hub:
        with pytest.raises(ConfigError, match=r"chatelier models add ann/dream a\.safetensors"):
            await added(hub, tmp_path)
        with pytest.raises(ConfigError, match="has no c"):
            await added(hub, tmp_path, file="c")
        path, _ = await added(hub, tmp_path, file="b.safetensors")
    assert path == tmp_path / "embeddings" / "b.safetensors"


async def test_a_broken_download_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """Within one command, and in the next one after the network was away for longer."""
    half = len(CHECKPOINT) // 2
    async with Hub({"dream.safetensors": CHECKPOINT}) as hub:
        hub.break_after = [half, 0]
        with pytest.raises(ConfigError, match="the same command goes on"):
            await added(hub, tmp_path)
        assert rest(tmp_path) == [".arriving/dream.safetensors", ".arriving/dream.safetensors.from"]
        hub.break_after = [10]
        path, _ = await added(hub, tmp_path)
    assert path.read_bytes() == CHECKPOINT
    ranges = [asked for _, asked in hub.sent]
    assert ranges == ["", f"bytes={half}-", f"bytes={half}-", f"bytes={half + 10}-"]


async def test_a_file_that_changed_meanwhile_is_fetched_anew(tmp_path: Path) -> None:
    """Halves of two versions would be neither."""
    async with Hub({"dream.safetensors": EMBEDDING}) as hub:
        hub.break_after = [20, 0]
        with pytest.raises(ConfigError):
            await added(hub, tmp_path)
        hub.files, hub.tag = {"dream.safetensors": CHECKPOINT}, '"v2"'
        path, _ = await added(hub, tmp_path)
    assert path.read_bytes() == CHECKPOINT


async def test_a_wrong_checksum_throws_the_file_away(tmp_path: Path) -> None:
    """Whoever states one wants that file."""
    async with Hub({"dream.safetensors": CHECKPOINT}) as hub:
        with pytest.raises(ConfigError, match="is another file"):
            await added(hub, tmp_path, source=hub.address("dream.safetensors"), sha256="0" * 64)
    assert "dream.safetensors" not in " ".join(rest(tmp_path))


async def test_an_address_and_a_file_are_sources_too(tmp_path: Path) -> None:
    """The name is the address's; nothing in it leads out of the folder."""
    own = tmp_path / "own.safetensors"
    own.write_bytes(EMBEDDING)
    models = tmp_path / "models"
    async with Hub({"..%2fx": CHECKPOINT, "dream.safetensors": CHECKPOINT}) as hub:
        first, _ = await added(hub, models, source=hub.address("dream.safetensors"))
        second, _ = await added(hub, models, source=str(own))
        with pytest.raises(ConfigError, match="404"):
            await added(hub, models, source=hub.address("none.safetensors"))
    assert first == models / "checkpoints" / "dream.safetensors"
    assert second == models / "embeddings" / "own.safetensors"
    assert own.exists()


async def test_what_is_there_already_stays(tmp_path: Path) -> None:
    """Nothing is overwritten, and nothing fetched stays behind in two places."""
    async with Hub({"dream.safetensors": CHECKPOINT}) as hub:
        await added(hub, tmp_path)
        with pytest.raises(ConfigError, match="is there already"):
            await added(hub, tmp_path)


async def test_a_gated_model_wants_a_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes to the hub alone."""
    async with Hub({"dream.safetensors": CHECKPOINT}) as hub:
        hub.token = "hf_secret"
        with pytest.raises(ConfigError, match="not for everybody"):
            await added(hub, tmp_path)
        with pytest.raises(ConfigError, match="CHATELIER_HUB_TOKEN"):
            await added(hub, tmp_path, source=hub.address("dream.safetensors"))
        monkeypatch.setenv("CHATELIER_HUB_TOKEN", "hf_secret")
        path, _ = await added(hub, tmp_path)
        async with Hub({"dream.safetensors": EMBEDDING}) as other:
            other.token = "hf_secret"
            config = ModelsConfig(hub=hub.base)
            order = Order(source=other.address("dream.safetensors"))
            with pytest.raises(ConfigError, match="not without permission"):
                await add(order, tmp_path, config, lambda *_: None, lambda _: None)
    assert path.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<html>please log in</html>", "download it again"),
        (b"PK\x03\x04 pickle", "chatelier models convert"),
        (save({"x": torch.zeros(1)}), "."),
    ],
)
async def test_what_is_no_model_does_not_come_into_place(
    tmp_path: Path, content: bytes, said: str
) -> None:
    """A page, a pickle, weights of something else: the sentence says what to do."""
    own = tmp_path / "own.safetensors"
    own.write_bytes(content)
    models = tmp_path / "models"
    async with Hub({"own.safetensors": content}) as hub:
        for source in (str(own), hub.address("own.safetensors")):
            with pytest.raises(ConfigError) as caught:
                await added(None, models, source=source)
            assert said in str(caught.value)
    assert own.exists()
    kept = [".arriving/own.safetensors"] if "convert" in said else []
    assert [name for name in rest(models) if not name.endswith(".from")] == kept


async def test_a_source_that_is_nothing_is_a_sentence(tmp_path: Path) -> None:
    """What may stand there."""
    with pytest.raises(ConfigError, match="owner/model"):
        await added(None, tmp_path, source="dream")


async def test_the_commands_work_in_a_shell(tmp_path: Path) -> None:
    """A checkpoint from the hub by name, then a pickle of it made harmless."""
    async with Hub({"dream.safetensors": CHECKPOINT}) as hub:
        code, out, error = await chatelier(
            tmp_path, "models", "add", "ann/dream", CHATELIER_MODELS__HUB=hub.base
        )
    assert code == 0, error
    assert (tmp_path / "models" / "checkpoints" / "dream.safetensors").exists()
    assert "Licence: openrail" in out + error
    torch.save({"state_dict": WEIGHTS}, tmp_path / "old.ckpt")
    code, out, error = await chatelier(tmp_path, "models", "convert", "old.ckpt")
    assert code == 0, error
    assert_same(load_file(tmp_path / "old.safetensors"), WEIGHTS)
    code, _, error = await chatelier(tmp_path, "models", "convert", "none.ckpt")
    assert code == 2
    assert "there is no such file" in error


def assert_same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> None:
    assert set(one) == set(other)
    assert all(torch.equal(one[name], other[name]) for name in other)


@pytest.mark.parametrize("legacy", [False, True])
async def test_a_pickle_of_weights_becomes_safetensors(tmp_path: Path, legacy: bool) -> None:
    """Views and shared weights become tensors of their own; what is no tensor is left out."""
    shared = torch.arange(12.0)
    weights = {**WEIGHTS, "a": shared[3:6], "b": shared, "c": shared.reshape(3, 4).T}
    path = tmp_path / "old.ckpt"
    torch.save(
        {"state_dict": OrderedDict(weights), "epoch": 3, "lr": 0.1},
        path,
        _use_new_zipfile_serialization=not legacy,
    )
    made = await convert(path)
    assert made == tmp_path / "old.safetensors"
    assert_same(load_file(made), weights)
    assert path.exists()
    with pytest.raises(ConfigError, match="is there already"):
        await convert(path)


async def test_a_textual_inversion_keeps_its_vectors(tmp_path: Path) -> None:
    """In the layout that the models folder takes."""
    vectors = torch.randn(3, 768)
    torch.save({"string_to_param": {"*": vectors}, "name": "x"}, tmp_path / "style.pt")
    made = await convert(tmp_path / "style.pt")
    assert torch.equal(load_file(made)["emb_params"], vectors)
    assert await ask("identify", made) == {"folder": "embeddings", "family": "SD 1.x"}


class Runs:
    """Unpickled, it calls `function(*arguments)`."""

    def __init__(self, function: object, *arguments: object) -> None:
        self.what = (function, arguments)

    def __reduce__(self) -> tuple[object, ...]:
        return self.what


def evil(path: Path, marker: Path, protocol: int = 2) -> Path:
    """A checkpoint that writes `marker` when it is opened."""
    out = io.BytesIO()
    program = f"open({str(marker)!r}, 'w').write('owned')"
    pickle.dump({"state_dict": {"x": Runs(exec, program)}}, out, protocol=protocol)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", out.getvalue())
        archive.writestr("archive/version", "3")
    return path


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
async def test_a_pickle_that_would_run_something_is_never_opened(
    tmp_path: Path, protocol: int
) -> None:
    """The name of the function is said, nothing is run, nothing is made."""
    marker = tmp_path / "owned"
    path = evil(tmp_path / "evil.ckpt", marker, protocol)
    with pytest.raises(ConfigError, match=r"would call \w+\.exec"):
        await convert(path)
    assert [p.name for p in tmp_path.iterdir()] == ["evil.ckpt"]


def test_names_that_are_put_together_on_the_stack_are_not_believed(tmp_path: Path) -> None:
    """A name out of the memo that is no text counts as unknown, and so as harmful."""
    tricks = [
        # memo 0 is set to a harmless text, then to a number; the scan may not believe the first.
        b"\x80\x04\x8c\x0bcollections\x94\x8c\x0bOrderedDict\x94K\x01\x940h\x02h\x01\x93.",
        b"\x80\x04]\x94\x8c\x06system\x93.",
        b"\x80\x02\x82\x01.",  # an extension code: a name from a table elsewhere
    ]
    for number, content in enumerate(tricks):
        path = tmp_path / f"{number}.ckpt"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("archive/data.pkl", content)
        assert imports(path) - HARMLESS, content


def test_what_is_no_pickle_is_said_to_be_none(tmp_path: Path) -> None:
    """Noise, an empty file, an archive of something else."""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("x.txt", "x")
    (tmp_path / "b").write_bytes(b"")
    (tmp_path / "c").write_bytes(os.urandom(100))
    for name in ("a.zip", "b", "c"):
        with pytest.raises(NotReadable):
            imports(tmp_path / name)


@pytest.mark.parametrize(
    "attempt",
    [
        "open({marker!r}, 'w')",
        "__import__('os').system('echo x > ' + {marker!r})",
        "__import__('subprocess').run(['touch', {marker!r}])",
        "__import__('socket').create_connection(('127.0.0.1', 9))",
        "__import__('os').remove({target!r})",
        "__import__('pickle').loads(b'cos\\nsystem\\n.')",
        "__import__('os').open({marker!r}, 65)",
    ],
)
async def test_the_process_that_converts_can_do_nothing_else(tmp_path: Path, attempt: str) -> None:
    """Should the other walls fall: no programs, no network, no file but the new one."""
    marker, target = tmp_path / "owned", tmp_path / "new.part"
    target.write_text("x")
    code = attempt.format(marker=str(marker), target=str(target))
    program = (
        "import sys; sys.dont_write_bytecode = True\n"
        "from pathlib import Path\n"
        "import os, subprocess, socket, pickle\n"
        "from bot.render.convert import Forbidden, confine\n"
        f"confine(Path({str(target)!r}))\n"
        f"open({str(target)!r}, 'wb').close()\n"
        f"try:\n    {code}\nexcept Forbidden:\n    print('forbidden')\n"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, cwd=Path(__file__).parent.parent,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, error = await process.communicate()
    assert out.decode().strip() == "forbidden", error.decode()
    assert not marker.exists()
    assert target.exists()
