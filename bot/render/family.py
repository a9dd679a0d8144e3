"""Which kind of model a file holds, told by names and shapes of its tensors."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.render.weights_file import Header, UnusableWeights

Shapes = Mapping[str, tuple[int, ...]]

_UNET = "model.diffusion_model."
_FIRST_CONV = _UNET + "input_blocks.0.0.weight"
_LABEL = _UNET + "label_emb.0.0.weight"
_CLIP = "cond_stage_model.transformer."
_OPEN_CLIP = "cond_stage_model.model."
_XL_FIRST = "conditioner.embedders.0.transformer."
_XL_SECOND = "conditioner.embedders.1.model."
_REFINER = "conditioner.embedders.0.model."
_INPAINT_CHANNELS = 9
_DECODER = "first_stage_model.decoder.conv_in.weight"


@dataclass(frozen=True, slots=True)
class Family:
    """A kind of checkpoint that can be drawn with."""

    name: str
    config: str
    """Folder of `bot/render/configs`."""
    native_size: int


SD1 = Family("SD 1.x", "sd1", 512)
SD2 = Family("SD 2.x", "sd2", 768)
SDXL = Family("SDXL", "sdxl", 1024)
REFINER = Family("SDXL refiner", "sdxl_refiner", 1024)


def checkpoint_family(shapes: Shapes) -> Family:
    """The family of a single-file checkpoint in A1111's layout.

    Raises:
        UnusableWeights: `model-unknown-family`; `model-inpainting`, or `model-not-yet` for a model
            that is told what to change and for one trained with EDM's noise levels.
    """
    first = shapes.get(_FIRST_CONV)
    if first is None or len(first) != 4 or _DECODER not in shapes:
        raise UnusableWeights("model-unknown-family")
    refuse_channels(first[1])
    if any(name.startswith("edm_") for name in shapes):
        raise UnusableWeights("model-not-yet")
    if _has(shapes, _REFINER) and not _has(shapes, _XL_SECOND) and _LABEL in shapes:
        return REFINER
    if _has(shapes, _XL_FIRST) and _has(shapes, _XL_SECOND) and _LABEL in shapes:
        return SDXL
    if _has(shapes, _CLIP):
        return SD1
    if _has(shapes, _OPEN_CLIP):
        return SD2
    raise UnusableWeights("model-unknown-family")


def refuse_channels(count: int) -> None:
    """Refuse a UNet that wants to see more than the noisy latent.

    Raises:
        UnusableWeights: `model-inpainting` or `model-not-yet`.
    """
    if count == _INPAINT_CHANNELS:
        raise UnusableWeights("model-inpainting")
    if count != 4:
        raise UnusableWeights("model-not-yet")


def _has(shapes: Shapes, prefix: str) -> bool:
    return any(name.startswith(prefix) for name in shapes)


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a checkpoint file says about how it was trained."""

    v: bool | None
    """Whether the UNet answers with v; None: the file does not say."""
    zero_terminal: bool
    """Trained up to pure noise (zero terminal signal-to-noise ratio)."""


def prediction(header: Header) -> Prediction:
    """Told by the empty tensors `v_pred` and `ztsnr` that trainers add for web UIs, or by metadata:
    `modelspec.prediction_type` (https://github.com/Stability-AI/ModelSpec) and ComfyUI's
    `modelspec.predict_key`."""
    said = [header.metadata.get(f"modelspec.{k}", "") for k in ("prediction_type", "predict_key")]
    words = {word.strip().lower() for word in said}
    v: bool | None = None
    if "v_pred" in header.shapes or words & {"v", "v_prediction", "v-prediction"}:
        v = True
    elif words & {"epsilon", "eps"}:
        v = False
    return Prediction(v, "ztsnr" in header.shapes)


# Files beside the checkpoint ----------------------------------------------------------------

_BY_EMBEDDING = {768: SD1.name, 1024: SD2.name, 1280: SDXL.name}


def vae_family(shapes: Shapes) -> str:
    """Always "": the VAEs of all families have one shape, and fit by choice.

    Raises:
        UnusableWeights: it is no such VAE.
    """
    prefix = "first_stage_model." if _DECODER in shapes else ""
    first = shapes.get(prefix + "decoder.conv_in.weight")
    if first is None or first[1:] != (4, 3, 3) or prefix + "encoder.conv_in.weight" not in shapes:
        raise UnusableWeights("model-unknown-family")
    return ""


def embedding_family(shapes: Shapes) -> str:
    """Which checkpoints a textual inversion fits, from the width of its vectors.

    Raises:
        UnusableWeights: it is none.
    """
    if set(shapes) >= {"clip_l", "clip_g"}:
        return SDXL.name
    vectors = shapes.get("emb_params")
    if vectors is None or len(vectors) != 2 or vectors[1] not in _BY_EMBEDDING:
        raise UnusableWeights("model-unknown-family")
    return _BY_EMBEDDING[vectors[1]]
