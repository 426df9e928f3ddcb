"""What was applied and is said again: what it costs to find that out."""

from dataclasses import replace

import pytest

from brocante.contracts.sales import SaleRecorded
from brocante.messaging.deciding import Decision, DocumentType
from brocante.messaging.wire import Received
from tests.support import toy
from tests.unit.messaging.memory_service import World


async def test_an_event_said_again_is_found_without_asking_the_database_or_reading_the_state(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    asked: list[str] = []

    def heard(_state: object, _received: Received, _now: object) -> Decision[toy.Tally]:
        return Decision(toy.Tally(7))

    route = replace(toy.RECORD, message=SaleRecorded, decide=heard, final=True)
    ours = world.processor(replace(toy.TABLE, routes=(route,)))
    event = toy.received(toy.recorded("s1", 1), "e1")
    await world.process(ours, [event])

    async def note(_collection: str, operation: str) -> None:
        asked.append(operation)

    world.database.hook = note
    monkeypatch.setattr(DocumentType, "read", None)
    await world.process(ours, [event, event])
    assert asked == []
