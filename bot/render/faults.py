"""torch's errors in our words."""

import torch

from bot.errors import OutOfMemory, RenderError
from bot.render.device import is_out_of_memory


def translated(error: Exception) -> RenderError:
    """The error as a job is told of it.

    Raises:
        SystemExit: the device itself has failed. Whatever is tried on it from now on fails as well,
            so the process ends; another one takes its jobs.
    """
    if isinstance(error, RenderError):
        return error
    if is_out_of_memory(error):
        return OutOfMemory(str(error))
    if isinstance(error, torch.AcceleratorError):
        raise SystemExit(f"the device has failed: {str(error).splitlines()[0]}") from error
    return RenderError(f"{type(error).__name__}: {error}")
