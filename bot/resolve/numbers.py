"""The numbers of a request within the limits."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.config import DefaultsConfig, LimitsConfig
from bot.domain import Catalog, CheckpointInfo, DrawRequest
from bot.phrase import Phrase, phrase
from bot.resolve.report import Report
from bot.resolve.sizes import Bounds, bounds_of, fit, wanted
from bot.spec import SEEDS
from bot.values import shown

USUAL_STEPS = 20
USUAL_CFG_SCALE = 7.0
MOST_CFG_SCALE = 30.0
MOST_CLIP_SKIP = 12
"""A1111's own limit; CLIP has twelve layers or more."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """Clamps or refuses the numbers of one request, and fills the missing ones."""

    request: DrawRequest
    limits: LimitsConfig
    defaults: DefaultsConfig
    checkpoint: CheckpointInfo
    report: Report

    def steps(self) -> int:
        """Sampling steps; too many are clamped, none or fewer are refused."""
        usual = self.defaults.steps or self.checkpoint.steps or USUAL_STEPS
        asked = self.request.steps
        if asked is None:
            return min(usual, self.limits.max_steps)
        most = self.limits.max_steps
        if asked < 1:
            self.report.fault(phrase("fault-steps-range", asked=str(asked), most=most))
        elif asked > most:
            self.report.note(phrase("note-steps-clamped", asked=str(asked), most=most))
        return max(1, min(asked, most))

    def count(self) -> int:
        """Pictures; too many are clamped, none or fewer are refused."""
        asked, most = self.request.count, self.limits.max_count
        if asked is None:
            return 1
        if asked < 1:
            self.report.fault(phrase("fault-count-range", asked=str(asked), most=most))
        elif asked > most:
            self.report.note(phrase("note-count-clamped", asked=str(asked), most=most))
        return max(1, min(asked, most))

    def cfg_scale(self) -> float:
        """CFG scale; outside 0 to 30 nobody knows what was meant."""
        usual = self.defaults.cfg_scale or self.checkpoint.cfg_scale or USUAL_CFG_SCALE
        asked = self.request.cfg_scale
        if asked is None:
            return usual
        if not 0 <= asked <= MOST_CFG_SCALE:
            self.report.fault(phrase("fault-cfg-range", asked=shown(asked)))
        return asked

    def clip_skip(self, catalog: Catalog) -> int:
        """Clip skip in A1111's count, where 1 skips nothing."""
        asked = self.request.clip_skip
        if asked is None or asked in (0, 1):
            return 1
        if not 1 <= asked <= MOST_CLIP_SKIP:
            fault = phrase("fault-clip-skip-range", asked=str(asked), most=MOST_CLIP_SKIP)
            self.report.fault(fault)
            return 1
        return asked if self.report.has_feature("clip_skip", "clip_skip", catalog) else 1

    def denoising_strength(self, *, has_input: bool, has_hires: bool) -> float:
        """How much of the source picture is drawn anew: above 0, at most 1."""
        asked = self.request.denoising_strength
        if asked is None:
            return self.defaults.denoising_strength if has_input else 1.0
        if not has_input and (has_hires or self.report.is_pasted("denoising_strength")):
            return 1.0
        if self._is_share(asked) and not has_input:
            self.report.note(phrase("note-strength-unused"))
        return asked if has_input else 1.0

    def hires_strength(self, usual: float) -> float:
        """How much the second pass draws anew; A1111 has one name for this and img2img's."""
        request = self.request
        said = (request.hires_denoising_strength, request.denoising_strength)
        asked = next((s for s in said if s is not None), usual)
        return asked if self._is_share(asked) else usual

    def _is_share(self, asked: float) -> bool:
        if 1 < asked <= 100:
            percent, meant = shown(asked), shown(round(asked / 100, 6))
            self.report.fault(phrase("fault-strength-percent", asked=percent, meant=meant))
        elif not 0 < asked <= 1:
            self.report.fault(phrase("fault-strength-range", asked=shown(asked)))
        return 0 < asked <= 1

    def seed(self, seed_source: Callable[[], int]) -> int:
        """The first picture's seed; the others count up from it."""
        asked = self.request.seed
        if asked is None or asked == -1:
            return seed_source() % SEEDS
        return self.known_seed(asked, "fault-seed-range")

    def known_seed(self, asked: int, fault: str) -> int:
        """A seed as it is told apart from others; `fault` is said of what is none."""
        used = asked % SEEDS
        if asked < 0:
            self.report.fault(phrase(fault, asked=str(asked), most=str(SEEDS - 1)))
        elif used != asked:
            self.report.note(
                phrase("note-seed-wrapped", asked=str(asked), used=str(used), most=str(SEEDS - 1))
            )
        return used

    def size(self, source: tuple[int, int] | None) -> tuple[int, int]:
        """Width and height: as asked, else shaped like the source, else the usual size."""
        request, native = self.request, self.checkpoint.native_size
        bounds = bounds_of(self.limits, self.checkpoint)
        sides = {"width": request.width, "height": request.height}
        for name, side in sides.items():
            if side is not None and side < 1:
                self.report.fault(phrase("fault-side-range", side=name, asked=str(side)))
                return bounds.shortest, bounds.shortest
        default = (self.defaults.width or native, self.defaults.height or native)
        meant = wanted(request.width, request.height, self._ratio(source), default, native)
        if request.upscale is not None and request.upscale <= 1:
            asked = f"{request.upscale:g}"
            self.report.fault(phrase("fault-upscale-factor", asked=asked))
            return bounds.shortest, bounds.shortest
        if request.upscale is not None and source is not None:
            meant = (source[0] * request.upscale, source[1] * request.upscale)
            fitted = fit(*meant, bounds)
            if fitted[0] <= source[0] or fitted[1] <= source[1]:
                size = f"{source[0]}×{source[1]}"
                self.report.fault(phrase("fault-upscale-no-room", size=size))
        else:
            fitted = fit(*meant, bounds)
        self._tell_size(meant, fitted, bounds)
        return fitted

    def _ratio(self, source: tuple[int, int] | None) -> float | None:
        if aspect := self.request.aspect:
            return aspect[0] / aspect[1]
        return source[0] / source[1] if source else None

    def _tell_size(
        self, meant: tuple[float, float], fitted: tuple[int, int], bounds: Bounds
    ) -> None:
        """Say so where a side or a shape that was asked for could not be kept.

        A shape that is only rounded to whole multiples is what anybody expects.
        """
        request, used = self.request, f"{fitted[0]}×{fitted[1]}"
        said = (request.width, request.height)
        is_beyond = bounds.exceeded_by(*meant)
        missed = any(a is not None and a != got for a, got in zip(said, fitted, strict=True))
        if missed or (request.upscale is not None and is_beyond):
            asked = f"{round(meant[0])}×{round(meant[1])}"
        elif said == (None, None) and request.aspect and is_beyond:
            asked = f"{shown(request.aspect[0])}:{shown(request.aspect[1])}"
        else:
            return
        if not is_beyond:
            multiple = str(bounds.multiple)
            self.report.note(
                phrase("note-size-multiple", asked=asked, used=used, multiple=multiple)
            )
            return
        self.report.note(
            phrase(
                "note-size-limit",
                asked=asked,
                used=used,
                least=str(bounds.shortest),
                most=str(bounds.longest),
                megapixels=_area_too_large(meant, bounds),
            )
        )


def _area_too_large(meant: tuple[float, float], bounds: Bounds) -> str | Phrase:
    """The most that all pixels may be, where it is not the sides alone that are too long."""
    scale = min(1.0, bounds.longest / max(meant))
    if meant[0] * meant[1] * scale**2 <= bounds.max_pixels:
        return ""
    return phrase("note-size-area", megapixels=f"{bounds.max_pixels / 1e6:.1f}")
