"""Apps of others that write commands onto the topics themselves.

What a broker acknowledged is not sent again, unless that broker was lost: it is Brocante's to keep.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from brocante.contracts.envelope import Envelope
from brocante.contracts.inventory import ItemCreate
from brocante.contracts.message import Command
from brocante.contracts.sales import SaleRecord
from brocante.contracts.values import Money
from brocante.documents.document import Output
from brocante.messaging.deciding import Outgoing
from brocante.messaging.outputs import Speaker, wires
from brocante.messaging.publisher import NotPublished, Publisher
from brocante.settings import Settings
from tests.chaos.books import Accepted, Books
from tests.chaos.recorder import Recorder

REPEAT_SECONDS = 1.0
SOURCE = "chaos/outside"
SECOND = "second"
"""A dealer whose pieces bear the same ids as the first one's: they must never meet."""


@dataclass(frozen=True, slots=True)
class Order:
    """A command of an app, under the id it will keep."""

    id: str
    command: Command
    piece: str
    dealer: str = "main"


class Outside:
    """One producer (acks=all) with a record of its own of what was acknowledged."""

    def __init__(self, kafka: str, books: Books, recorder: Recorder, patience: float) -> None:
        self._publisher = Publisher(Settings(kafka=kafka, publish_seconds=8))
        self._speaker = Speaker(SOURCE, "", "")
        self._books = books
        self._recorder = recorder
        self._patience = patience
        self._lock = asyncio.Lock()
        self._started = False

    async def told(self, order: Order) -> str:
        """Send a command and wait for its answer: done, rejected or lost (not in time)."""
        return (await self.told_all([order]))[order.id]

    async def told_all(self, orders: Sequence[Order]) -> Mapping[str, str]:
        """Send many at a time; what became of each."""
        await self.sent_all(orders)
        # Of many sent at once some are kept although not all were acknowledged: an answer tells.
        self._accept([order for order in orders if order.id in self._recorder.answers])
        return {order.id: self._outcome(order.id) for order in orders}

    async def sent_all(self, orders: Sequence[Order]) -> None:
        """Send, and again to every broker that takes the place of one that knew of them."""
        end, known_to = time.monotonic() + self._patience, 0

        def left() -> list[Order]:
            return [order for order in orders if order.id not in self._recorder.answers]

        def to_do() -> bool:
            return not left() or known_to != self._recorder.incarnation

        while (waiting := left()) and time.monotonic() < end:
            if known_to != self._recorder.incarnation:
                known_to = await self._send(waiting)
            if known_to != self._recorder.incarnation:
                await asyncio.sleep(REPEAT_SECONDS)
            else:
                await self._recorder.until(to_do, end - time.monotonic())

    async def second_dealer(self, pieces: int) -> None:
        """Another dealer's pieces, under ids that the first dealer uses too, and their sales."""
        items, sales = [], []
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
            items.append(Order(f"second-create-{n}", item, f"piece-{n}", SECOND))
            sales.append(Order(f"second-record-{n}", sale, f"piece-{n}", SECOND))
        await self.told_all(items)
        await self.told_all(sales)

    async def stop(self) -> None:
        """Disconnect."""
        if self._started:
            await self._publisher.stop()

    async def _send(self, orders: Sequence[Order]) -> int:
        """The number of the broker that acknowledged all of them; 0 when none surely did."""
        broker = self._recorder.incarnation
        with suppress(NotPublished, OSError, Exception):
            await self._start()
            await self._publisher.send_all(wires([self._encoded(order) for order in orders]))
            self._accept(orders)
            return broker
        return 0

    def _accept(self, orders: Sequence[Order]) -> None:
        for one in orders:
            now = time.time()
            self._books.accept(Accepted(one.id, one.command.TYPE, "kafka", now, one.piece))

    def _encoded(self, order: Order) -> Output:
        envelope = Envelope(
            id=order.id,
            source=SOURCE,
            type=order.command.TYPE,
            time=datetime.now(UTC),
            subject=order.command.subject,
            dealer=order.dealer,
        )
        return self._speaker.encoded(envelope, Outgoing(order.command))

    def _outcome(self, id_: str) -> str:
        if id_ not in self._recorder.answers:
            return "lost"
        return "rejected" if self._recorder.answers[id_] == "command.rejected" else "done"

    async def _start(self) -> None:
        async with self._lock:
            if not self._started:
                await self._publisher.start()
                self._started = True
