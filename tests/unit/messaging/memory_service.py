"""The toy service on a database and a broker in memory, and what it said there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from brocante.contracts.answers import ResyncRequested
from brocante.contracts.envelope import Decoded, decode, encode
from brocante.contracts.message import Message
from brocante.contracts.topics import DEAD_LETTERS, SALES_COMMANDS, SALES_EVENTS
from brocante.documents.document import Document
from brocante.documents.store import DocumentStore
from brocante.messaging.deciding import Outgoing, ServiceTable, Timers
from brocante.messaging.epoch import Epoch
from brocante.messaging.journal import Known
from brocante.messaging.processor import Outcome, Processor, Written
from brocante.messaging.progress import Progress
from brocante.messaging.running import RunningService
from brocante.messaging.wire import Received, Wire
from brocante.settings import Settings
from brocante.testing.memory_broker import MemoryBroker, MemoryPublisher, Record
from brocante.testing.memory_database import MemoryDatabase
from tests.support import toy
from tests.support.running import handled

KNOWN = Known(1)
EPOCH = Epoch(1, 1, 1, "memory", {}, {}, {})
SETTINGS = Settings(topic_prefix="p.")
COMMANDS = f"p.{SALES_COMMANDS}"
EVENTS = f"p.{SALES_EVENTS}"
DEAD = f"p.{DEAD_LETTERS}"


def wire(message: Message, id_: str, topic: str = COMMANDS, key: bytes = b"main/s1") -> Wire:
    """A message as an upstream app would put it on a topic."""
    value, headers = encode(toy.envelope(message, id_), message)
    return Wire(topic, key, value, headers)


def command(id_: str, sale: str = "s1", note: str | None = None) -> Wire:
    """A command the toy counts; the note `bug` makes its decider raise."""
    return wire(toy.record_sale(sale, note), id_, key=f"main/{sale}".encode())


def resync(id_: str = "r1", epoch: int = 2) -> Wire:
    """A request to say everything again."""
    return wire(ResyncRequested(resync_id=id_, epoch=epoch, since=toy.NOW), id_)


def due(document: str, _state: Any, _at: Any) -> Sequence[Outgoing]:
    """What the toy sends itself when a document's time has come."""
    return [Outgoing(toy.record_sale(document.split("/")[1], "by timer"))]


TIMED: ServiceTable = replace(
    toy.TABLE,
    timers=(
        Timers(replace(toy.TALLIES, indexed=lambda tally: {"next_due": tally.notes}), due=due),
    ),
)


@dataclass
class World:
    """One broker, one database, and services on them."""

    table: ServiceTable = toy.TABLE
    broker: MemoryBroker = field(default_factory=MemoryBroker)
    database: MemoryDatabase = field(default_factory=MemoryDatabase)
    progress: Progress = field(default_factory=lambda: Progress(60))

    def service(
        self, epoch: Epoch = EPOCH, after_batch: Callable[[Written], None] = lambda _written: None
    ) -> RunningService:
        """A fresh process of the service."""
        publisher = MemoryPublisher(SETTINGS, self.broker)
        return RunningService(
            self.table, SETTINGS, self.database, epoch, publisher, self.progress, after_batch
        )

    def processor(self, table: ServiceTable) -> Processor:
        """What takes batches for a table, in a process that remembers nothing yet."""
        stores = {toy.TALLIES.collection: self.store()}
        return Processor(table, stores, "p.")

    async def process(
        self, processor: Processor, batch: Sequence[Received], known: Known = KNOWN
    ) -> Outcome:
        """A batch through a processor; what it led to is published."""
        outcome = await processor.process(batch, known)
        await self.publisher().send_all(outcome.wires)
        return outcome

    async def resynced(self, *wires: Wire) -> None:
        """A fresh process takes these together; a resync among them is answered to its end."""
        service = self.service()
        await handled(service, self.put(*wires))
        await service.resyncing.done()

    def publisher(self) -> MemoryPublisher:
        """A publisher to the broker."""
        return MemoryPublisher(SETTINGS, self.broker)

    def store(self) -> DocumentStore:
        """The toy's documents, read without what a service remembers."""
        return DocumentStore(self.database, toy.TALLIES.collection)

    async def document(self, id_: str = "main/s1") -> Document:
        """A document as stored."""
        return (await self.store().load([id_], fresh=True))[id_]

    def put(self, *wires: Wire) -> list[Record]:
        """Records on their topics."""
        return [self.broker.append(one) for one in wires]

    def said(self, topic: str = EVENTS) -> list[Decoded]:
        """What is on a topic, decoded."""
        return [decode(record.value, record.headers) for record in self.broker.read(topic)]


def headers(record: Record | Wire) -> dict[str, str]:
    """A record's headers as text."""
    return {name: (value or b"").decode() for name, value in record.headers}
