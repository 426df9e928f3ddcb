"""A stock of so many real pieces in a database of its own, and edits spread over all of them."""

import asyncio
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection

from brocante.contracts.inventory import ItemUpdate
from brocante.contracts.topics import INVENTORY_COMMANDS
from brocante.documents.driver import Driver, connect
from brocante.documents.store import CACHED_DOCUMENTS, DocumentStore
from tests.bench.answers import count_answers
from tests.bench.contenders.assignment import Assignment, Done
from tests.bench.contenders.process import Contender
from tests.bench.loads.inventory import INVENTORY
from tests.bench.loads.load import Sent
from tests.bench.loads.pieces import stored_name, stored_pieces
from tests.bench.preparing import chunks, drop_database, make_topics, preload
from tests.bench.servers import Servers

SEED_CHUNK = 2_000
SEEDED_AT_ONCE = 3
SEED_WRITE = b"seeded-stock"
WARM = CACHED_DOCUMENTS
"""Edits before each measurement: a service that runs remembers as many documents as it may."""
PARTITIONS = 1
"""What is waiting comes in the order in which it was sent. Of several partitions a batch holds one
alone, and of a thousand pieces several edits each, which are one write: another load than that of
a million pieces.
"""


@dataclass(slots=True)
class Stock:
    """Its documents are as the runtime left them, each with the journal entry of its last message.

    Topics and group stay the same from round to round, as a service's do: else a document would
    keep the outputs of an earlier broker's messages.
    """

    servers: Servers
    size: int
    driver: Driver
    name: str
    sent: int = 0
    warm: int = WARM

    async def seed(self) -> None:
        """Store all pieces, in the form in which the runtime stores them."""
        kind = INVENTORY.table.routes[0].document
        connected = connect(self.servers.mongo, self.name)
        await DocumentStore(connected, kind.collection).prepare(kind.indexes)
        await connected.close()
        client: AsyncMongoClient[Any] = AsyncMongoClient(self.servers.mongo)
        collection = client[self.name][kind.collection]
        batches = chunks(stored_pieces(self.size, SEED_WRITE), SEED_CHUNK)
        await _begin(collection, next(batches))

        async def store() -> None:
            for batch in batches:
                await collection.insert_many(batch, ordered=False)

        await asyncio.gather(*(store() for _ in range(SEEDED_AT_ONCE)))
        # What it has yet to write to disk is not to be measured with the first edits.
        await client.admin.command("fsync")
        await client.close()
        await make_topics(self.servers.kafka, self.prefix, INVENTORY.topics, PARTITIONS)

    @property
    def prefix(self) -> str:
        """Of its topics."""
        return f"{self.name}."

    async def worked(self, contender: Contender, messages: int) -> Done:
        """Have so many edits done, after others; the first time, see that each was answered."""
        edits = list(self.edits(self.warm + messages))
        await preload(self.servers.kafka, [one.wire(self.prefix) for one in edits])
        assignment = Assignment(
            contender.kind,
            INVENTORY.name,
            messages,
            self.servers.kafka,
            self.servers.mongo,
            self.prefix,
            self.name,
            self.driver,
            before=self.sent,
            warm=self.warm,
            pids=self.servers.pids,
        )
        done = await contender.does(assignment)
        if not done.messages:
            few = f"--messages {messages}: all were committed together with those before them"
            raise ValueError(f"{few}; give some thousand")
        if self.sent == 0:
            wanted = {one.id for one in edits}
            await count_answers(self.servers.kafka, self.prefix, INVENTORY.publishes, wanted)
        self.sent += self.warm + messages
        return done

    def edits(self, count: int) -> Iterator[Sent]:
        """New prices, at random over all pieces: none comes again before all others came.

        Four outputs each: the snapshot, and a target for each of three marketplaces.
        """
        draw = random.Random(f"{self.size}/{self.sent}")  # noqa: S311 - repeatable on purpose
        left: list[int] = []
        for n in range(self.sent, self.sent + count):
            left = left or draw.sample(range(self.size), min(self.size, count))
            price = {"amount": f"{1000 + n}.00", "currency": "USD"}
            edit = ItemUpdate(item_id=stored_name(left.pop()), changes={"price": price})
            yield Sent(f"u{n}", INVENTORY_COMMANDS, edit)

    async def drop(self) -> None:
        """Give the room back; a server started here ends anyway, and a million pieces take long."""
        if "database" not in self.servers.pids:
            await drop_database(self.servers.mongo, self.name)


async def _begin(collection: AsyncCollection[Any], first: list[Any]) -> None:
    """Store the first pieces and have two of them found, while there are few.

    The first time a find gives it two documents, the fast database reads the whole collection into
    memory to see which indexed fields hold arrays; its writes then keep that up to date. Of a
    million pieces that is 7 GB, and longer than a client waits before it asks once more.
    """
    await collection.insert_many(first, ordered=False)
    await collection.find({"_id": {"$in": [one["_id"] for one in first[:2]]}}).to_list()


def stock(servers: Servers, size: int, driver: Driver) -> Stock:
    """A stock that is not there yet."""
    return Stock(servers, size, driver, f"s{size}-{uuid.uuid4().hex[:8]}")
