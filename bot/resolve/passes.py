"""Hires fix, the refiner and the variation seed of one request."""

from collections.abc import Callable

from bot import upscalers
from bot.domain import Catalog, CheckpointInfo
from bot.phrase import phrase
from bot.resolve.models import REFINES
from bot.resolve.names import find, problem
from bot.resolve.numbers import Numbers
from bot.resolve.sizes import bounds_of, fit
from bot.spec import SEEDS, HiresSpec, ModelRef, RefinerSpec, enlarged
from bot.values import shown

USUAL_SCALE = 2.0
MOST_SCALE = 4.0
USUAL_STRENGTH = 0.7
"""A1111's own, of the second pass."""
USUAL_SWITCH = 0.8
USUAL_VARIATION = 0.1
"""Where only a variation seed is said."""
_NO_REFINER = ("none", "no", "off", "无", "不用")


class Passes:
    """What a request says beyond the first pass of one model."""

    def __init__(self, numbers: Numbers, catalog: Catalog) -> None:
        """Of the request that `numbers` is about."""
        self._request, self._checkpoint = numbers.request, numbers.checkpoint
        self._limits, self._defaults = numbers.limits, numbers.defaults
        self._report, self._numbers, self._catalog = numbers.report, numbers, catalog

    # Hires fix -------------------------------------------------------------------------------

    def hires(self, size: tuple[int, int], *, has_input: bool) -> HiresSpec | None:
        """The second pass over a picture of `size`; None where there is none, or no room."""
        request = self._request
        scale, whole = request.hires_scale, request.hires_size
        said = (scale, whole, request.hires_steps, request.hires_upscaler)
        if all(v is None for v in (*said, request.hires_denoising_strength)):
            return None
        if not self._report.has_feature("hires", "hires_scale", self._catalog):
            return None
        if scale is not None and not 1 <= scale <= MOST_SCALE:
            most = shown(MOST_SCALE)
            self._report.fault(phrase("fault-hires-range", asked=shown(scale), most=most))
            return None
        steps, upscaler = self._hires_steps(), self._upscaler()
        strength = self._numbers.hires_strength(USUAL_STRENGTH)
        if has_input:
            self._report.note(phrase("note-hires-input"))
            return None
        fitted = self._hires_size(size, whole, scale or USUAL_SCALE)
        if fitted is None:
            return None
        return HiresSpec(
            width=fitted[0],
            height=fitted[1],
            steps=steps,
            denoising_strength=strength,
            upscaler=upscaler,
        )

    def _hires_size(
        self, size: tuple[int, int], whole: tuple[int, int] | None, scale: float
    ) -> tuple[int, int] | None:
        bounds = bounds_of(self._limits, self._checkpoint)
        if whole is not None:
            scale = min(whole[0] / size[0], whole[1] / size[1])
            if scale < 1:
                asked_size = f"{whole[0]}x{whole[1]}"
                self._report.note(phrase("note-paste-value", key="Hires resize", asked=asked_size))
                return None
        asked = enlarged(*size, scale)
        if whole is not None and _alike(whole, asked):
            asked = whole
        multiple = bounds.multiple
        floored = (asked[0] // multiple * multiple, asked[1] // multiple * multiple)
        fitted = fit(*floored, bounds) if bounds.exceeded_by(*floored) else floored
        if fitted[0] * fitted[1] <= size[0] * size[1] and scale > 1:
            self._report.note(phrase("note-hires-no-room", size=f"{size[0]}×{size[1]}"))
            return None
        if fitted != floored:
            self._report.note(
                phrase(
                    "note-hires-limit",
                    asked=f"{asked[0]}×{asked[1]}",
                    used=f"{fitted[0]}×{fitted[1]}",
                    most=str(bounds.longest),
                    megapixels=f"{bounds.max_pixels / 1e6:.1f}",
                )
            )
        return fitted

    def _hires_steps(self) -> int:
        asked, most = self._request.hires_steps or 0, self._limits.max_steps
        if asked < 0:
            self._report.fault(phrase("fault-hires-steps-range", asked=str(asked), most=most))
        elif asked > most:
            self._report.note(phrase("note-steps-clamped", asked=str(asked), most=most))
        return max(0, min(asked, most))

    def _upscaler(self) -> str:
        asked = self._request.hires_upscaler
        if asked is None:
            return upscalers.LATENT
        if found := upscalers.upscaler(asked):
            return found
        # A model that enlarges pictures is missed least where pictures are enlarged too.
        known = ", ".join(upscalers.UPSCALERS)
        self._report.missing(
            "hires_upscaler",
            phrase("fault-upscaler-unknown", asked=asked[:60], known=known),
            phrase("note-upscaler-missing", asked=asked[:60], used=upscalers.LANCZOS),
        )
        return upscalers.LANCZOS

    # The refiner -----------------------------------------------------------------------------

    def refiner(self) -> RefinerSpec | None:
        """The model that finishes; the configured one where it fits and none is said."""
        asked = self._request.refiner
        name = self._defaults.refiner if asked is None else asked
        switch_at = self._request.refiner_switch_at
        switch_at = USUAL_SWITCH if switch_at is None else switch_at
        if not name or name.casefold() in _NO_REFINER:
            return None
        if not 0 < switch_at <= 1:
            self._report.fault(phrase("fault-refiner-switch", asked=shown(switch_at)))
        if asked is not None and not self._report.has_feature("refiner", "refiner", self._catalog):
            return None
        offered = [c for c in self._catalog.checkpoints if self._finishes(c)]
        found = find(name, offered)
        if len(found) == 1:
            ref = ModelRef(name=found[0].name, sha256=found[0].sha256)
            return RefinerSpec(checkpoint=ref, switch_at=switch_at) if switch_at < 1 else None
        if asked is not None:
            self._missing_refiner(asked, found, offered)
        return None

    def _finishes(self, other: CheckpointInfo) -> bool:
        """Whether `other` works on the same latents, so that it can take over."""
        checkpoint = self._checkpoint
        return (
            other.sha256 != checkpoint.sha256
            and REFINES.get(other.family, other.family) == checkpoint.family
            and not (other.demo or checkpoint.demo)
        )

    def _missing_refiner(
        self, asked: str, found: list[CheckpointInfo], offered: list[CheckpointInfo]
    ) -> None:
        fault = problem("refiner", asked, found, offered)
        elsewhere = find(asked, self._catalog.checkpoints)
        if not found and len(elsewhere) == 1:
            (other,), checkpoint = elsewhere, self._checkpoint
            fault = phrase(
                "fault-refiner-family",
                name=other.name,
                family=REFINES.get(other.family, other.family),
                checkpoint=checkpoint.name,
                needs=checkpoint.family,
            )
        self._report.missing("refiner", fault, phrase("note-refiner-missing", asked=asked[:60]))

    # Variations ------------------------------------------------------------------------------

    def variation(self, seed_source: Callable[[], int]) -> tuple[int, float]:
        """Variation seed and strength; 0 and 0.0 for none."""
        asked, strength = self._request.subseed, self._request.subseed_strength
        if strength is None:
            strength = 0.0 if asked is None else USUAL_VARIATION
        if not 0 <= strength <= 1:
            self._report.fault(phrase("fault-vary-range", asked=shown(strength)))
        if not strength:
            return 0, 0.0
        if asked is None or asked == -1:
            return seed_source() % SEEDS, strength
        return self._numbers.known_seed(asked, "fault-subseed-range"), strength


def _alike(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two sizes differ by no more than rounding."""
    return all(abs(a - b) <= 8 for a, b in zip(one, other, strict=True))
