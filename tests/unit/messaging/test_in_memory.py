"""A service on the database and the broker in memory: the product's own code, another transport."""

import pytest

from brocante.contracts.envelope import decode, encode
from brocante.contracts.sales import SaleRecorded
from brocante.contracts.topics import SALES_COMMANDS, SALES_EVENTS
from brocante.messaging.epoch import Epoch
from brocante.messaging.progress import Progress
from brocante.messaging.publisher import NotPublished
from brocante.messaging.running import RunningService
from brocante.messaging.wire import Wire
from brocante.settings import Settings
from brocante.testing.memory_broker import MemoryBroker, MemoryPublisher
from brocante.testing.memory_database import MemoryDatabase
from tests.support import toy
from tests.support.running import handled

EPOCH = Epoch(1, 1, 1, "memory", {}, {}, {})


def command(id_: str) -> Wire:
    message = toy.record_sale("s1")
    value, headers = encode(toy.envelope(message, id_), message)
    return Wire(SALES_COMMANDS, b"main/s1", value, headers)


def service(broker: MemoryBroker, database: MemoryDatabase) -> RunningService:
    settings = Settings()
    publisher = MemoryPublisher(settings, broker)
    return RunningService(toy.TABLE, settings, database, EPOCH, publisher, Progress(60))


def counted(broker: MemoryBroker) -> list[int]:
    said = [decode(r.value, r.headers) for r in broker.read(SALES_EVENTS)]
    by_id = {d.envelope.id: d.message for d in said}
    return [m.sale_version for m in by_id.values() if isinstance(m, SaleRecorded)]


async def test_a_service_applies_what_is_waiting_and_answers() -> None:
    broker, database = MemoryBroker(), MemoryDatabase()
    one = service(broker, database)
    for n in range(3):
        broker.append(command(f"c{n}"))
    await handled(one, broker.waiting("toy", [SALES_COMMANDS]))
    assert counted(broker) == [1, 2, 3]


async def test_a_lost_acknowledgement_doubles_nothing() -> None:
    broker, database = MemoryBroker(), MemoryDatabase()
    broker.append(command("c1"))

    async def lost(operation: str) -> None:
        if operation == "published":
            raise ConnectionError("the broker went away")

    broker.hook = lost
    records = broker.waiting("toy", [SALES_COMMANDS])
    with pytest.raises(NotPublished):
        await handled(service(broker, database), records)
    broker.hook = MemoryBroker().hook
    await handled(service(broker, database), records)
    assert counted(broker) == [1]
    assert len(broker.read(SALES_EVENTS)) == 2
