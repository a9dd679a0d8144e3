"""Prompts become what the UNet hears: chunks of 75 tokens with A1111's emphasis."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeAlias
from weakref import ref

import torch
from torch import Tensor, nn

from bot.errors import PromptTooLong
from bot.prompt import MOST_PROMPT_CHUNKS, Break, Piece, name_pattern
from bot.render.lora import Worn, wearing
from bot.render.model import Conditioning, Model, TextTower

CHUNK = 75
"""Tokens of a prompt per call of the text encoder; with begin and end marks 77."""
_LOOK_BACK = 20
"""A full chunk is broken after a comma if fewer than so many tokens follow it, as in A1111."""
_MOST_KEPT = 256
"""Chunks of encoded prompts to remember per model; one of SDXL takes 0.3 MB."""


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Embedding:
    """A textual inversion: vectors (count × width) for each tower, spoken by its file name."""

    name: str
    vectors: tuple[Tensor, ...]


_Token: TypeAlias = int | Tensor
"""A number of the vocabulary, or the vector itself."""


@dataclass(slots=True)
class _Chunk:
    tokens: list[_Token] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    after_comma: int = 0
    """Tokens up to and with the last comma."""

    def add(self, token: _Token, weight: float, *, comma: bool) -> None:
        self.tokens.append(token)
        self.weights.append(weight)
        if comma:
            self.after_comma = len(self.tokens)

    def cut(self, at: int) -> "tuple[_Chunk, _Chunk]":
        """What stays, and the beginning of the next one."""
        return (
            _Chunk(self.tokens[:at], self.weights[:at]),
            _Chunk(self.tokens[at:], self.weights[at:]),
        )


def encode(
    model: Model,
    pieces: Sequence[Piece],
    clip_skip: int = 1,
    loras: Worn = (),
    embeddings: Sequence[Embedding] = (),
) -> Conditioning:
    """What the UNet of `model` hears of this prompt; what it heard lately is remembered.

    The towers' results stand side by side (SDXL); `clip_skip` n takes the n-th layer from the end
    and is ignored by SDXL, as A1111 does.

    Raises:
        PromptTooLong: more than `MOST_PROMPT_CHUNKS` chunks.
    """
    worn = tuple((ref(lora), weight) for lora, weight in loras)
    key = (tuple(pieces), clip_skip, worn, tuple(map(ref, embeddings)))
    conditioning = model.heard.pop(key, None)
    if conditioning is None:
        conditioning = _encoded(model, pieces, clip_skip, loras, embeddings)
        _forget(model, _MOST_KEPT - _chunk_count(conditioning))
    model.heard[key] = conditioning
    return conditioning


def _forget(model: Model, most: int) -> None:
    """Let go of the prompts that were longest not heard, until the others have `most` chunks."""
    kept = sum(map(_chunk_count, model.heard.values()))
    while kept > most and model.heard:
        kept -= _chunk_count(model.heard.popitem(last=False)[1])


def silence(model: Model) -> Conditioning:
    """What SDXL and its refiner hear of an empty negative prompt: zeros, as in A1111.

    So does diffusers for the base model without a negative prompt (`force_zeros_for_empty_prompt`);
    for its refiner it encodes an empty text. SD 1.x and 2.x were trained with one and hear it.
    """
    heard = encode(model, ())
    pooled = None if heard.pooled is None else torch.zeros_like(heard.pooled)
    return Conditioning(torch.zeros_like(heard.context), pooled)


def _chunk_count(conditioning: Conditioning) -> int:
    return conditioning.context.shape[1] // (CHUNK + 2)


def _encoded(
    model: Model,
    pieces: Sequence[Piece],
    clip_skip: int,
    loras: Worn,
    embeddings: Sequence[Embedding],
) -> Conditioning:
    parts, pooled = [], None
    with torch.inference_mode():
        for i, tower in enumerate(model.towers):
            chunks = _chunks(tower, pieces, {e.name.casefold(): e.vectors[i] for e in embeddings})
            with model.residency.working(tower.encoder), wearing([loras] * len(chunks)):
                hidden, first_pooled = _run(tower, chunks, model.device, clip_skip)
            parts.append(hidden)
            pooled = first_pooled if tower.projected else pooled
        longest = max(part.shape[1] for part in parts)
        context = torch.cat([_pad_chunks(p, longest) for p in parts], dim=-1)
    return Conditioning(context.to(model.dtype), pooled)


def _chunks(tower: TextTower, pieces: Sequence[Piece], spoken: dict[str, Tensor]) -> list[_Chunk]:
    comma = tower.tokenizer.convert_tokens_to_ids(",</w>")
    done: list[_Chunk] = []
    current = _Chunk()
    for piece in pieces:
        if isinstance(piece, Break):
            done.append(current)
            current = _Chunk()
            continue
        for word in _words(tower, piece.text, spoken):
            is_comma = isinstance(word[0], int) and word[0] == comma
            if len(current.tokens) == CHUNK:
                late = 0 <= CHUNK - current.after_comma < _LOOK_BACK
                full, current = current.cut(current.after_comma if late and not is_comma else CHUNK)
                done.append(full)
            if len(current.tokens) + len(word) > CHUNK:
                done.append(current)
                current = _Chunk()
            for token in word:
                current.add(token, piece.weight, comma=is_comma)
    if current.tokens or not done:
        done.append(current)
    if len(done) > MOST_PROMPT_CHUNKS:
        raise PromptTooLong(f"a prompt of {len(done)} chunks")
    return done


def _words(tower: TextTower, text: str, spoken: dict[str, Tensor]) -> Iterator[list[_Token]]:
    """The tokens of a text; where the name of an embedding stands as a word, its vectors, which
    stay in one chunk."""
    parts = [text]
    if spoken:
        parts = name_pattern(list(spoken)).split(text)
    for i, part in enumerate(parts):
        if i % 2 and part.casefold() in spoken:
            yield from _fitting(spoken[part.casefold()])
        elif part.strip():
            for token in tower.tokenizer(part, add_special_tokens=False).input_ids:
                yield [token]


def _fitting(vectors: Tensor) -> Iterator[list[_Token]]:
    """All at once; what is longer than a chunk, which A1111 cannot say at all, in parts."""
    return (list(part) for part in torch.split(vectors, CHUNK) if len(part))


def _run(
    tower: TextTower, chunks: list[_Chunk], device: torch.device, clip_skip: int
) -> tuple[Tensor, Tensor | None]:
    begin, end = tower.tokenizer.bos_token_id, tower.tokenizer.eos_token_id
    ids, weights = [], []
    vectors: list[tuple[int, int, Tensor]] = []
    for row, chunk in enumerate(chunks):
        room = CHUNK - len(chunk.tokens)
        plain = [token if isinstance(token, int) else 0 for token in chunk.tokens]
        ids.append([begin, *plain, end, *[tower.pad_id] * room])
        weights.append([1.0, *chunk.weights, *[1.0] * (room + 1)])
        said = enumerate(chunk.tokens, 1)
        vectors += [(row, at, token) for at, token in said if not isinstance(token, int)]
    with _speaking(tower, vectors):
        output = tower.encoder(torch.tensor(ids, device=device), output_hidden_states=True)
    skip = max(clip_skip, tower.skip) if tower.final_norm else tower.skip
    hidden = output.hidden_states[-min(skip, len(output.hidden_states) - 1)]
    if tower.final_norm:
        hidden = tower.encoder.final_layer_norm(hidden)
    hidden = _emphasise(hidden.float(), torch.tensor(weights, device=device))
    pooled = output.text_embeds[:1] if tower.projected else None
    return hidden.reshape(1, -1, hidden.shape[-1]), pooled


@contextmanager
def _speaking(tower: TextTower, vectors: list[tuple[int, int, Tensor]]) -> Iterator[None]:
    """Within this, the token embeddings at these (row, position) are the given vectors."""
    if not vectors:
        yield
        return

    def put(_: nn.Module, __: tuple[Tensor, ...], output: Tensor) -> Tensor:
        changed = output.clone()
        for row, at, vector in vectors:
            changed[row, at] = vector.to(changed.dtype)
        return changed

    handle = tower.encoder.get_input_embeddings().register_forward_hook(put)
    try:
        yield
    finally:
        handle.remove()


def _emphasise(hidden: Tensor, weights: Tensor) -> Tensor:
    """Scales each token; each chunk keeps its mean, as A1111's "Original" emphasis does."""
    if bool((weights == 1.0).all()):
        return hidden
    before = hidden.mean(dim=(1, 2), keepdim=True)
    hidden = hidden * weights.unsqueeze(-1)
    return hidden * (before / hidden.mean(dim=(1, 2), keepdim=True))


def _pad_chunks(part: Tensor, length: int) -> Tensor:
    """Repeats the last chunk; only towers whose tokenizers disagree need it."""
    missing = (length - part.shape[1]) // (CHUNK + 2)
    return torch.cat([part, *[part[:, -(CHUNK + 2) :]] * missing], dim=1)
