"""Apps of others that write commands onto the topics themselves, and repeat until answered."""

import asyncio
import time
from contextlib import suppress
from datetime import UTC, datetime

from brocante.contracts.envelope import Envelope
from brocante.contracts.inventory import ItemCreate
from brocante.contracts.message import Command
from brocante.contracts.sales import SaleRecord
from brocante.contracts.values import Money
from brocante.messaging.publisher import NotPublished, Publisher
from brocante.settings import Settings
from tests.chaos.books import Accepted, Books
from tests.chaos.recorder import Recorder

REPEAT_SECONDS = 4.0
SOURCE = "chaos/outside"
SECOND = "second"
"""A dealer whose pieces bear the same ids as the first one's: they must never meet."""


class Outside:
    """One producer (acks=all) with a record of its own of what was acknowledged."""

    def __init__(self, kafka: str, books: Books, recorder: Recorder, *, durable: bool) -> None:
        self._publisher = Publisher(Settings(kafka=kafka, publish_seconds=8))
        self._books = books
        self._recorder = recorder
        self._durable = durable
        self._lock = asyncio.Lock()
        self._started = False

    async def told(
        self, command: Command, id_: str, piece: str, *, dealer: str = "main", seconds: float = 120
    ) -> str:
        """Send a command until it is answered: done, rejected or lost (not in time)."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            await self._send(command, id_, piece, dealer)
            if await self._recorder.answered(id_, REPEAT_SECONDS):
                rejected = self._recorder.answers[id_] == "command.rejected"
                return "rejected" if rejected else "done"
        return "lost"

    async def second_dealer(self, pieces: int) -> None:
        """Another dealer's pieces, under ids that the first dealer uses too, and their sales."""
        for n in range(pieces):
            item = ItemCreate(
                item_id=f"piece-{n}",
                sku=f"piece-{n}",
                title=f"Second dealer's piece {n}",
                price=Money(amount="10.00", currency="USD"),
            )
            sale = SaleRecord(
                sale_id=f"second-sale-{n}",
                item_id=f"piece-{n}",
                marketplace="showroom",
                sold_at=datetime.now(UTC),
            )
            for id_, command in ((f"second-create-{n}", item), (f"second-record-{n}", sale)):
                await self.told(command, id_, f"piece-{n}", dealer=SECOND)

    async def stop(self) -> None:
        """Disconnect."""
        if self._started:
            await self._publisher.stop()

    async def _send(self, command: Command, id_: str, piece: str, dealer: str) -> None:
        envelope = Envelope(
            id=id_,
            source=SOURCE,
            type=command.TYPE,
            time=datetime.now(UTC),
            subject=command.subject,
            dealer=dealer,
        )
        with suppress(NotPublished, OSError, Exception):
            await self._start()
            await self._publisher.send(envelope, command)
            accepted = Accepted(id_, command.TYPE, "kafka", time.time(), piece, self._durable)
            self._books.accept(accepted)

    async def _start(self) -> None:
        async with self._lock:
            if not self._started:
                await self._publisher.start()
                self._started = True
