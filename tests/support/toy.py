"""A tiny service for tests of the runtime: counts the sales recorded under each id."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from msgspec import json

from brocante.contracts.envelope import Envelope, encode
from brocante.contracts.message import Message
from brocante.contracts.sales import SaleRecord, SaleRecorded
from brocante.contracts.topics import DEAD_LETTERS, SALES_COMMANDS, SALES_EVENTS
from brocante.messaging.deciding import (
    Decision,
    DocumentType,
    Outgoing,
    Route,
    Said,
    SayAgain,
    ServiceTable,
)
from brocante.messaging.wire import Position, RawRecord, Received

WATCHED = [SALES_COMMANDS, SALES_EVENTS, DEAD_LETTERS]
"""What it reads, and where it and the runtime speak."""
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Tally:
    """How many sales were recorded, and the notes they came with, in order."""

    count: int = 0
    notes: tuple[str, ...] = ()


TALLIES: DocumentType[Tally] = DocumentType("toy_tallies", json.Decoder(Tally))


def recorded(sale_id: str, count: int) -> SaleRecorded:
    """What the toy says: the count stands in `sale_version`."""
    return SaleRecorded(
        sale_id=sale_id,
        sale_version=count,
        item_id="chair",
        marketplace="ebay",
        sold_at=NOW,
        recorded_at=NOW,
    )


def count_one(state: Tally | None, received: Received, _now: datetime) -> Decision[Tally]:
    """Count one more; a note `bug` raises, as a decider with a bug would."""
    command = received.message
    assert isinstance(command, SaleRecord)
    if command.note == "bug":
        raise ZeroDivisionError("a bug in a decider")
    before = state or Tally()
    after = Tally(before.count + 1, (*before.notes, command.note or ""))
    said = Outgoing(recorded(command.sale_id, after.count), snapshot=True, said="recorded")
    return Decision(after, (said,))


def answer(state: Tally, received: Received) -> Sequence[Outgoing]:
    """The present count, for a command asked again."""
    command = received.message
    assert isinstance(command, SaleRecord)
    return [Outgoing(recorded(command.sale_id, state.count))]


def say(document: str, state: Tally, _changed: datetime, _since: datetime) -> list[Said]:
    """Everything, always."""
    return [Said("recorded", recorded(document.split("/")[1], state.count))]


def address(received: Received) -> str:
    """One document per sale."""
    return f"{received.dealer}/{getattr(received.message, 'sale_id', '')}"


RECORD = Route(SaleRecord, TALLIES, address, count_one, answer)
TABLE = ServiceTable(
    name="toy",
    source="brocante/toy",
    events_topic=SALES_EVENTS,
    topics=(SALES_COMMANDS,),
    routes=(RECORD,),
    say_again=(SayAgain(TALLIES, say),),
)


def record_sale(sale_id: str = "s1", note: str | None = None) -> SaleRecord:
    """A command the toy counts."""
    return SaleRecord(sale_id=sale_id, item_id="chair", marketplace="ebay", sold_at=NOW, note=note)


def envelope(message: Message, id_: str, dealer: str = "main") -> Envelope:
    """An envelope as an upstream app would write it."""
    return Envelope(
        id=id_, source="app", type=message.TYPE, time=NOW, subject=message.subject, dealer=dealer
    )


def received(
    message: Message,
    id_: str,
    *,
    epoch: int = 1,
    offset: int = 0,
    topic: str = SALES_COMMANDS,
    extra_headers: Sequence[tuple[str, bytes]] = (),
) -> Received:
    """A message as the consumer hands it over."""
    at = envelope(message, id_)
    value, headers = encode(at, message)
    raw = RawRecord(
        Position(epoch, topic, 0, offset), b"key", value, (*headers, *extra_headers), 1_795_000_000
    )
    return Received(at, message, raw)
