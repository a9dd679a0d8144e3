"""LoRAs of many kinds, applied per row of a batch.

A LoRA changes layers by adding to their output, so rows of one UNet call may wear different ones:
each adapted layer has a hook that adds what each LoRA says to just the rows that wear it. Nothing
is merged into the weights, so nothing has to be undone.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TypeAlias

import torch
from torch import Tensor, nn
from torch.nn import functional

from bot.errors import ModelUnavailable
from bot.render.lora_names import TEXT, block_labels, by_layer, layer_names, weight_of
from bot.render.lora_shapes import changes

Worn: TypeAlias = tuple[tuple["Lora", float], ...]
"""LoRAs of one row with their weights."""
_Apply: TypeAlias = Callable[[nn.Module, Tensor], Tensor]


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Lora:
    """What a file adds to which layers."""

    name: str
    layers: Mapping[nn.Module, _Apply]
    unknown: tuple[str, ...]
    """Names in the file that fit no layer."""
    labels: Mapping[nn.Module, str]
    """The block that each layer belongs to."""
    byte_count: int


def read(
    name: str,
    weights: Mapping[str, Tensor],
    modules: Mapping[str, nn.Module],
    device: torch.device,
    dtype: torch.dtype,
) -> Lora:
    """Match a file's tensors to layers.

    `modules`: `unet`, `text_encoder`, `text_encoder_2`. Kohya's and diffusers' names are known;
    LoRA, LoCon, LoHa and LoKr. A layer with anything else, such as a DoRA scale, or of another
    size counts as unknown. Tensors go to `device`.

    Raises:
        ModelUnavailable: no layer fits.
    """
    known = layer_names(modules)
    layers: dict[nn.Module, _Apply] = {}
    unknown = []
    for prefix, parts in by_layer(weights).items():
        layer = known.get(prefix)
        shapes = {part: tuple(tensor.shape) for part, tensor in parts.items()}
        if layer is not None and changes(shapes, tuple(weight_of(layer).shape)):
            layers[layer] = _made(layer, parts, device, dtype)
        else:
            unknown.append(prefix)
    if not layers:
        raise ModelUnavailable(f"LoRA {name} fits no layer of this checkpoint")
    size = sum(t.numel() for t in weights.values()) * dtype.itemsize
    return Lora(name, layers, tuple(unknown), block_labels(modules), size)


def shaped(lora: Lora, text: float, unet: float, blocks: Mapping[str, float] | None) -> Lora:
    """The same LoRA with a weight of its own on the text encoders and on each block of the UNet.

    `blocks`: by label, such as `IN04`; what it does not name weighs nothing. The text encoders are
    the block `BASE`. To be worn with weight 1.
    """
    layers = {}
    for layer, apply in lora.layers.items():
        label = lora.labels.get(layer, TEXT)
        factor = text if label == TEXT else unet
        if blocks is not None:
            factor *= blocks.get(label, 0.0)
        if factor:
            layers[layer] = _scaled(apply, factor)
    return replace(lora, layers=layers)


def _scaled(apply: _Apply, factor: float) -> _Apply:
    return lambda layer, x: apply(layer, x) * factor


def _made(
    layer: nn.Module, parts: Mapping[str, Tensor], device: torch.device, dtype: torch.dtype
) -> _Apply:
    """How one layer is changed."""
    delta = _full_delta(parts, weight_of(layer).shape)
    if delta is not None:
        return _whole(delta.to(device, dtype))
    down, up = (parts[part].to(device, dtype) for part in ("lora_down", "lora_up"))
    middle = parts["lora_mid"].to(device, dtype) if "lora_mid" in parts else None
    scale = float(parts["alpha"]) / down.shape[0] if "alpha" in parts else 1.0
    return _low_rank(down, up * scale, middle)


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
        one, two = (parts[f"hada_w{i}_a"].float() @ parts[f"hada_w{i}_b"].float() for i in (1, 2))
        rank = parts["hada_w1_b"].shape[0]
        return (one * two * _scale(parts, rank)).reshape(shape)
    if "lokr_w2" in parts or "lokr_w2_a" in parts:
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
