"""Resyncs under way: each beside the service's other work, for it may take minutes."""

import asyncio
from functools import partial

from brocante.messaging.committing import Commits
from brocante.messaging.epoch import Epochs
from brocante.messaging.progress import Progress
from brocante.messaging.resync import Resync
from brocante.messaging.serving import until_there
from brocante.messaging.wire import Received


class Resyncing:
    """Answers requests beside the work; one counts as read only when it is answered.

    So it is answered again from the start by whoever reads it after a crash.
    """

    def __init__(
        self, resync: Resync, epochs: Epochs, commits: Commits, progress: Progress
    ) -> None:
        self._resync = resync
        self._epochs = epochs
        self._commits = commits
        self._progress = progress
        self._answering: dict[tuple[str, int, int], asyncio.Task[None]] = {}

    def begin(self, request: Received) -> None:
        """Have it answered; read once more meanwhile, it is only held back again."""
        place = _place(request)
        self._commits.hold(*place)
        if place not in self._answering:
            answer = partial(self._answer, request)
            self._answering[place] = asyncio.create_task(
                until_there(answer, "resync", self._progress)
            )

    async def done(self) -> None:
        """Wait until all that was begun is answered."""
        await asyncio.gather(*self._answering.values())

    async def stop(self) -> None:
        """Give up: whoever reads the requests next answers them."""
        for task in self._answering.values():
            task.cancel()
        await asyncio.gather(*self._answering.values(), return_exceptions=True)

    async def _answer(self, request: Received) -> None:
        epoch = await self._resync.answer(request)
        await self._epochs.completed(self._resync.service, epoch)
        place = _place(request)
        self._commits.let_go(*place)
        del self._answering[place]


def _place(request: Received) -> tuple[str, int, int]:
    _, topic, partition, offset = request.raw.position
    return topic, partition, offset
