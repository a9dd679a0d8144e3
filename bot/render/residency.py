"""Weights that only visit the device: in main memory between uses, copied over for each.

The copies in main memory are the originals and never change, so nothing is copied back. A module
computes with the same numbers wherever they lay before: all levels of memory give equal pictures.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary, WeakSet

import torch
from torch import Tensor, nn

from bot.render.room import Level, Room

_Table: TypeAlias = dict[str, Any]
"""A module's own parameters or buffers by name."""
_UNIT_LISTS = ("resnets", "attentions", "downsamplers", "upsamplers")


def on_device(tensor: Tensor, device: torch.device) -> Tensor:
    """A copy on the device; on the main memory's own device the tensor itself."""
    return tensor.to(device)


class _Visitor:
    """A module that is on the device only between `arrive` and `leave`; these may be nested."""

    def __init__(self, module: nn.Module, device: torch.device) -> None:
        self._device = device
        self._uses = 0
        self._home: list[tuple[_Table, str, Tensor]] = []
        self.note(module)

    def note(self, module: nn.Module) -> None:
        """Take what the module holds now for the original."""
        self._home = list(chain.from_iterable(_held(m) for m in module.modules()))

    def arrive(self) -> None:
        self._uses += 1
        if self._uses > 1:
            return
        try:
            # Copies made in inference mode could not be put into a module.
            with torch.inference_mode(False), torch.no_grad():
                for table, name, home in self._home:
                    table[name] = _like(home, on_device(home, self._device))
        except BaseException:
            self.leave()
            raise

    def leave(self) -> None:
        """Also called, by torch's hooks, after an arrival that failed."""
        if not self._uses:
            return
        self._uses -= 1
        if not self._uses:
            for table, name, home in self._home:
                table[name] = home


class Residency:
    """Puts the modules of one checkpoint where its `Room` says."""

    def __init__(self, device: torch.device, room: Room) -> None:
        self.device, self.room = device, room
        self._visitors: WeakKeyDictionary[nn.Module, _Visitor] = WeakKeyDictionary()
        self._staying: WeakSet[nn.Module] = WeakSet()
        self.is_parked = False
        """Whether all weights lie in main memory, so that another checkpoint has the device."""

    def settle(self, module: nn.Module, *, steps: bool = False) -> None:
        """Put a freshly loaded module (in main memory) where it belongs.

        `steps`: it is the UNet, which works at every step.
        """
        if not self.room.is_tight or (steps and self.room.level is Level.MEDIUM):
            module.to(self.device)
            self._staying.add(module)
        elif not steps:
            self._visitors[module] = _Visitor(module, self.device)
        else:
            self._let_units_visit(module)

    def _let_units_visit(self, unet: nn.Module) -> None:
        """The UNet's blocks come and go within each call; only the small rest stays."""
        units = list(_units(unet))
        for unit in units:
            visitor = _Visitor(unit, self.device)
            unit.register_forward_pre_hook(lambda *_, v=visitor: v.arrive())
            unit.register_forward_hook(lambda *_, v=visitor: v.leave(), always_call=True)
        visiting = {id(m) for unit in units for m in unit.modules()}
        for module in unet.modules():
            if id(module) not in visiting:
                for table, name, tensor in _held(module):
                    table[name] = _like(tensor, on_device(tensor, self.device))

    def park(self) -> None:
        """Take all weights off the device; the model cannot draw until `unpark`."""
        for module in self._staying:
            module.to("cpu")
        self.is_parked = True

    def unpark(self) -> None:
        """Bring the weights back.

        Raises:
            torch.OutOfMemoryError: they do not fit; the model stays parked.
        """
        try:
            for module in self._staying:
                module.to(self.device)
        except BaseException:
            self.park()
            raise
        self.is_parked = False

    @contextmanager
    def working(self, module: nn.Module) -> Iterator[None]:
        """Within this, a visiting module is on the device; one that stays there is left alone."""
        visitor = self._visitors.get(module)
        if visitor is None:
            yield
            return
        visitor.arrive()
        try:
            yield
        finally:
            visitor.leave()

    def recast(self, module: nn.Module, dtype: torch.dtype) -> None:
        """Let a module count with other numbers from now on; not while it works."""
        module.to(dtype)
        if visitor := self._visitors.get(module):
            visitor.note(module)


def _units(unet: nn.Module) -> Iterator[nn.Module]:
    for name in ("down_blocks", "mid_block", "up_blocks"):
        part = getattr(unet, name)
        for block in part if isinstance(part, nn.ModuleList) else (part,):
            for kind in _UNIT_LISTS:
                yield from getattr(block, kind, None) or ()


def _held(module: nn.Module) -> Iterator[tuple[_Table, str, Tensor]]:
    """The tensors of a module itself, not of those within it, and where they stand."""
    tables: tuple[_Table, ...] = (module._parameters, module._buffers)
    for table in tables:
        for name, tensor in table.items():
            if tensor is not None:
                yield table, name, tensor


def _like(model: Tensor, copy: Tensor) -> Tensor:
    return nn.Parameter(copy, requires_grad=False) if isinstance(model, nn.Parameter) else copy
