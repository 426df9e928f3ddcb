"""What creates its document does not ask for it first; where it is there, the guard finds out."""

from dataclasses import replace

from brocante.contracts.sales import SaleRecorded
from brocante.messaging.deciding import always
from brocante.messaging.processor import Outcome
from tests.support import toy
from tests.unit.messaging.memory_service import World

CREATING = replace(toy.TABLE, routes=(replace(toy.RECORD, creates=always),))
BUG = "bug"


async def process(world: World, id_: str, offset: int, note: str | None = None) -> Outcome:
    """A process that remembers nothing takes one command."""
    received = toy.received(toy.record_sale(note=note), id_, offset=offset)
    return await world.process(world.processor(CREATING), [received])


def noted(world: World) -> list[str]:
    asked: list[str] = []

    async def note(_collection: str, operation: str) -> None:
        asked.append(operation)

    world.database.hook = note
    return asked


def counts(world: World) -> list[int]:
    said = [one.message for one in world.said()]
    return [one.sale_version for one in said if isinstance(one, SaleRecorded)]


async def test_a_new_document_costs_one_write_and_no_query() -> None:
    world = World()
    asked = noted(world)
    await process(world, "c1", 0)
    assert asked == ["bulk_write"]
    assert counts(world) == [1]


async def test_a_document_that_is_there_after_all_is_gone_on_with() -> None:
    world = World()
    await process(world, "c1", 0)
    await process(world, "c2", 1)
    assert counts(world) == [1, 2]
    assert (await world.document()).version == 2


async def test_a_command_delivered_again_is_found_in_the_journal() -> None:
    world = World()
    await process(world, "c1", 0)
    await process(world, "c1", 0)
    ids = {one.envelope.id for one in world.said()}
    assert (counts(world), len(ids)) == ([1, 1], 1)
    assert (await world.document()).version == 1


async def test_a_parked_document_stays_parked() -> None:
    world = World()
    await process(world, "c1", 0, BUG)
    outcome = await process(world, "c2", 1)
    assert [record.position.offset for record in outcome.dead_records] == [1]
    assert (await world.document()).state is None
