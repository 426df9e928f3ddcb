"""Time that moves only when the model moves it, for the product and for its event loop alike."""

import asyncio
import selectors
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import time_machine

T = TypeVar("T")
START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
MOMENT = 0.001


class HandTime:
    """The present, and a loop on which a sleep takes no time but this one's.

    Waiting moves the time to the next thing that is due; waiting for nothing is an error.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self._traveller = time_machine.travel(START, tick=False)
        self._now = self._traveller.start()
        _travelling.append(self)
        self.loop = _Loop(self)
        # Background work of processes that are gone ends with them: nobody asks for its outcome.
        self.loop.set_exception_handler(lambda _loop, _context: None)

    def pass_(self, seconds: float) -> None:
        """Let time pass."""
        self.seconds += seconds
        self._now.shift(timedelta(seconds=seconds))

    def tick(self) -> None:
        """A moment passes: no two writes happen at the same time."""
        self.pass_(MOMENT)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run to its end."""
        return self.loop.run_until_complete(work)

    def close(self) -> None:
        """The real time again."""
        try:
            for task in asyncio.all_tasks(self.loop):
                task.cancel()
            self.run(asyncio.sleep(0))
            self.loop.close()
        finally:
            _travelling.remove(self)
            self._traveller.stop()


_travelling: list[HandTime] = []


@contextmanager
def back_in_real_time() -> Iterator[None]:
    """Close what was left open when it failed on the way, or the next test has no clock."""
    try:
        yield
    finally:
        while _travelling:
            _travelling[-1].close()


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self, time: HandTime) -> None:
        self._hand = time
        super().__init__(_Selector(time))

    def time(self) -> float:
        return self._hand.seconds


class _Selector(selectors.SelectSelector):
    def __init__(self, time: HandTime) -> None:
        super().__init__()
        self._hand = time

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("everything waits for something that nothing will bring about")
        if timeout > 0:
            self._hand.pass_(timeout)
        return super().select(0)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return super().get_map()
