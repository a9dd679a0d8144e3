"""Prompts become what the UNet hears: chunks of 75 tokens with A1111's emphasis."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from bot.prompt import Break, Piece
from bot.render.model import Conditioning, Model, TextTower

CHUNK = 75
"""Tokens of a prompt per call of the text encoder; with begin and end marks 77."""
_LOOK_BACK = 20
"""How far back from a full chunk A1111 looks for a comma to break at."""


@dataclass(slots=True)
class _Chunk:
    tokens: list[int]
    weights: list[float]


def encode(model: Model, pieces: Sequence[Piece], clip_skip: int = 1) -> Conditioning:
    """What the UNet of `model` hears of this prompt.

    The towers' results stand side by side (SDXL); `clip_skip` n takes the n-th layer from the end
    and is ignored by SDXL, as A1111 does.
    """
    parts, pooled = [], None
    with torch.inference_mode():
        for tower in model.towers:
            chunks = _chunks(tower, pieces)
            hidden, first_pooled = _run(tower, chunks, model.device, clip_skip)
            parts.append(hidden)
            pooled = first_pooled if tower.projected else pooled
        longest = max(part.shape[1] for part in parts)
        context = torch.cat([_pad_chunks(p, longest) for p in parts], dim=-1)
    return Conditioning(context.to(model.dtype), pooled)


def _chunks(tower: TextTower, pieces: Sequence[Piece]) -> list[_Chunk]:
    comma = tower.tokenizer.convert_tokens_to_ids(",</w>")
    done: list[_Chunk] = []
    current, last_comma = _Chunk([], []), -1
    for piece in pieces:
        if isinstance(piece, Break):
            done.append(current)
            current, last_comma = _Chunk([], []), -1
            continue
        for token in tower.tokenizer(piece.text, add_special_tokens=False).input_ids:
            if len(current.tokens) == CHUNK:
                cut = last_comma + 1 if CHUNK - last_comma - 1 <= _LOOK_BACK else CHUNK
                cut = cut if last_comma >= 0 and token != comma else CHUNK
                done.append(_Chunk(current.tokens[:cut], current.weights[:cut]))
                current = _Chunk(current.tokens[cut:], current.weights[cut:])
                last_comma = -1
            if token == comma:
                last_comma = len(current.tokens)
            current.tokens.append(token)
            current.weights.append(piece.weight)
    if current.tokens or not done:
        done.append(current)
    return done


def _run(
    tower: TextTower, chunks: list[_Chunk], device: torch.device, clip_skip: int
) -> tuple[Tensor, Tensor | None]:
    begin, end = tower.tokenizer.bos_token_id, tower.tokenizer.eos_token_id
    ids, weights = [], []
    for chunk in chunks:
        room = CHUNK - len(chunk.tokens)
        ids.append([begin, *chunk.tokens, end, *[tower.pad_id] * room])
        weights.append([1.0, *chunk.weights, *[1.0] * (room + 1)])
    output = tower.encoder(torch.tensor(ids, device=device), output_hidden_states=True)
    skip = max(clip_skip, tower.skip) if tower.final_norm else tower.skip
    hidden = output.hidden_states[-min(skip, len(output.hidden_states) - 1)]
    if tower.final_norm:
        hidden = tower.encoder.final_layer_norm(hidden)
    hidden = _emphasise(hidden.float(), torch.tensor(weights, device=device))
    pooled = output.text_embeds[:1] if tower.projected else None
    return hidden.reshape(1, -1, hidden.shape[-1]), pooled


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
