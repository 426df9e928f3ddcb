"""Publishes in the background what was kept, in the order in which it was kept.

What cannot be published stays in front: nothing newer overtakes it. A crash loses nothing, because
everything here is kept, and published again until it is answered.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog

log = structlog.get_logger()
Stored = Mapping[str, Any]
AT_ONCE = 200
FIRST_BACKOFF = 0.1
LONGEST_BACKOFF = 5.0


def moment_to_keep() -> datetime:
    """Now, to the millisecond, as the database keeps it.

    Published at once and published again from the database, it is byte for byte the same.
    """
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


class Outbox:
    """`publish` sends documents and waits for every acknowledgement, or raises NotPublished."""

    def __init__(self, publish: Callable[[Sequence[Stored]], Awaitable[None]]) -> None:
        self._publish = publish
        self._waiting: deque[Stored] = deque()
        self._woken = asyncio.Event()
        self._turn = asyncio.Lock()

    def offer(self, stored: Iterable[Stored]) -> None:
        """Publish these after all that was offered before."""
        self._waiting.extend(stored)
        self._woken.set()

    async def first(self, stored: Sequence[Stored]) -> None:
        """Publish these before anything that still waits; NotPublished when unsure."""
        async with self._turn:
            for start in range(0, len(stored), AT_ONCE):
                await self._publish(stored[start : start + AT_ONCE])

    async def run_forever(self) -> None:
        """Work until canceled."""
        delay = FIRST_BACKOFF
        while True:
            await self._woken.wait()
            try:
                async with self._turn:
                    await self._some()
                delay = FIRST_BACKOFF
            except Exception as error:  # noqa: BLE001 - whatever it is, what waits stays in front
                log.warning("not_published_yet", waiting=len(self._waiting), error=repr(error))
                await asyncio.sleep(delay)
                delay = min(delay * 2, LONGEST_BACKOFF)

    async def _some(self) -> None:
        batch = [self._waiting[n] for n in range(min(AT_ONCE, len(self._waiting)))]
        if batch:
            await self._publish(batch)
        for _ in batch:
            self._waiting.popleft()
        if not self._waiting:
            self._woken.clear()
