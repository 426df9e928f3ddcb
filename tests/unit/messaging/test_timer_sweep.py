"""Timers: what is due is asked for under an id that is always the same."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from brocante.contracts.envelope import Envelope
from brocante.contracts.ids import own_output_id
from brocante.documents.document import Document
from brocante.messaging.deciding import Outgoing, Timers
from brocante.messaging.outputs import Speaker
from brocante.messaging.timers import TimerSweep
from tests.support import toy
from tests.unit.messaging.memory_service import COMMANDS, World

SPEAKER = Speaker("brocante/toy", "sales.events", "p.")
ASKED = toy.record_sale("s1", "by timer")


def due(id_: str, state: toy.Tally, at: datetime) -> Sequence[Outgoing]:
    """What the toy sends itself, with what it was asked with."""
    note = f"{id_} {state.count} {at:%H:%M}"
    return [Outgoing(toy.record_sale(id_.split("/")[1], note))]


def sweep(world: World) -> TimerSweep:
    return TimerSweep(Timers(toy.TALLIES, due), world.store(), world.publisher(), SPEAKER)


def timed(id_: str, moment: datetime, state: str | None = '{"count":1,"notes":[]}') -> Document:
    return Document(id_).next(state=state, indexed={"next_due": moment})


async def test_what_is_due_is_sent_to_the_service_itself() -> None:
    world = World()
    await world.store().save([timed("anna/s1", toy.NOW)])
    assert await sweep(world).sweep(toy.NOW) == 1
    (said,) = world.said(COMMANDS)
    message = toy.record_sale("s1", "anna/s1 1 08:00")
    assert said.message == message
    name = f"anna/s1#sale.record#{message.model_dump_json()}"
    assert said.envelope == Envelope(
        id=own_output_id(name, 0, 0),
        source="brocante/toy",
        type="sale.record",
        time=toy.NOW,
        subject="s1",
        dealer="anna",
        actor="timer",
    )


async def test_the_same_timer_found_twice_has_the_same_id() -> None:
    world = World()
    await world.store().save([timed("main/s1", toy.NOW)])
    for _ in range(2):
        await sweep(world).sweep(toy.NOW)
    first, second = world.said(COMMANDS)
    assert first.envelope.id == second.envelope.id


async def test_what_is_not_due_yet_waits() -> None:
    world = World()
    await world.store().save([timed("main/s1", toy.NOW + timedelta(minutes=1))])
    assert await sweep(world).sweep(toy.NOW) == 0
    assert world.said(COMMANDS) == []


async def test_without_a_moment_given_the_present_counts() -> None:
    world = World()
    now = datetime.now(UTC)
    soon = timed("main/s2", now + timedelta(hours=1))
    await world.store().save([timed("main/s1", now - timedelta(seconds=1)), soon])
    assert await sweep(world).sweep() == 1
    (said,) = world.said(COMMANDS)
    assert now <= said.envelope.time <= datetime.now(UTC)


async def test_a_document_that_holds_nothing_yet_does_not_keep_the_others_waiting() -> None:
    world = World()
    await world.store().save(
        [timed("main/s1", toy.NOW - timedelta(hours=1), None), timed("main/s2", toy.NOW)]
    )
    assert await sweep(world).sweep(toy.NOW) == 2
    assert [d.envelope.subject for d in world.said(COMMANDS)] == ["s2"]


async def test_a_service_without_timers_sends_nothing() -> None:
    world = World(replace(toy.TABLE, timers=()))
    await world.service()._sweep()
    assert world.broker.logs == {}
