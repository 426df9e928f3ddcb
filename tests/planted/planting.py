"""Faults by name, planted in this process or in a process about to start.

A fault patches one module of the product. In this process it is patched at once and mended at the
end of a block; in a new one it is patched when it is first imported, so that whoever imports from
it gets the fault, too. Nothing here imports the product before that.
"""

import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

Put = Callable[[object, str, object], None]
"""Puts a value in the place of an attribute."""
Plant = Callable[[Any, Put], None]


@dataclass(frozen=True)
class Fault:
    """`says`: what is wrong with the product while it is planted in `module`."""

    name: str
    module: str
    says: str
    plant: Plant


FAULTS: dict[str, Fault] = {}


class UnknownFault(Exception):  # noqa: N818 - a finding about the environment
    """There is no such fault; the text has those that there are."""


def fault(name: str, module: str, says: str) -> Callable[[Plant], Plant]:
    """Register what plants a fault."""

    def registered(plant: Plant) -> Plant:
        FAULTS[name] = Fault(name, module, says, plant)
        return plant

    return registered


def named(name: str) -> Fault:
    """The fault of this name."""
    if name not in FAULTS:
        known = ", ".join(sorted(FAULTS))
        raise UnknownFault(f"BROCANTE_PLANTED_FAULT: there is no fault {name!r}; there are {known}")
    return FAULTS[name]


@contextmanager
def planted(name: str) -> Iterator[None]:
    """The fault is in the product until the block ends."""
    one = named(name)
    mended: list[tuple[object, str, object]] = []

    def put(holder: object, attribute: str, value: object) -> None:
        mended.append((holder, attribute, getattr(holder, attribute)))
        setattr(holder, attribute, value)

    one.plant(importlib.import_module(one.module), put)
    try:
        yield
    finally:
        for holder, attribute, value in reversed(mended):
            setattr(holder, attribute, value)


def plant_on_import(name: str) -> Fault:
    """The fault is in the product from its module's first import on, for good."""
    one = named(name)
    if one.module in sys.modules:
        one.plant(sys.modules[one.module], setattr)
    else:
        sys.meta_path.insert(0, _Finder(one))
    return one


class _Finder(MetaPathFinder):
    """Lets the others find the module, and has it patched once it is executed."""

    def __init__(self, fault: Fault) -> None:
        self._fault = fault

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002 - the contract
        target: ModuleType | None = None,  # noqa: ARG002 - the contract
    ) -> ModuleSpec | None:
        if fullname != self._fault.module:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, self._fault)
        return spec


class _Loader(Loader):
    def __init__(self, real: Loader, fault: Fault) -> None:
        self._real = real
        self._fault = fault

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._real.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._real.exec_module(module)
        self._fault.plant(module, setattr)
