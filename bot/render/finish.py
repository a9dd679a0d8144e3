"""The last steps of a picture, which need no device: PNG, previews, telling in order."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from PIL import Image
from torch import Tensor

from bot.domain import Picture, RenderSpec
from bot.errors import RenderError
from bot.infotext import format_infotext
from bot.render.picture import png_bytes
from bot.render.protocol import Drawn, Ended, Report, Step
from bot.render.vae import Preview

log = logging.getLogger(__name__)


class Finisher:
    """Compresses and tells in a thread of its own, so that the device need not wait."""

    def __init__(self, tell: Callable[[Report], None], version: str) -> None:
        self._tell, self._version = tell, version
        self._thread = ThreadPoolExecutor(1, "finish")

    def tell(self, report: Report) -> None:
        """Tell something after whatever was handed over before."""
        self._thread.submit(self._tell, report)

    def preview(self, preview: Preview, latent: Tensor, step: Step) -> None:
        """Tell a step with a small picture of `latent`."""
        on_cpu = latent.cpu()

        def work() -> None:
            jpeg = preview.jpeg(on_cpu)
            self._tell(Step(job_id=step.job_id, step=step.step, steps=step.steps, preview=jpeg))

        self._thread.submit(work)

    def picture(
        self, job_id: str, spec: RenderSpec, index: int, image: Image.Image, *, last: bool
    ) -> None:
        """Tell a finished picture and, after the last one, the job's end."""
        seed, _ = spec.seeds(index)

        def work() -> None:
            try:
                infotext = format_infotext(spec, index, self._version)
                png = png_bytes(image, infotext)
            except Exception as error:
                log.exception("picture %d of %s cannot be packed", index, job_id)
                self._tell(Ended(job_id=job_id, failure=RenderError.__name__, detail=repr(error)))
                return
            picture = Picture(index=index, png=png, seed=seed, infotext=infotext)
            self._tell(Drawn(job_id=job_id, picture=picture))
            if last:
                self._tell(Ended(job_id=job_id))

        self._thread.submit(work)

    def wait(self) -> None:
        """Until everything handed over so far is told."""
        self._thread.submit(int).result()
