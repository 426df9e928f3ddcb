"""Keeps an eye on who is ready, so that exposure counts only when everyone could work."""

import asyncio
import time

from tests.chaos.ending import ended
from tests.chaos.services import Services

LOOK_SECONDS = 0.5


class Readiness:
    """Stretches of time in which at least one service was not ready."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._since: float | None = None
        self._looker: asyncio.Task[None] | None = None
        self.stretches: list[tuple[float, float]] = []
        self.all_ready = False

    def start(self) -> None:
        """Begin looking."""
        self._looker = asyncio.create_task(self._look())

    async def stop(self) -> None:
        """Stop looking; a stretch that lasts ends now."""
        if self._looker is not None:
            await ended(self._looker)
        self._note(ready=True)

    async def _look(self) -> None:
        while True:
            ready = all((await self._services.ready()).values())
            self._note(ready=ready)
            await asyncio.sleep(LOOK_SECONDS)

    def _note(self, *, ready: bool) -> None:
        now = time.time()
        if not ready and self._since is None:
            # It may have begun just after the look before.
            self._since = now - LOOK_SECONDS
        elif ready and self._since is not None:
            self.stretches.append((self._since, now))
            self._since = None
        self.all_ready = ready
