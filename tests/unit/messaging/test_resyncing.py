"""Saying everything again: what was kept back first, then the states, with their own ids."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from brocante.contracts.answers import ResyncCompleted
from brocante.contracts.envelope import Decoded, Envelope
from brocante.contracts.ids import own_output_id
from brocante.contracts.sales import SaleRecorded
from brocante.documents.document import Document, Output, packed
from brocante.messaging.deciding import Said, SayAgain
from brocante.messaging.outputs import Speaker
from brocante.messaging.resync import AT_LEISURE, Resync
from tests.support import toy
from tests.support.running import handled
from tests.unit.messaging.memory_service import EVENTS, World, command, resync

STATE = '{"count":3,"notes":[]}'


def kept_back(name: bytes) -> Output:
    return Output(EVENTS, b"main/s1", b"{}", (("ce_id", name),))


def ids(world: World) -> list[str]:
    return [(dict(record.headers)["ce_id"] or b"").decode() for record in world.broker.read(EVENTS)]


def story(said: Decoded) -> Envelope:
    """Its envelope; a database keeps milliseconds of the time."""
    at = said.envelope
    return at._replace(time=at.time.replace(microsecond=at.time.microsecond // 1000 * 1000))


def of_type(said: Sequence[Decoded], kind: type) -> list[Decoded]:
    return [decoded for decoded in said if isinstance(decoded.message, kind)]


async def test_a_resync_says_each_documents_state_with_the_id_it_had() -> None:
    world = World()
    records = world.put(command("c1"), command("c2", "s2"))
    await handled(world.service(), records)
    before = {story(d) for d in of_type(world.said(), SaleRecorded)}
    world.broker.wipe()
    await world.resynced(resync())
    again = of_type(world.said(), SaleRecorded)
    assert {story(d) for d in again} == before
    assert sorted(str(d.envelope.subject) for d in again) == ["s1", "s2"], "each is said once"


async def test_a_resync_ends_with_how_much_was_said_and_why() -> None:
    world = World()
    await handled(world.service(), world.put(command("c1")))
    world.broker.wipe()
    await world.resynced(resync("r7"))
    (completed,) = of_type(world.said(), ResyncCompleted)
    assert completed.message == ResyncCompleted(resync_id="r7", service="toy", said=1)
    assert (completed.envelope.causation_id, completed.envelope.source) == ("r7", "brocante/toy")


async def test_what_a_crash_kept_back_is_said_before_the_state() -> None:
    world = World()
    await handled(world.service(), world.put(command("c1")))
    document = await world.document()
    (entry,) = document.journal.recent
    waiting = entry._replace(led_to=packed([kept_back(b"recent")]))
    late = document.next(
        journal=document.journal._replace(recent=(waiting,)),
        unsent=(kept_back(b"unsent"),),
        unsent_since=toy.NOW,
    )
    await world.store().save([late])
    world.broker.wipe()
    await answered(world)
    said = ids(world)
    assert said[:2] == ["recent", "unsent"]
    assert len(said) == 4


async def test_a_document_that_holds_nothing_yet_says_only_what_was_kept_back() -> None:
    world = World()
    empty = Document("main/s1").next(unsent=(kept_back(b"unsent"),), unsent_since=toy.NOW)
    await world.store().save([empty])
    await answered(world)
    assert ids(world)[:-1] == ["unsent"]


async def test_what_was_never_said_gets_an_id_of_document_name_and_version() -> None:
    world = World()
    plain = Document("anna/s1").next(state=STATE, changed_at=toy.NOW)
    await world.store().save([plain])
    began = datetime.now(UTC)
    await answered(world)
    (said,) = of_type(world.said(), SaleRecorded)
    assert said.envelope.id == own_output_id(f"{toy.TALLIES.collection}/anna/s1#recorded", 1, 0)
    assert (said.envelope.dealer, said.envelope.subject) == ("anna", "s1")
    assert (said.envelope.source, said.envelope.type) == ("brocante/toy", "sale.recorded")
    assert began - timedelta(seconds=1) <= said.envelope.time <= datetime.now(UTC)


async def test_what_must_be_said_is_asked_with_the_state_its_change_and_since_when() -> None:
    asked: list[tuple[object, ...]] = []

    def say(id_: str, state: toy.Tally, changed: datetime, since: datetime) -> list[Said]:
        asked.append((id_, state, changed, since))
        return [Said("recorded", toy.recorded("s9", 1), "inventory.events", "given")]

    world = World(replace(toy.TABLE, say_again=(SayAgain(toy.TALLIES, say),)))
    changed = toy.NOW + timedelta(hours=1)
    with_time = Document("main/s1").next(state=STATE, changed_at=changed)
    without = Document("main/s2").next(state=STATE)
    await world.store().save([with_time, without])
    await answered(world)
    tally = toy.Tally(3)
    assert asked == [("main/s1", tally, changed, toy.NOW), ("main/s2", tally, toy.NOW, toy.NOW)]
    elsewhere = world.broker.read("p.inventory.events")
    assert [record.key for record in elsewhere] == [b"main/given"] * 2


async def test_what_changed_since_comes_first_and_the_rest_no_faster_than_it_can_be_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    old = toy.NOW - timedelta(hours=1)
    waiting = {"unsent": (kept_back(b"unsent"),), "unsent_since": toy.NOW}
    documents = [
        *(Document(f"main/a{n}").next(state=STATE, changed_at=old) for n in range(10)),
        Document("main/b").next(state=STATE, changed_at=old, **waiting),
        Document("main/c").next(state=STATE, changed_at=toy.NOW),
    ]
    await world.store().save(documents)
    rests: list[tuple[float, int]] = []

    async def rest(seconds: float) -> None:
        rests.append((seconds, len(world.broker.read(EVENTS))))

    monkeypatch.setattr(asyncio, "sleep", rest)
    await answered(world)
    about = [dict(record.headers).get("ce_subject") for record in world.broker.read(EVENTS)]
    assert set(about[:3]) == {None, b"b", b"c"}
    assert set(about[3:-1]) == {b"a%d" % n for n in range(10)}
    assert rests == [(10 / AT_LEISURE, 13)]


async def test_only_a_resync_request_is_answered() -> None:
    with pytest.raises(TypeError, match=r"sale\.record"):
        await answer(World(), toy.received(toy.record_sale(), "1"))


async def answered(world: World) -> None:
    """A resync answered without a service around it."""
    from_wire = resync()
    world.broker.append(from_wire)
    decoded = world.said("p.sales.commands")[-1]
    received = toy.received(decoded.message, "r1")._replace(envelope=decoded.envelope)
    await answer(world, received)


async def answer(world: World, received: object) -> None:
    speaker = Speaker.of(world.table, "p.")
    stores = {toy.TALLIES.collection: world.store()}
    one = Resync(world.table, stores, world.publisher(), speaker)
    await one.answer(received)  # type: ignore[arg-type]  # as Received or not


async def test_everything_said_is_counted_over_pages_and_kinds_of_documents() -> None:
    again = SayAgain(toy.TALLIES, toy.say)
    world = World(replace(toy.TABLE, say_again=(again, again)))
    await world.store().save([Document(f"main/s{n}").next(state=STATE) for n in range(501)])
    await answered(world)
    (completed,) = of_type(world.said(), ResyncCompleted)
    assert isinstance(completed.message, ResyncCompleted)
    assert completed.message.said == 2 * 501


async def test_a_resync_done_again_with_more_to_say_is_another_answer() -> None:
    world = World()
    await world.store().save([Document("main/s1").next(state=STATE)])
    await answered(world)
    await answered(world)
    await world.store().save([Document("main/s2").next(state=STATE)])
    await answered(world)
    first, same, other = of_type(world.said(), ResyncCompleted)
    assert first.envelope.id == same.envelope.id != other.envelope.id
    assert other.envelope.causation_id == first.envelope.causation_id
