"""What cross-attention makes of a prompt, computed once instead of at every step.

Prompts stay the same from step to step, and so do the keys and values that each layer of the UNet
makes of them. With small pictures that is a twentieth of the work; with large ones less than a
hundredth, and it takes more memory than it is worth, so only processors do it, within bounds.
"""

from collections.abc import Callable

from torch import Tensor, nn

from bot.render.model import Module

_MOST_BYTES = 64 * 2**20
"""Of the keys and values of one call."""
_ATTRIBUTE = "remembered"


class PromptMemory:
    """Lets the cross-attention layers of a UNet remember, once for each context that asks so."""

    def __init__(self, unet: Module) -> None:
        layers = [
            layer
            for block in unet.modules()
            if (attention := getattr(block, "attn2", None)) is not None
            for layer in (attention.to_k, attention.to_v)
        ]
        self._width = sum(layer.out_features for layer in layers)
        for layer in layers:
            layer.forward = _remembering(layer)

    def prepare(self, context: Tensor) -> None:
        """From now on what the layers make of this very tensor is kept as long as it is."""
        rows, tokens, _ = context.shape
        if rows * tokens * self._width * context.element_size() <= _MOST_BYTES:
            setattr(context, _ATTRIBUTE, {})


def _remembering(layer: nn.Module) -> Callable[[Tensor], Tensor]:
    """Hooks, such as those of LoRAs, work on what is remembered as on what is computed."""
    compute: Callable[[Tensor], Tensor] = layer.forward

    def forward(context: Tensor) -> Tensor:
        remembered: dict[nn.Module, Tensor] | None = getattr(context, _ATTRIBUTE, None)
        if remembered is None:
            return compute(context)
        if layer not in remembered:
            remembered[layer] = compute(context)
        return remembered[layer]

    return forward
