"""Weaves crash points into modules that are loaded: their functions get the code with points."""

import importlib
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from tests.support.crashing.points import AFTER, AT, BEFORE, EACH, WITHIN, woven

Hook = Callable[[str], Awaitable[None]]


@dataclass
class Points:
    """What woven code calls; `hook` is told each point that is reached."""

    hook: Hook

    async def at(self, name: str) -> None:
        """A point is reached."""
        await self.hook(name)

    async def each(self, name: str, steps: Any) -> AsyncIterator[Any]:
        """Points before and after each step of an iteration."""
        iterator = aiter(steps)
        while True:
            await self.hook(f"{name} {BEFORE}")
            try:
                step = await anext(iterator)
            except StopAsyncIteration:
                return
            await self.hook(f"{name} {AFTER}")
            yield step

    def within(self, name: str, manager: Any) -> "Within":
        """Points around a block: after it was entered and before it is left."""
        return Within(self, name, manager)


@dataclass
class Within:
    """An asynchronous context manager with points."""

    points: Points
    name: str
    manager: Any

    async def __aenter__(self) -> Any:
        await self.points.hook(f"{self.name} {BEFORE}")
        entered = await self.manager.__aenter__()
        try:
            await self.points.hook(f"{self.name} {AFTER}")
        except BaseException as error:
            if not await self.manager.__aexit__(type(error), error, error.__traceback__):
                raise
        return entered

    async def __aexit__(self, *raised: object) -> Any:
        return await self.manager.__aexit__(*raised)


def names_in(module: str, wanted: Callable[[str], bool]) -> list[str]:
    """The points of a module that are wanted."""
    _, awaits = woven(module, _source(importlib.import_module(module)), wanted)
    return [f"{name} {when}" for name in awaits if wanted(name) for when in (BEFORE, AFTER)]


@contextmanager
def weaving(modules: Sequence[str], wanted: Callable[[str], bool], hook: Hook) -> Iterator[None]:
    """While in the block, these modules run with points; afterwards as before."""
    points = Points(hook)
    before: list[tuple[FunctionType, CodeType]] = []
    loaded = [importlib.import_module(name) for name in modules]
    try:
        for module in loaded:
            vars(module).update({AT: points.at, EACH: points.each, WITHIN: points.within})
            before += _weave(module, wanted)
        yield
    finally:
        for function, code in before:
            function.__code__ = code
        for module in loaded:
            for name in (AT, EACH, WITHIN):
                vars(module).pop(name, None)


def _weave(
    module: ModuleType, wanted: Callable[[str], bool]
) -> list[tuple[FunctionType, CodeType]]:
    tree, _ = woven(module.__name__, _source(module), wanted)
    compiled = compile(tree, inspect.getfile(module), "exec")
    fresh = {code.co_qualname: code for code in _codes(compiled) if _has_points(code)}
    before = []
    for function in functions_of(module):
        code = fresh.pop(function.__code__.co_qualname, None)
        if code is not None:
            before.append((function, function.__code__))
            function.__code__ = code
    if fresh:
        raise LookupError(f"{module.__name__}: no loaded function is {', '.join(fresh)}")
    return before


def _source(module: ModuleType) -> str:
    return Path(inspect.getfile(module)).read_text()


def _codes(code: CodeType) -> Iterator[CodeType]:
    """Functions of a module and of its classes; what is inside a function comes with it."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            if constant.co_flags & inspect.CO_OPTIMIZED:
                yield constant
            else:
                yield from _codes(constant)


def _has_points(code: CodeType) -> bool:
    if {AT, EACH, WITHIN} & set(code.co_names):
        return True
    return any(_has_points(c) for c in code.co_consts if isinstance(c, CodeType))


def functions_of(module: ModuleType) -> Iterator[FunctionType]:
    """Every function defined in a module or in one of its classes, once."""
    seen: set[int] = set()
    for holder in (module, *_classes(module)):
        for value in list(vars(holder).values()):
            for function in _functions(value):
                if function.__module__ == module.__name__ and id(function) not in seen:
                    seen.add(id(function))
                    yield function


def _classes(module: ModuleType) -> list[type]:
    kinds = [value for value in vars(module).values() if isinstance(value, type)]
    return [kind for kind in kinds if kind.__module__ == module.__name__]


def _functions(value: Any) -> list[FunctionType]:
    if isinstance(value, property):
        return [one for one in (value.fget, value.fset) if isinstance(one, FunctionType)]
    inner = inspect.unwrap(getattr(value, "__func__", value)) if callable(value) else value
    inner = getattr(inner, "__func__", inner)
    return [inner] if isinstance(inner, FunctionType) else []
