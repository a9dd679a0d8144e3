"""Prompts as the UNet hears them: chunks, emphasis, clip skip."""

import pytest
import torch
from torch import Tensor

from bot.domain import ModelRef
from bot.errors import PromptTooLong
from bot.prompt import parse
from bot.render import text
from bot.render.model import Conditioning, Model
from bot.render.text import Embedding, encode
from tests.render_fixtures import Bench, relative


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    folder = tmp_path_factory.mktemp("text")
    bench = Bench(folder, folder)
    ref = ModelRef(name=bench.demo.name, sha256=bench.demo.sha256)
    return bench.loop.shelf.get(ref).model


def heard(model: Model, text: str, clip_skip: int = 1) -> Conditioning:
    return encode(model, parse(text).at_step(1, 1), clip_skip)


def by_hand(model: Model, text: str) -> torch.Tensor:
    tower = model.towers[0]
    ids = tower.tokenizer(text, padding="max_length", max_length=77, truncation=True).input_ids
    with torch.inference_mode():
        hidden: torch.Tensor = tower.encoder(torch.tensor([ids])).last_hidden_state
    return hidden


def test_a_plain_prompt_is_what_the_text_encoder_says(model: Model) -> None:
    """Without syntax the context is the encoder's last hidden state."""
    assert relative(heard(model, "a red apple").context, by_hand(model, "a red apple")) < 1e-5
    assert relative(heard(model, "").context, by_hand(model, "")) < 1e-5


@pytest.mark.parametrize(("words", "chunks"), [(1, 1), (75, 1), (76, 2), (150, 2), (151, 3)])
def test_long_prompts_take_more_chunks(model: Model, words: int, chunks: int) -> None:
    """Each 75 tokens are a chunk of 77; nothing is cut off."""
    assert chunks * 77 == heard(model, "apple " * words).context.shape[1]


def test_a_full_chunk_breaks_after_a_late_comma(model: Model) -> None:
    """A phrase is not torn where a comma stands among the last 20 tokens of a chunk."""
    long = "apple " * 70 + ", star moon sun cat dog fox"
    first, second = heard(model, long).context.split(77, dim=1)
    assert relative(first, by_hand(model, "apple " * 70 + ",")) < 1e-5
    assert relative(second, by_hand(model, "star moon sun cat dog fox")) < 1e-5


def test_a_comma_further_back_is_left_alone(model: Model) -> None:
    """A1111 looks at 20 tokens with the comma: a phrase of 19 moves on, one of 20 is torn."""
    for count, first in ((19, "apple " * 55 + ","), (20, "apple " * 54 + "," + "star " * 20)):
        long = "apple " * (74 - count) + "," + "star " * (count + 1)
        found = heard(model, long).context.split(77, dim=1)[0]
        assert relative(found, by_hand(model, first)) < 1e-5


def test_an_embedding_is_never_torn(model: Model) -> None:
    """What does not fit behind the other words begins the next chunk; one that is longer than a
    chunk fills two."""
    tower = model.towers[0]
    ids = tower.tokenizer("star moon sun", add_special_tokens=False).input_ids
    vectors = tower.encoder.get_input_embeddings().weight[ids].detach()

    def spoken(before: int, vectors: Tensor) -> Tensor:
        words = parse("apple " * before + "spell cat").at_step(1, 1)
        return encode(model, words, embeddings=[Embedding("spell", (vectors,))]).context

    for before, wanted in (
        (72, ("apple " * 72 + "star moon sun", "cat")),
        (73, ("apple " * 73, "star moon sun cat")),
    ):
        found = spoken(before, vectors).split(77, dim=1)
        assert len(found) == 2
        for chunk, said in zip(found, wanted, strict=True):
            assert relative(chunk, by_hand(model, said)) < 1e-5
    assert spoken(1, vectors.repeat(30, 1)).shape[1] == 3 * 77
    assert spoken(1, vectors[:0]).shape[1] == 77


def test_break_begins_a_new_chunk(model: Model) -> None:
    """The words on both sides of BREAK are encoded apart."""
    first, second = heard(model, "a red apple BREAK a star").context.split(77, dim=1)
    assert relative(first, by_hand(model, "a red apple")) < 1e-5
    assert relative(second, by_hand(model, "a star")) < 1e-5


def test_emphasis_scales_tokens_and_keeps_the_mean(model: Model) -> None:
    """A weight multiplies its tokens; afterwards the whole has its mean again."""
    plain, loud = heard(model, "a red apple").context, heard(model, "a (red:1.5) apple").context
    assert float(plain.mean()) == pytest.approx(float(loud.mean()), rel=1e-4)
    ratio = (loud / plain).median(dim=-1).values[0]
    assert float(ratio[2] / ratio[1]) == pytest.approx(1.5, rel=1e-4)
    assert float(ratio[3] / ratio[1]) == pytest.approx(1.0, rel=1e-4)


def test_no_prompt_takes_more_than_its_share(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    """More chunks than may be are refused, and what is remembered is counted in chunks."""
    assert heard(model, "a BREAK " * 63 + "a").context.shape[1] == 64 * 77
    with pytest.raises(PromptTooLong):
        heard(model, "a BREAK " * 64 + "a")
    monkeypatch.setattr(text, "_MOST_KEPT", 5)
    for words in ("one BREAK one", "two BREAK two", "one BREAK one", "three BREAK three"):
        heard(model, words)
    assert len(model.heard) == 2
    before = heard(model, "one BREAK one")
    heard(model, "a BREAK " * 9)
    assert len(model.heard) == 1
    assert heard(model, "one BREAK one") is not before


def test_clip_skip_takes_an_earlier_layer(model: Model) -> None:
    """Clip skip 2 is the last layer but one through the final norm; too many is the first."""
    tower = model.towers[0]
    ids = tower.tokenizer("a star", padding="max_length", max_length=77).input_ids
    with torch.inference_mode():
        states = tower.encoder(torch.tensor([ids]), output_hidden_states=True).hidden_states
        wanted = tower.encoder.final_layer_norm(states[-2])
    assert relative(heard(model, "a star", 2).context, wanted) < 1e-5
    assert heard(model, "a star", 99).context.shape[1] == 77
