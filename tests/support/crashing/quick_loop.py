"""An event loop whose time passes only when everything waits: a minute of waiting costs nothing.

The wall clock and the clocks of the product's modules follow it.
"""

import asyncio
import selectors
import sys
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import cache
from time import monotonic
from types import FunctionType, ModuleType
from typing import Any, TypeVar
from unittest import mock

import time_machine

from tests.support.crashing.weaving import functions_of

BEGIN = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
T = TypeVar("T")


class Clock:
    """Seconds since the beginning; the wall clock goes with them."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._traveller: Any = None

    def __call__(self) -> float:
        # Who looks at a real clock again and again sees it move.
        self.seconds += 1e-6
        return self.seconds

    def pass_(self, seconds: float) -> None:
        """Time goes on, also across processes: it never goes back."""
        self.seconds += max(0.0, seconds)
        if self._traveller is not None and seconds > 0:
            # As a number: a moment with a time zone makes the C library read its zones again.
            self._traveller.move_to(BEGIN.timestamp() + self.seconds, tick=False)

    @contextmanager
    def ruling(self, packages: tuple[str, ...]) -> Iterator[None]:
        """While in the block, `datetime.now` and each `monotonic` of the packages are this one."""
        modules = [m for n, m in sys.modules.items() if n.split(".")[0] in packages]
        with time_machine.travel(BEGIN, tick=False) as self._traveller, ExitStack() as stack:
            for module in modules:
                if "monotonic" in vars(module):
                    stack.enter_context(mock.patch.object(module, "monotonic", self))
            for function in _with_a_clock(*modules):
                stack.callback(setattr, function, "__defaults__", function.__defaults__)
                function.__defaults__ = tuple(
                    self if one is monotonic else one for one in function.__defaults__ or ()
                )
            yield
        self._traveller = None


@cache
def _with_a_clock(*modules: ModuleType) -> list[FunctionType]:
    """Functions that take the machine's clock unless they are given another."""
    functions = [function for module in modules for function in functions_of(module)]
    return [one for one in functions if monotonic in (one.__defaults__ or ())]


class _Skipping(selectors.DefaultSelector):
    """Instead of waiting, time passes."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None:
            raise RuntimeError("everything waits for ever")
        self._clock.pass_(timeout)
        return super().select(0)


class QuickLoop(asyncio.SelectorEventLoop):
    """See the module."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(_Skipping(clock))
        self._quick = clock

    def time(self) -> float:
        """The clock's seconds."""
        return self._quick.seconds


def run(work: Coroutine[Any, Any, T], clock: Clock) -> T:
    """Run to the end on a loop of its own; whatever is left then is canceled."""
    with asyncio.Runner(loop_factory=lambda: QuickLoop(clock)) as runner:
        return runner.run(work)
