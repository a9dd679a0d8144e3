"""LoRAs of many kinds, applied per row of a batch.

A LoRA changes layers by adding to their output, so rows of one UNet call may wear different ones:
each adapted layer has a hook that adds what each LoRA says to just the rows that wear it. Nothing
is merged into the weights, so nothing has to be undone.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias

import torch
from torch import Tensor, nn
from torch.nn import functional

from bot.errors import ModelUnavailable
from bot.render.lora_names import layer_names

Worn: TypeAlias = tuple[tuple["Lora", float], ...]
"""LoRAs of one row with their weights."""
_Apply: TypeAlias = Callable[[nn.Module, Tensor], Tensor]

_PARTS = re.compile(
    r"\.(lora_down|lora_up|lora_mid|lora_A|lora_B|lora\.down|lora\.up|hada_\w+|lokr_\w+)"
    r"(\.default)?(\.weight)?$"
)


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Lora:
    """What a file adds to which layers."""

    name: str
    layers: Mapping[nn.Module, _Apply]
    unknown: tuple[str, ...]
    """Names in the file that fit no layer."""


def read(
    name: str, weights: Mapping[str, Tensor], modules: Mapping[str, nn.Module], dtype: torch.dtype
) -> Lora:
    """Match a file's tensors to layers.

    `modules`: `unet`, `text_encoder`, `text_encoder_2`. Kohya's and diffusers' names are known;
    LoRA, LoCon, LoHa and LoKr. A bias or DoRA scale in the file counts as unknown.

    Raises:
        ModelUnavailable: no layer fits, or shapes do not.
    """
    known = layer_names(modules)
    device = next(iter(modules["unet"].parameters())).device
    layers: dict[nn.Module, _Apply] = {}
    unknown = []
    for prefix, parts in _by_layer(weights).items():
        layer = known.get(prefix)
        made = _made(layer, parts, device, dtype) if layer is not None else None
        if layer is None or made is None:
            unknown.append(prefix)
        else:
            layers[layer] = made
    if not layers:
        raise ModelUnavailable(f"LoRA {name} fits no layer of this checkpoint")
    return Lora(name, layers, tuple(unknown))


def _by_layer(weights: Mapping[str, Tensor]) -> dict[str, dict[str, Tensor]]:
    layers: dict[str, dict[str, Tensor]] = {}
    for name, tensor in weights.items():
        if name.endswith(".alpha"):
            layers.setdefault(name.removesuffix(".alpha"), {})["alpha"] = tensor
        elif match := _PARTS.search(name):
            part = {"lora_A": "lora_down", "lora_B": "lora_up"}.get(match[1], match[1])
            layers.setdefault(name[: match.start()], {})[part.replace("lora.", "lora_")] = tensor
        else:
            layers.setdefault(name, {})["strange"] = tensor
    return layers


def _made(
    layer: nn.Module, parts: Mapping[str, Tensor], device: torch.device, dtype: torch.dtype
) -> _Apply | None:
    """How one layer is changed; None if its tensors are of no known kind."""
    weight = layer.weight
    if not isinstance(weight, Tensor):
        return None
    delta = _full_delta(parts, weight.shape)
    if delta is not None:
        return _whole(delta.to(device, dtype))
    if not {"lora_down", "lora_up"} <= parts.keys():
        return None
    down, up, middle = (
        t.to(device, dtype) if t is not None else None
        for t in (parts["lora_down"], parts["lora_up"], parts.get("lora_mid"))
    )
    if down is None or up is None:
        return None
    scale = float(parts["alpha"]) / down.shape[0] if "alpha" in parts else 1.0
    _check_shapes(layer, down, up, middle)
    return _low_rank(down, up * scale, middle)


def _check_shapes(layer: nn.Module, down: Tensor, up: Tensor, middle: Tensor | None) -> None:
    weight = layer.weight
    fits = isinstance(weight, Tensor) and (
        down.shape[1] == weight.shape[1]
        and up.shape[0] == weight.shape[0]
        and up.shape[1] == (down if middle is None else middle).shape[0]
    )
    if not fits:
        raise ModelUnavailable("LoRA is made for layers of another size")


def _low_rank(down: Tensor, up: Tensor, middle: Tensor | None) -> _Apply:
    def apply(layer: nn.Module, x: Tensor) -> Tensor:
        if isinstance(layer, nn.Conv2d):
            kernel = _kernel(down)
            at_middle = middle is not None
            stride, padding = (1, 0) if at_middle else (layer.stride, layer.padding)
            small = functional.conv2d(x, kernel, stride=stride, padding=padding)
            if middle is not None:
                small = functional.conv2d(small, middle, stride=layer.stride, padding=layer.padding)
            return functional.conv2d(small, _kernel(up))
        return functional.linear(functional.linear(x, down.flatten(1)), up.flatten(1))

    return apply


def _whole(delta: Tensor) -> _Apply:
    def apply(layer: nn.Module, x: Tensor) -> Tensor:
        if isinstance(layer, nn.Conv2d):
            return functional.conv2d(x, delta, stride=layer.stride, padding=layer.padding)
        return functional.linear(x, delta)

    return apply


def _kernel(weight: Tensor) -> Tensor:
    return weight if weight.ndim == 4 else weight[..., None, None]


def _full_delta(parts: Mapping[str, Tensor], shape: torch.Size) -> Tensor | None:
    """LoHa and LoKr as one matrix (LyCORIS, https://github.com/KohakuBlueleaf/LyCORIS)."""
    if "hada_w1_a" in parts:
        if "hada_t1" in parts:
            return None
        one, two = (parts[f"hada_w{i}_a"].float() @ parts[f"hada_w{i}_b"].float() for i in (1, 2))
        rank = parts["hada_w1_b"].shape[0]
        return (one * two * _scale(parts, rank)).reshape(shape)
    if "lokr_w2" in parts or "lokr_w2_a" in parts:
        if "lokr_t2" in parts:
            return None
        one, rank_1 = _lokr_factor(parts, 1)
        two, rank_2 = _lokr_factor(parts, 2)
        rank = rank_1 or rank_2
        scale = _scale(parts, rank) if rank else 1.0
        return (torch.kron(one, two.flatten(1)) * scale).reshape(shape)
    return None


def _lokr_factor(parts: Mapping[str, Tensor], i: int) -> tuple[Tensor, int]:
    if f"lokr_w{i}" in parts:
        return parts[f"lokr_w{i}"].float(), 0
    b = parts[f"lokr_w{i}_b"].float()
    return parts[f"lokr_w{i}_a"].float() @ b.flatten(1), b.shape[0]


def _scale(parts: Mapping[str, Tensor], rank: int) -> float:
    return float(parts["alpha"]) / rank if "alpha" in parts else 1.0


@contextmanager
def wearing(rows: Sequence[Worn]) -> Iterator[None]:
    """Within this, a batch whose row i wears `rows[i]` goes through the adapted layers."""
    handles = []
    for layer, said in _by_module(rows).items():
        handles.append(layer.register_forward_hook(_hook(said, len(rows))))
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _by_module(
    rows: Iterable[Worn],
) -> dict[nn.Module, list[tuple[_Apply, list[int], list[float]]]]:
    wearers: dict[Lora, tuple[list[int], list[float]]] = {}
    for i, worn in enumerate(rows):
        for lora, weight in worn:
            indices, weights = wearers.setdefault(lora, ([], []))
            indices.append(i)
            weights.append(weight)
    layers: dict[nn.Module, list[tuple[_Apply, list[int], list[float]]]] = {}
    for lora, (indices, weights) in wearers.items():
        for layer, apply in lora.layers.items():
            layers.setdefault(layer, []).append((apply, indices, weights))
    return layers


def _hook(
    said: list[tuple[_Apply, list[int], list[float]]], count: int
) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], Tensor]:
    everybody = list(range(count))

    def hook(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
        x = inputs[0]
        for apply, indices, weights in said:
            scale = torch.tensor(weights, device=x.device, dtype=x.dtype)
            scale = scale.reshape(-1, *[1] * (output.ndim - 1))
            if indices == everybody:
                output = output + apply(layer, x) * scale
            else:
                at = torch.tensor(indices, device=x.device)
                output = output.index_add(0, at, apply(layer, x[at]) * scale)
        return output

    return hook
