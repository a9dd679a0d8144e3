"""Which names a pickle would import, read from its opcodes without executing any of them.

A pickle is a program; what it can do is decided by the functions that it names. A file of weights
names a dozen, all known (pickletools in the standard library describes the opcodes).
"""

import io
import pickletools
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

_HARMLESS = {
    "collections.OrderedDict",
    "torch._utils._rebuild_tensor_v2",
    "torch._utils._rebuild_tensor",
    "torch._utils._rebuild_parameter",
    "torch.Size",
    "torch.device",
    "numpy.dtype",
    "numpy.core.multiarray.scalar",
    "numpy._core.multiarray.scalar",
    "_codecs.encode",
}
_STORAGE = ("Float", "Half", "BFloat16", "Double", "Long", "Int", "Short", "Char", "Byte", "Bool")
HARMLESS = frozenset(_HARMLESS | {f"torch.{kind}Storage" for kind in _STORAGE})
_TEXT = {"SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "UNICODE"}
_PUT = {"BINPUT", "LONG_BINPUT", "PUT", "MEMOIZE"}
_GET = {"BINGET", "LONG_BINGET", "GET"}
_LEGACY_PARTS = 5
"""torch.save of old wrote so many pickles, one after another, before the raw numbers."""


class NotReadable(ValueError):
    """This is no pickle that torch has written."""


def imports(path: Path) -> set[str]:
    """Every `module.name` that opening the file would look up.

    Raises:
        NotReadable: it cannot be said for sure.
        OSError: the file cannot be read.
    """
    try:
        if not zipfile.is_zipfile(path):
            with path.open("rb") as file:
                return {name for _ in range(_LEGACY_PARTS) for name in _names(file)}
        with zipfile.ZipFile(path) as archive:
            pickles = [n for n in archive.namelist() if n.endswith(".pkl")]
            if not pickles:
                raise NotReadable("an archive without a pickle")
            return {name for entry in pickles for name in _names(io.BytesIO(archive.read(entry)))}
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise NotReadable(str(error)) from None


def _names(file: BinaryIO) -> Iterator[str]:
    """Of one pickle, read up to its end. What is not surely a text counts as `?`."""
    pushed: list[str] = []
    memo: dict[int, str] = {}
    try:
        for opcode, read, _ in pickletools.genops(file):
            argument: Any = read
            if opcode.name in _TEXT:
                pushed.append(str(argument))
            elif opcode.name in _GET:
                pushed.append(memo.get(int(argument), "?"))
            elif opcode.name in _PUT:
                memo[len(memo) if argument is None else int(argument)] = (pushed or ["?"])[-1]
            elif opcode.name in ("GLOBAL", "INST"):
                yield str(argument).replace(" ", ".")
                pushed.append("?")
            elif opcode.name == "STACK_GLOBAL":
                yield ".".join(pushed[-2:]) if len(pushed) > 1 else "?"
                pushed.append("?")
            else:
                if opcode.name.startswith("EXT"):
                    yield "?"
                pushed.append("?")
    except (ValueError, UnicodeDecodeError, IndexError) as error:
        raise NotReadable(f"not a pickle: {error}") from None
