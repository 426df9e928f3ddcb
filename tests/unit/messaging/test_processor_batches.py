"""A batch: every document loaded once, written once, guarded; outputs last, all together."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog
from prometheus_client import REGISTRY

from brocante.contracts.envelope import decode
from brocante.contracts.sales import SaleRecord, SaleRecorded
from brocante.messaging.deciding import DocumentType, Route, SayAgain, ServiceTable, Timers
from brocante.messaging.journal import Known
from brocante.messaging.processor import (
    PER_DOCUMENT,
    PER_DOCUMENT_BYTES,
    Processor,
    document_types,
)
from brocante.messaging.publisher import NotPublished
from brocante.messaging.wire import RawRecord, Received
from tests.support import toy
from tests.unit.messaging.memory_service import DEAD, EVENTS, World, headers

KNOWN = Known(1)


def one(n: int, sale: str = "s1", note: str | None = None) -> Received:
    # A note as long as no contract allows: what is read here was decoded before.
    message = toy.record_sale(sale).model_copy(update={"note": note})
    return toy.received(message, f"c{n}", offset=n)


def processor(world: World, table: ServiceTable = toy.TABLE) -> Processor:
    return world.processor(table)


async def process(
    world: World, batch: Sequence[Received], table: ServiceTable = toy.TABLE
) -> list[RawRecord]:
    return (await world.process(processor(world, table), batch)).dead_records


def counts(world: World, sale: str = "s1") -> list[int]:
    said = [decoded.message for decoded in world.said()]
    recorded = [message for message in said if isinstance(message, SaleRecorded)]
    return [message.sale_version for message in recorded if message.sale_id == sale]


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, {"service": "toy", **labels}) or 0.0


async def test_a_batch_is_one_load_and_one_write_for_all_its_documents() -> None:
    world, asked = World(), []

    async def note(_collection: str, operation: str) -> None:
        asked.append(operation)

    world.database.hook = note
    await process(world, [one(0), one(1, "s2"), one(2), one(3, "s2")])
    assert asked == ["find", "bulk_write"]
    assert (counts(world), counts(world, "s2")) == ([1, 2], [1, 2])


async def test_a_document_takes_fifty_messages_at_a_time_and_the_others_go_first() -> None:
    world, writes = World(), []

    async def note(_collection: str, operation: str) -> None:
        if operation == "bulk_write":
            writes.append(operation)

    world.database.hook = note
    batch = [one(n) for n in range(PER_DOCUMENT + 2)]
    await process(world, [*batch, one(900, "s2")])
    assert PER_DOCUMENT == 50
    assert len(writes) == 2
    assert counts(world) == list(range(1, PER_DOCUMENT + 3))
    assert (await world.document()).version == 2
    assert (await world.document("main/s2")).version == 1


async def test_exactly_fifty_are_one_write() -> None:
    world = World()
    await process(world, [one(n) for n in range(PER_DOCUMENT)])
    assert (await world.document()).version == 1


async def test_a_document_that_says_much_takes_fewer_at_a_time() -> None:
    """What messages lead to is kept beside the state, and a document has a largest size."""
    world = World()
    note = "x" * (PER_DOCUMENT_BYTES // 4)
    await process(world, [one(n, note=note) for n in range(4)])
    assert counts(world) == [1, 2, 3, 4]
    assert (await world.document()).version == 3


async def test_messages_nobody_routes_are_passed_over() -> None:
    world = World()
    event = toy.received(toy.recorded("s1", 1), "e1")
    assert await process(world, [event, one(0)]) == []
    assert counts(world) == [1]


async def test_nothing_in_a_batch_asks_nobody_anything() -> None:
    world = World()

    async def refuse(*_asked: str) -> None:
        raise AssertionError("asked")

    async def resolve(_stores: object, _batch: Sequence[Received]) -> Mapping[int, Any]:
        raise AssertionError("asked")

    world.database.hook = refuse
    world.broker.hook = refuse
    assert await process(world, [], replace(toy.TABLE, resolve=resolve)) == []


async def test_a_deciders_bug_is_a_dead_letter_and_its_record_is_told() -> None:
    world = World()
    labels = {"code": "decider_failed"}
    before = counted("brocante_dead_letters_total", **labels)
    batch = [one(0), one(1, note="bug"), one(2, "s2")]
    with structlog.testing.capture_logs() as logged:
        refused = await process(world, batch)
    assert refused == [batch[1].raw]
    (dead,) = world.broker.read(DEAD)
    assert dead.value == batch[1].raw.value
    assert headers(dead)["x-error-code"] == "decider_failed"
    assert headers(dead)["x-error"] == "ZeroDivisionError: a bug in a decider"
    assert headers(dead)["x-service"] == "toy"
    assert (counts(world), counts(world, "s2")) == ([1], [1])
    assert counted("brocante_dead_letters_total", **labels) == before + 1
    (line,) = [entry for entry in logged if entry["event"] == "message_dead_lettered"]
    assert (line["type"], line["topic"], line["partition"], line["offset"]) == (
        "sale.record",
        "sales.commands",
        0,
        1,
    )


async def test_applied_and_repeated_messages_are_counted_apart_with_their_age() -> None:
    world = World()
    kinds = [{"type": "sale.record", "outcome": outcome} for outcome in ("applied", "duplicate")]
    before = [counted("brocante_messages_total", **kind) for kind in kinds]
    ages = counted("brocante_message_age_seconds_count")
    old = counted("brocante_message_age_seconds_sum")
    await process(world, [one(0), one(1), one(1)])
    after = [counted("brocante_messages_total", **kind) for kind in kinds]
    assert [now - then for now, then in zip(after, before, strict=True)] == [2, 1]
    assert counted("brocante_message_age_seconds_count") == ages + 2
    assert counted("brocante_message_age_seconds_sum") >= old


async def test_a_batch_done_again_changes_nothing_and_says_the_same() -> None:
    world = World()
    batch = [one(0), one(1)]
    await process(world, batch)
    first = [(r.key, r.value) for r in world.broker.read(EVENTS)]
    await process(world, batch)
    again = [(r.key, r.value) for r in world.broker.read(EVENTS)]
    assert again == [*first, *first]
    assert (await world.document()).version == 1


async def test_outputs_not_acknowledged_are_published_when_the_batch_comes_again() -> None:
    world = World()

    async def away(_operation: str) -> None:
        raise ConnectionError("away")

    still = world.broker.hook
    world.broker.hook = away
    with pytest.raises(NotPublished):
        await process(world, [one(0)])
    world.broker.hook = still
    assert (await world.document()).version == 1
    await process(world, [one(0)])
    assert counts(world) == [1]


async def test_a_write_that_lost_is_decided_again_on_what_the_other_wrote() -> None:
    world = World()
    before = counted("brocante_version_conflicts_total")
    await go_first(world, [one(7, note="theirs")])
    await process(world, [one(0, note="ours"), one(1, "s2")])
    stored = await world.document()
    assert stored.state == '{"count":2,"notes":["theirs","ours"]}'
    assert (counts(world), counts(world, "s2")) == ([1, 2], [1])
    assert counted("brocante_version_conflicts_total") == before + 1


async def test_a_message_another_member_applied_meanwhile_is_not_applied_again() -> None:
    world = World()
    await go_first(world, [one(0)])
    await process(world, [one(0)])
    assert (await world.document()).state == '{"count":1,"notes":[""]}'
    first, second = [decode(r.value, r.headers).envelope for r in world.broker.read(EVENTS)]
    assert first.id == second.id


async def test_a_command_asked_again_is_answered_from_the_newest_state() -> None:
    world = World()
    ours = processor(world)
    await world.process(ours, [one(0)])
    behind = Known(1, {("sales.commands", 0): 50})
    await world.process(ours, [one(49)], behind)
    await world.process(processor(world), [one(60), one(61)], behind)
    world.broker.wipe()
    await world.process(ours, [one(0)], behind)
    assert counts(world) == [4]


async def test_what_a_resolver_finds_stands_beside_its_message() -> None:
    found: list[object] = []

    def decide(state: Any, received: Received, now: Any) -> Any:
        found.append(received.resolved)
        return toy.count_one(state, received, now)

    async def resolve(_stores: object, batch: Sequence[Received]) -> Mapping[int, Any]:
        assert [received.envelope.id for received in batch] == ["c0", "c1"]
        return {1: "found"}

    route = replace(toy.RECORD, decide=decide)
    table = replace(toy.TABLE, routes=(route,), resolve=resolve)
    await process(World(), [one(0), one(1)], table)
    assert found == [None, "found"]


def test_a_message_without_a_route_has_none() -> None:
    assert toy.TABLE.route(SaleRecord) is toy.RECORD
    assert toy.TABLE.route(SaleRecorded) is None


def test_every_kind_of_document_a_table_names_is_there_once() -> None:
    def kind(name: str) -> DocumentType[toy.Tally]:
        return replace(toy.TALLIES, collection=name)

    def route(name: str) -> Route:
        return replace(toy.RECORD, document=kind(name))

    table = replace(
        toy.TABLE,
        routes=(route("a"), route("b"), route("a")),
        timers=(Timers(kind("c"), lambda *_: ()), Timers(kind("a"), lambda *_: ())),
        say_again=(SayAgain(kind("d"), toy.say),),
    )
    assert [kind.collection for kind in document_types(table)] == ["a", "b", "c", "d"]


async def go_first(world: World, batch: Sequence[Received]) -> None:
    """Another member applies a batch just before the next write."""
    still = world.database.hook

    async def another(_collection: str, operation: str) -> None:
        if operation == "bulk_write":
            world.database.hook = still
            await process(world, batch)

    world.database.hook = another


async def test_a_decider_is_told_the_time_in_utc() -> None:
    told: list[datetime] = []

    def decide(state: Any, received: Received, now: datetime) -> Any:
        told.append(now)
        return toy.count_one(state, received, now)

    table = replace(toy.TABLE, routes=(replace(toy.RECORD, decide=decide),))
    await process(World(), [one(0)], table)
    assert [moment.tzinfo for moment in told] == [UTC]
