"""What another replica left unsent is published and cleared, whatever this one remembers."""

from datetime import UTC, datetime, timedelta

from brocante.documents.document import Document, Output
from brocante.documents.store import DocumentStore
from brocante.messaging.unsent import UnsentOutputs
from brocante.settings import Settings
from brocante.testing.memory_broker import MemoryBroker, MemoryPublisher
from brocante.testing.memory_database import MemoryDatabase
from tests.support.running import eventually

OUTPUT = Output("marketplace.events", b"main/piece", b"{}", ())


async def test_what_a_dead_replica_left_unsent_is_cleared_by_one_that_remembers_less() -> None:
    database, broker = MemoryDatabase(), MemoryBroker()
    mine, others = DocumentStore(database, "listings"), DocumentStore(database, "listings")
    first = Document("main/piece", state="{}").next()
    await mine.save([first])
    since = datetime.now(UTC) - timedelta(minutes=1)
    left = first.next()._replace(unsent=(OUTPUT,), unsent_since=since)
    await others.save([left])
    unsent = UnsentOutputs(mine, MemoryPublisher(Settings(), broker))
    assert await unsent.sweep() == 1

    async def cleared() -> bool:
        return not await mine.find_unsent(datetime.now(UTC))

    await eventually(cleared, "nothing is unsent", 5)
    assert await unsent.sweep() == 0
    assert len(broker.read("marketplace.events")) == 1
