"""One process of an installation: started, watched, started again after a pause."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from brocante.exits import EXIT_BROKER_CHANGED
from brocante_local.backends.child import Child, DidNotStart, Launch

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 10.0
STEADY_SECONDS = 30.0
READY_POLL = 0.05
# A service ends with this when it found another broker and must start over: no fault.


@dataclass(frozen=True, slots=True)
class Plan:
    """How to start a process, each time anew, and what others are told of it.

    `metrics` is the full URL, None for a back end that has none.
    """

    name: str
    launch: Callable[[], Launch]
    log: Path
    metrics: str | None = None
    ready_seconds: float = 60.0


class Process:
    """A process that should run."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.child: Child | None = None
        self._started_at = 0.0
        self._pause = FIRST_PAUSE
        self._again_at: float | None = None

    @property
    def running(self) -> Child:
        """The child; it must have been started."""
        if self.child is None:
            raise RuntimeError(f"{self.plan.name} was not started")
        return self.child

    def start(self) -> None:
        """Start it now."""
        self.child = Child(self.plan.launch(), self.plan.log)
        self._started_at = time.monotonic()
        self._again_at = None

    async def ready(self) -> None:
        """Wait until it answers; DidNotStart when it ends or takes too long."""
        child, end = self.running, time.monotonic() + self.plan.ready_seconds
        while not await asyncio.to_thread(child.launch.answers):
            if child.exit_code is not None:
                text = f"{self.plan.name} ended with {child.exit_code}"
                raise DidNotStart(f"{text}: {child.last_words()}")
            if time.monotonic() > end:
                text = f"{self.plan.name} is not ready after {self.plan.ready_seconds:g} s"
                raise DidNotStart(f"{text}: {child.last_words()}")
            await asyncio.sleep(READY_POLL)

    def ended(self) -> int | None:
        """Its exit code, told once per end; None while it runs or waits to be started again."""
        if self.child is None or self._again_at is not None:
            return None
        code = self.child.exit_code
        if code is None:
            return None
        if time.monotonic() - self._started_at > STEADY_SECONDS or code == EXIT_BROKER_CHANGED:
            self._pause = FIRST_PAUSE
        self._again_at = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
        return code

    def is_due(self) -> bool:
        """Whether the pause after its end is over."""
        return self._again_at is not None and time.monotonic() >= self._again_at

    async def stop(self, seconds: float) -> None:
        """Ask it to stop, then kill it; it is not started again."""
        if self.child is not None:
            await asyncio.to_thread(self.child.stop, seconds)
            self.child = None
        self._again_at = None
