"""Work on a batch, tried until it works or until its consumer stops."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from brocante.messaging.progress import Progress

log = structlog.get_logger()
T = TypeVar("T")

FIRST_BACKOFF = 0.1
LONGEST_BACKOFF = 5.0


class GivenUp(Exception):  # noqa: N818 - no error: the consumer stops
    """What did not work is left to whoever reads these records next."""


class Trying:
    """Tries with backoff and without limit; each try may take `limit_seconds` without progress."""

    def __init__(self, progress: Progress, limit_seconds: float) -> None:
        self.stopping = asyncio.Event()
        self._progress = progress
        self._limit_seconds = limit_seconds

    async def until_done(self, what: str, work: Callable[[], Awaitable[T]], records: int) -> T:
        """What `work` gives once it works; GivenUp when it did not and the consumer stops."""
        delay = FIRST_BACKOFF
        while True:
            try:
                async with self._progress.within(self._limit_seconds):
                    done = await work()
            except BaseException as error:
                if not _can_be_tried_again(error):
                    raise
                log.warning("batch_failed", error=repr(error), records=records)
                with self._progress.waiting_for(what, repr(error)):
                    await self.wait(random.uniform(delay / 2, delay))  # noqa: S311 - jitter
                delay = min(delay * 2, LONGEST_BACKOFF)
            else:
                self._progress.note()
                return done
            if self.stopping.is_set():
                raise GivenUp

    async def wait(self, seconds: float) -> None:
        """Pass the time, but no longer than until the consumer stops."""
        if not seconds:
            return
        try:
            await asyncio.wait_for(self.stopping.wait(), seconds)
        except TimeoutError:
            return


def _can_be_tried_again(error: BaseException) -> bool:
    """Aiokafka lets cancellations of its own out: only one that was asked of us ends our work."""
    task = asyncio.current_task()
    stray = isinstance(error, asyncio.CancelledError) and task is not None and not task.cancelling()
    return stray or isinstance(error, Exception)
