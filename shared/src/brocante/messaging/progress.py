"""Whether a process still gets anywhere; if not, it ends itself so that it is started again.

aiokafka's own poll watchdog can leak, so that a stuck handler is never expelled from its group.
"""

import asyncio
import os
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from brocante.exits import EXIT_STUCK

CHECKS_PER_LIMIT = 4


class Progress:
    """Notes of progress, read by health checks and by the watchdog thread.

    Waiting for the broker or the database counts as progress: restarting would not bring them back.
    """

    def __init__(self, limit_seconds: float) -> None:
        self._limit = limit_seconds
        self._last = time.monotonic()
        self._away: dict[str, str] = {}
        self._stopped = threading.Event()
        self._limits: list[tuple[asyncio.Timeout, float]] = []

    def note(self) -> None:
        """Something got done, or there was nothing to do."""
        self._last = time.monotonic()
        for timeout, seconds in self._limits:
            timeout.reschedule(asyncio.get_running_loop().time() + seconds)

    @asynccontextmanager
    async def within(self, seconds: float) -> AsyncIterator[None]:
        """A time limit that starts anew with every note; TimeoutError when nothing is noted."""
        async with asyncio.timeout(seconds) as timeout:
            self._limits.append((timeout, seconds))
            try:
                yield
            finally:
                self._limits.remove((timeout, seconds))

    @contextmanager
    def waiting_for(self, dependency: str, why: str) -> Iterator[None]:
        """A dependency is away while in this block."""
        self._away[dependency] = why
        try:
            yield
        finally:
            self._away.pop(dependency, None)
            self.note()

    @property
    def away(self) -> dict[str, str]:
        """Dependencies being waited for, with the reason."""
        return dict(self._away)

    @property
    def stuck(self) -> bool:
        """Nothing has progressed for the limit although every dependency is there."""
        return not self._away and time.monotonic() - self._last > self._limit

    def watch(self) -> None:
        """Start the watchdog: a thread, so that a blocked event loop is noticed too."""
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def stop(self) -> None:
        """End the watchdog."""
        self._stopped.set()

    def _watch(self) -> None:
        while not self._stopped.wait(self._limit / CHECKS_PER_LIMIT):
            if self.stuck:
                sys.stderr.write('{"event": "no_progress", "level": "error"}\n')
                sys.stderr.flush()
                os._exit(EXIT_STUCK)
