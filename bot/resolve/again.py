"""From what was done back to what to ask for, so that the same is done again (pure)."""

from bot.domain import AskedLora, DrawRequest
from bot.spec import LoraRef, ModelRef, RenderSpec


def asked_again(spec: RenderSpec, index: int = 0) -> DrawRequest:
    """The request whose first picture is picture `index` of `spec`; the rest of it is as there.

    Files are named with their hash, so that a file of another name is found, and another file of
    the same name is not taken for it.
    """
    seed, subseed = spec.seeds(index)
    hires, refiner = spec.hires, spec.refiner
    return DrawRequest(
        prompt=spec.prompt,
        negative_prompt=spec.negative_prompt,
        seed=seed,
        steps=spec.steps,
        cfg_scale=spec.cfg_scale,
        sampler=spec.sampler,
        schedule=spec.schedule,
        width=spec.width,
        height=spec.height,
        count=spec.count,
        denoising_strength=spec.denoising_strength if spec.input_sha256 else None,
        checkpoint=_title(spec.checkpoint),
        vae=_title(spec.vae) if spec.vae else None,
        loras=tuple(
            AskedLora(name=_title(lora), weight=lora.weight, extra=lora.extra)
            for lora in spec.loras
        ),
        hires_size=(hires.width, hires.height) if hires else None,
        hires_steps=hires.steps if hires else None,
        hires_upscaler=hires.upscaler if hires else None,
        hires_denoising_strength=hires.denoising_strength if hires else None,
        refiner=_title(refiner.checkpoint) if refiner else "none",
        refiner_switch_at=refiner.switch_at if refiner else None,
        subseed=subseed if spec.subseed_strength else None,
        subseed_strength=spec.subseed_strength or None,
        clip_skip=spec.clip_skip,
        raw=True,
    )


def _title(ref: ModelRef | LoraRef) -> str:
    return f"{ref.name} [{ref.sha256[:10]}]"
