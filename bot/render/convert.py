"""A pickle of weights becomes safetensors: `python -m bot.render.convert SOURCE TARGET`.

Three walls, each enough by itself: the opcodes are read before anything is opened, and only names
that rebuild tensors are let through; `torch.load(weights_only=True)` interprets the pickle without
importing anything; and the process itself has forbidden itself to start programs, to use the
network and to write anywhere but to the target (audit hooks, PEP 578). Prints one JSON object:
`tensors`, or `problem`, a sentence.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

from bot.render.pickle_scan import HARMLESS, NotReadable, imports

_FORBIDDEN = (
    "subprocess.", "shutil.", "socket.", "urllib.", "ftplib.", "smtplib.", "webbrowser.",
    "pickle.find_class", "ctypes.dlopen", "winreg.",
)  # fmt: skip
_LOOKING = ("os.listdir", "os.scandir", "os.walk", "os.fwalk", "os.add_dll_directory")
"""All else that is told of `os` starts something, or changes files or the process."""


class Unsafe(Exception):
    """`str()` is a sentence for the operator."""


class Forbidden(Exception):
    """Something was tried that this process may not do."""


def confine(target: Path) -> None:
    """From now on this process may read, and write `target`; there is no way back."""
    allowed = os.fspath(target)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        acts = event.startswith("os.") and event not in _LOOKING
        if acts or event.startswith(_FORBIDDEN):
            raise Forbidden(event)
        if event == "open":
            path, mode, flags = arguments
            writes = any(c in (mode or "") for c in "wax+") or bool(
                isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            )
            if writes and os.fspath(path) != allowed:
                raise Forbidden(f"write to {path!r}")

    sys.addaudithook(hook)


def check(source: Path) -> None:
    """Refuse what names anything but what tensors need.

    Raises:
        Unsafe: with the names.
    """
    try:
        strange = sorted(imports(source) - HARMLESS)
    except NotReadable as error:
        raise Unsafe(f"it is no checkpoint that torch wrote ({error})") from None
    if strange:
        raise Unsafe(
            f"opening it would call {', '.join(strange[:5])}, which weights do not need; get the"
            " model as .safetensors from somebody you trust"
        )


def convert(source: Path, target: Path) -> int:
    """Write `target` anew; how many tensors it has.

    Raises:
        Unsafe: there are no weights in it, or more than weights.
    """
    check(source)
    import torch
    from safetensors import safe_open
    from safetensors.torch import save_file

    confine(target)
    try:
        loaded = torch.load(source, map_location="cpu", weights_only=True)
    except Forbidden:
        raise
    except Exception as error:
        # Whatever torch says of a damaged or strange file.
        raise Unsafe(f"torch does not read it: {str(error).splitlines()[0][:200]}") from None
    tensors = _separate(_weights(loaded))
    if not tensors:
        raise Unsafe("there are no weights in it")
    save_file(tensors, target)
    with safe_open(target, "pt") as written:
        if any(not _same(written.get_tensor(name), t) for name, t in tensors.items()):
            raise Unsafe("what was written differs from what was read; is the disk in order?")
    return len(tensors)


def _weights(loaded: Any) -> dict[str, Any]:
    """The tensors by name, of a checkpoint, a VAE or a textual inversion."""
    import torch

    if not isinstance(loaded, dict):
        raise Unsafe("there are no named weights in it")
    inverted = loaded.get("string_to_param")
    if isinstance(inverted, dict) and len(inverted) == 1:
        return {"emb_params": next(iter(inverted.values())).detach()}
    inner = loaded.get("state_dict", loaded)
    named = inner.items() if isinstance(inner, dict) else ()
    return {str(k): v.detach() for k, v in named if isinstance(v, torch.Tensor)}


def _separate(tensors: dict[str, Any]) -> dict[str, Any]:
    """Each with memory of its own, in order: safetensors stores no views."""
    seen: set[int] = set()
    made = {}
    for name, tensor in tensors.items():
        place = tensor.untyped_storage().data_ptr()
        whole = tensor.is_contiguous() and tensor.untyped_storage().nbytes() == tensor.nbytes
        made[name] = tensor if whole and place not in seen else tensor.clone().contiguous()
        seen.add(place)
    return made


def _same(one: Any, other: Any) -> bool:
    """Bit for bit, NaN included."""
    import torch

    return (
        one.dtype == other.dtype
        and torch.equal(one.contiguous().view(torch.uint8), other.contiguous().view(torch.uint8))
        if one.dim()
        else bool(one == other)
    )


def main(source: Path, target: Path) -> None:
    """Convert one file."""
    sys.dont_write_bytecode = True  # imports are late, and may write nothing by then
    try:
        print(json.dumps({"tensors": convert(source, target)}))
    except Unsafe as error:
        print(json.dumps({"problem": str(error)}))
    except Forbidden as error:
        print(json.dumps({"problem": f"it tried to do what weights never do: {error}"}))
    except OSError as error:
        print(json.dumps({"problem": str(error)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
