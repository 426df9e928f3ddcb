"""Of what says the whole of a thing, the newest alone is published; commands are all answered."""

from typing import Any

from brocante.contracts.message import Message
from brocante.contracts.sales import SaleRecorded
from brocante.documents.document import Document
from brocante.messaging.deciding import Decision, Outgoing, Route
from brocante.messaging.wire import Received
from tests.support import toy
from tests.unit.messaging.test_folding import counts, fold, ids

NAMES = {1: ("a", "b"), 2: ("a",), 3: ("b",)}


def say_each(state: toy.Tally | None, _received: Received, _now: Any) -> Decision[toy.Tally]:
    """Say the count under this count's names, and once as a fact of its own."""
    count = state.count + 1 if state else 1
    says = [Outgoing(toy.recorded(name, count), snapshot=True, said=name) for name in NAMES[count]]
    return Decision(toy.Tally(count), (*says, Outgoing(toy.recorded("fact", count))))


def route(message: type[Message]) -> Route:
    return Route(message, toy.TALLIES, toy.address, say_each)


def test_what_events_lead_to_is_said_only_where_nothing_newer_of_that_name_follows() -> None:
    events = [toy.received(toy.recorded("s1", n + 1), str(n), offset=n) for n in range(3)]
    folded = fold(Document("main/s1"), *events, route=route(SaleRecorded))
    assert counts(folded.outputs) == [1, 2, 2, 3, 3]


def test_what_a_command_leads_to_is_said_whatever_follows() -> None:
    commands = [toy.received(toy.record_sale(), str(n), offset=n) for n in range(3)]
    folded = fold(Document("main/s1"), *commands, route=route(type(toy.record_sale())))
    assert counts(folded.outputs) == [1, 1, 1, 2, 2, 3, 3]


def test_what_is_left_out_leaves_the_ids_of_the_others_as_they_are() -> None:
    events = [toy.received(toy.recorded("s1", n + 1), str(n), offset=n) for n in range(2)]
    alone = fold(Document("main/s1"), events[0], route=route(SaleRecorded))
    together = fold(Document("main/s1"), *events, route=route(SaleRecorded))
    assert ids(together.outputs)[:2] == ids(alone.outputs)[1:]
