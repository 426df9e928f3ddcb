"""Outputs of writes no message caused: in the document first, published, cleared a moment later."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from brocante.contracts.envelope import decode
from brocante.contracts.ids import own_output_id
from brocante.documents.document import Document
from brocante.documents.driver import DatabaseError
from brocante.documents.store import DocumentStore
from brocante.messaging import unsent
from brocante.messaging.deciding import Outgoing
from brocante.messaging.outputs import Speaker, remembered
from brocante.messaging.publisher import NotPublished
from brocante.messaging.unsent import UnsentOutputs, recorded
from tests.support import toy
from tests.unit.messaging.memory_service import World

SPEAKER = Speaker("brocante/toy", "sales.events", "p.")
KIND = toy.TALLIES


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unsent, "CLEARED_AFTER_SECONDS", 0.0)


def outgoing(n: int, said: str | None = None) -> Outgoing:
    return Outgoing(toy.recorded("s1", n), said=said)


def waiting(id_: str = "main/s1", since: datetime = toy.NOW) -> Document:
    return recorded(Document(id_), KIND, toy.Tally(1), [outgoing(1)], SPEAKER, since)


def made(world: World) -> tuple[DocumentStore, UnsentOutputs]:
    store = world.store()
    return store, UnsentOutputs(store, world.publisher())


async def cleared(outputs: UnsentOutputs) -> None:
    assert outputs._clearing is not None
    await asyncio.wait_for(outputs._clearing, 5)


def test_a_recorded_state_carries_its_outputs_and_since_when_they_wait() -> None:
    before = Document("main/s1", version=3, said={"other": {"id": "9"}})
    after = recorded(
        before, KIND, toy.Tally(2), [outgoing(1, "recorded"), outgoing(2)], SPEAKER, toy.NOW
    )
    assert (after.version, after.state) == (4, '{"count":2,"notes":[]}')
    assert (after.changed_at, after.unsent_since) == (toy.NOW, toy.NOW)
    said = [decode(output.value, output.headers) for output in after.unsent]
    assert [d.envelope.id for d in said] == [
        own_output_id(f"{KIND.collection}/main/s1", 4, n) for n in range(2)
    ]
    assert [d.envelope.time for d in said] == [toy.NOW] * 2
    assert [d.message for d in said] == [toy.recorded("s1", 1), toy.recorded("s1", 2)]
    assert after.said == {"other": {"id": "9"}, "recorded": remembered(said[0].envelope)}


def test_what_still_waits_keeps_its_place_and_its_time() -> None:
    later = toy.NOW + timedelta(minutes=1)
    after = recorded(waiting(), KIND, toy.Tally(2), [outgoing(2)], SPEAKER, later)
    assert [decode(o.value, o.headers).message for o in after.unsent] == [
        toy.recorded("s1", 1),
        toy.recorded("s1", 2),
    ]
    assert (after.unsent_since, after.changed_at) == (toy.NOW, later)


def test_a_state_without_outputs_waits_for_nothing() -> None:
    after = recorded(Document("main/s1"), KIND, toy.Tally(2), [], SPEAKER, toy.NOW)
    assert (after.unsent, after.unsent_since) == ((), None)


def test_what_is_indexed_beside_a_state_is_written_with_it() -> None:
    kind = replace(KIND, indexed=lambda tally: {"counted": tally.count})
    after = recorded(Document("main/s1"), kind, toy.Tally(2), [], SPEAKER, toy.NOW)
    assert after.indexed == {"counted": 2}


async def test_outputs_are_published_then_cleared_by_another_write() -> None:
    world = World()
    store, outputs = made(world)
    await store.save([waiting()])
    await outputs.flush([waiting()])
    assert [d.message for d in world.said()] == [toy.recorded("s1", 1)]
    assert (await world.document()).unsent != ()
    await cleared(outputs)
    stored = await world.document()
    assert (stored.version, stored.unsent, stored.unsent_since) == (2, (), None)
    assert stored.state == waiting().state


async def test_nothing_waiting_publishes_and_writes_nothing() -> None:
    world = World()
    store, outputs = made(world)
    plain = Document("main/s1").next()
    await store.save([plain])
    await outputs.flush([plain])
    await outputs.flush([])
    assert outputs._clearing is None
    assert world.broker.logs == {}


async def test_only_documents_with_something_to_say_are_written_again() -> None:
    world = World()
    store, outputs = made(world)
    plain = Document("main/s2").next()
    await store.save([waiting(), plain])
    await outputs.flush([waiting(), plain])
    await cleared(outputs)
    assert (await world.document("main/s2")).version == 1


async def test_a_document_written_again_meanwhile_is_not_written_for_clearing() -> None:
    world = World()
    store, outputs = made(world)
    await store.save([waiting()])
    await outputs.flush([waiting()])
    (amended,) = (await store.load(["main/s1"])).values()
    assert (amended.unsent, amended.unsent_since) == ((), None)
    newer = amended.next(state='{"count":5,"notes":[]}')
    await store.save([newer])
    await cleared(outputs)
    assert store.known(["main/s1"]) == {"main/s1": newer}
    stored = await world.document()
    assert (stored.version, stored.unsent) == (2, ())
    assert stored.state == '{"count":5,"notes":[]}'


async def test_a_document_no_longer_remembered_is_cleared_all_the_same() -> None:
    world = World()
    store = DocumentStore(world.database, KIND.collection, cached=0)
    outputs = UnsentOutputs(store, world.publisher())
    await store.save([waiting()])
    await outputs.flush([waiting()])
    await cleared(outputs)
    assert (await world.document()).unsent == ()


async def test_several_are_cleared_in_one_write() -> None:
    world = World()
    asked: list[str] = []

    async def note(_collection: str, operation: str) -> None:
        asked.append(operation)

    store, outputs = made(world)
    documents = [waiting("main/s1"), waiting("main/s2")]
    await store.save(documents)
    world.database.hook = note
    for document in documents:
        await outputs.flush([document])
    await cleared(outputs)
    assert asked == ["bulk_write"]
    stored = await world.store().load(["main/s1", "main/s2"])
    assert [document.unsent for document in stored.values()] == [(), ()]


async def test_what_comes_after_a_clearing_is_cleared_by_the_next() -> None:
    world = World()
    store, outputs = made(world)
    for id_ in ("main/s1", "main/s2"):
        await store.save([waiting(id_)])
        await outputs.flush([waiting(id_)])
        await cleared(outputs)
    assert (await world.document("main/s2")).unsent == ()


async def test_a_broker_that_is_away_leaves_everything_waiting() -> None:
    world = World()
    store, outputs = made(world)
    await store.save([waiting()])

    async def away(_operation: str) -> None:
        raise ConnectionError("away")

    world.broker.hook = away
    with pytest.raises(NotPublished):
        await outputs.flush([waiting()])
    assert outputs._clearing is None
    assert store.known(["main/s1"]) == {"main/s1": waiting()}


async def test_a_database_that_is_away_leaves_them_to_the_next_sweep() -> None:
    world = World()
    store, outputs = made(world)
    await store.save([waiting()])

    async def away(_collection: str, _operation: str) -> None:
        raise DatabaseError("away")

    await outputs.flush([waiting()])
    world.database.hook = away
    await cleared(outputs)
    world.database.hook = World().database.hook
    assert (await world.document()).unsent != ()
    assert await outputs.sweep() == 1
    await cleared(outputs)
    assert (await world.document()).unsent == ()


@pytest.mark.parametrize(("age", "found"), [(0.0, 0), (0.5, 0), (1.5, 1), (60.0, 1)])
async def test_any_replica_publishes_what_has_waited_for_more_than_a_second(
    age: float, found: int
) -> None:
    world = World()
    left = waiting(since=datetime.now(UTC) - timedelta(seconds=age))
    await world.store().save([left])
    _, outputs = made(world)
    assert await outputs.sweep() == found
    assert len(world.said()) == found


async def test_a_replica_publishes_with_the_same_ids() -> None:
    world = World()
    store, outputs = made(world)
    await store.save([waiting()])
    await outputs.flush([waiting()])
    _, replica = made(world)
    await replica.sweep()
    first, second = world.said()
    assert first == second


async def test_clearing_comes_a_moment_later(monkeypatch: pytest.MonkeyPatch) -> None:
    assert timedelta(seconds=1) == unsent.UNSENT_AFTER
    waited: list[float] = []
    sleep: Callable[[float], object] = asyncio.sleep

    async def note(seconds: float) -> None:
        waited.append(seconds)
        await sleep(0)  # type: ignore[misc]

    monkeypatch.setattr(unsent, "CLEARED_AFTER_SECONDS", 0.2)
    monkeypatch.setattr(asyncio, "sleep", note)
    world = World()
    store, outputs = made(world)
    await store.save([waiting()])
    await outputs.flush([waiting()])
    await cleared(outputs)
    assert waited == [0.2]
