"""A stock of so many real pieces in a database of its own, and edits spread over all of them."""

import asyncio
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pymongo import AsyncMongoClient

from brocante.contracts.inventory import ItemUpdate
from brocante.contracts.topics import INVENTORY_COMMANDS
from brocante.documents.driver import Driver, connect
from brocante.documents.store import DocumentStore
from tests.bench.answers import count_answers
from tests.bench.contenders.assignment import Assignment, Done
from tests.bench.contenders.process import Contender
from tests.bench.loads.inventory import INVENTORY
from tests.bench.loads.load import Sent
from tests.bench.loads.pieces import stored_name, stored_pieces
from tests.bench.measuring import metered
from tests.bench.preparing import chunks, drop_database, make_topics, preload
from tests.bench.servers import Servers

SEED_CHUNK = 2_000
SEEDED_AT_ONCE = 3
SEED_WRITE = b"seeded-stock"


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

    async def seed(self) -> None:
        """Store all pieces, in the form in which the runtime stores them."""
        kind = INVENTORY.table.routes[0].document
        connected = connect(self.servers.mongo, self.name)
        await DocumentStore(connected, kind.collection).prepare(kind.indexes)
        await connected.close()
        client: AsyncMongoClient[Any] = AsyncMongoClient(self.servers.mongo)
        collection = client[self.name][kind.collection]
        batches = chunks(stored_pieces(self.size, SEED_WRITE), SEED_CHUNK)

        async def store() -> None:
            for batch in batches:
                await collection.insert_many(batch, ordered=False)

        await asyncio.gather(*(store() for _ in range(SEEDED_AT_ONCE)))
        await client.close()
        await make_topics(self.servers.kafka, self.prefix, INVENTORY.topics)

    @property
    def prefix(self) -> str:
        """Of its topics."""
        return f"{self.name}."

    async def worked(self, contender: Contender, messages: int) -> Done:
        """Have so many edits done; the first time, see that each was answered."""
        edits = list(self.edits(messages))
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
        )
        done = await metered(self.servers, contender, assignment)
        if self.sent == 0:
            wanted = {one.id for one in edits}
            await count_answers(self.servers.kafka, self.prefix, INVENTORY.publishes, wanted)
        self.sent += messages
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
        """Give the room back."""
        await drop_database(self.servers.mongo, self.name)


def stock(servers: Servers, size: int, driver: Driver) -> Stock:
    """A stock that is not there yet."""
    return Stock(servers, size, driver, f"s{size}-{uuid.uuid4().hex[:8]}")
