"""From records to messages: garbage becomes a dead letter, whole, and the rest goes on."""

from datetime import UTC, datetime

import pytest
import structlog
from prometheus_client import REGISTRY

from brocante.contracts.message import Message
from brocante.contracts.sales import SaleRecord, SaleRecorded, SaleSplit
from brocante.messaging.dead_letters import LONGEST_ERROR, dead_letter
from brocante.messaging.decoding import DecodedBatch, decode_batch, raw_record
from brocante.messaging.wire import Position, RawRecord
from brocante.testing.memory_broker import Record
from tests.support import toy
from tests.unit.messaging.memory_service import command, headers, wire

SEEN = int(datetime(2026, 11, 24, 8, 0, 0, 250_000, tzinfo=UTC).timestamp() * 1000)
RAW = RawRecord(
    Position(1, "p.sales.commands", 3, 17),
    b"main/s1",
    b"\xff\x00",
    (("ce_id", b"1"), ("x-replay", None), ("x-error", b"earlier"), ("x-origin", b"earlier")),
    SEEN,
)
SPLIT = SaleSplit(sale_id="s1")
RECORDED = SaleRecorded(
    sale_id="s1",
    sale_version=1,
    item_id="lamp",
    marketplace="ebay",
    sold_at=toy.NOW,
    recorded_at=toy.NOW,
)


def good(offset: int = 0) -> Record:
    wire = command(f"c{offset}")
    return Record("p.sales.commands", 0, offset, wire.key, wire.value, tuple(wire.headers), SEEN)


def bad(offset: int = 0, value: bytes | None = b"no") -> Record:
    return Record("p.sales.commands", 0, offset, b"main/s1", value, (("a", b"b"),), SEEN)


def test_a_dead_letter_is_the_record_as_it_came_with_the_reason_beside_it() -> None:
    dead = dead_letter(RAW, service="toy", code="bad_json", error="No JSON.", prefix="p.")
    assert (dead.topic, dead.key, dead.value) == ("p.dead-letters", b"main/s1", b"\xff\x00")
    assert list(dead.headers) == [
        ("ce_id", b"1"),
        ("x-replay", None),
        ("x-error-code", b"bad_json"),
        ("x-error", b"No JSON."),
        ("x-origin", b"p.sales.commands/3/17"),
        ("x-service", b"toy"),
        ("x-first-seen", b"2026-11-24T08:00:00.250000Z"),
    ]


def test_a_long_reason_is_cut() -> None:
    dead = dead_letter(RAW, service="toy", code="x", error="e" * 5000, prefix="")
    assert headers(dead)["x-error"] == "e" * LONGEST_ERROR
    assert LONGEST_ERROR == 2000


def test_a_dead_letter_that_dies_again_says_the_newest_reason_only() -> None:
    first = dead_letter(RAW, service="toy", code="one", error="One.", prefix="")
    again = RawRecord(RAW.position, first.key, first.value, tuple(first.headers), RAW.timestamp_ms)
    second = dead_letter(again, service="toy", code="two", error="Two.", prefix="")
    assert [name for name, _ in second.headers] == [name for name, _ in first.headers]
    assert headers(second)["x-error-code"] == "two"


def test_a_record_is_kept_whole_with_the_epoch_it_was_read_in() -> None:
    raw = raw_record(bad(7), 4)
    assert raw == RawRecord(
        Position(4, "p.sales.commands", 0, 7), b"main/s1", b"no", (("a", b"b"),), SEEN
    )


def test_a_record_without_a_time_is_of_the_beginning() -> None:
    record = Record("t", 0, 0, None, b"", (), -1)
    assert raw_record(record, 1).timestamp_ms == 0
    assert raw_record(Record("t", 0, 0, None, b"", (), 0), 1).timestamp_ms == 0


def test_what_cannot_be_decoded_is_set_aside_and_the_others_go_on() -> None:
    batch = decode_batch(
        [bad(0), good(1), bad(2, None), good(3)], epoch=5, service="toy", prefix="p."
    )
    assert [r.raw.position for r in batch.received] == [
        Position(5, "p.sales.commands", 0, 1),
        Position(5, "p.sales.commands", 0, 3),
    ]
    assert [r.envelope.id for r in batch.received] == ["c1", "c3"]
    assert all(isinstance(r.message, SaleRecord) for r in batch.received)
    assert [raw.position.offset for raw in batch.refused] == [0, 2]
    assert [unusable.code for unusable in batch.unusable] == ["not_a_cloud_event", "no_value"]
    said = [headers(dead) for dead in batch.dead]
    assert [h["x-error-code"] for h in said] == ["not_a_cloud_event", "no_value"]
    assert said[0]["x-error"] == str(batch.unusable[0])
    assert {h["x-service"] for h in said} == {"toy"}
    assert [dead.topic for dead in batch.dead] == ["p.dead-letters"] * 2


def test_dead_letters_are_counted_by_service_and_code() -> None:
    labels = {"service": "counted", "code": "no_value"}
    before = REGISTRY.get_sample_value("brocante_dead_letters_total", labels) or 0
    decode_batch([bad(0, None), bad(1, None)], epoch=1, service="counted", prefix="")
    assert REGISTRY.get_sample_value("brocante_dead_letters_total", labels) == before + 2


def test_what_cannot_be_decoded_is_logged_with_its_place() -> None:
    with structlog.testing.capture_logs() as logged:
        batch = decode_batch([bad(7, None)], epoch=1, service="toy", prefix="")
    assert logged == [
        {
            "event": "message_unusable",
            "log_level": "warning",
            "code": "no_value",
            "error": str(batch.unusable[0]),
            "topic": "p.sales.commands",
            "partition": 0,
            "offset": 7,
        }
    ]


@pytest.mark.parametrize("count", [0, 1])
def test_every_record_is_received_or_refused(count: int) -> None:
    batch = decode_batch([good(n) for n in range(count)], epoch=1, service="toy", prefix="")
    assert (len(batch.received), batch.dead, batch.refused, batch.unusable) == (count, [], [], [])


def taken(topic: str, message: Message, *takes: type[Message]) -> DecodedBatch:
    """One message on a topic, as `toy` reads it, who takes these classes."""
    said = wire(message, "c1", topic)
    record = Record(topic, 0, 0, said.key, said.value, tuple(said.headers), SEEN)
    return decode_batch([record], epoch=1, service="toy", prefix="p.", takes=set(takes))


def test_a_command_that_is_anothers_is_refused_by_its_type_and_still_known() -> None:
    batch = taken("p.sales.commands", SPLIT, SaleRecord)
    assert batch.received == []
    (refusal,) = batch.unusable
    assert (refusal.code, str(refusal), refusal.field) == (
        "wrong_topic",
        "toy takes no sale.split.",
        "ce_type",
    )
    assert refusal.envelope
    assert refusal.envelope.id == "c1"
    assert headers(batch.dead[0])["x-error-code"] == "wrong_topic"


@pytest.mark.parametrize(
    ("topic", "message"),
    [
        ("p.sales.commands", toy.record_sale("s1")),
        ("p.sales.commands", RECORDED),
        ("p.sales.events", SPLIT),
        ("p.sales.commands.old", SPLIT),
    ],
    ids=["a command taken", "an event", "a command among events", "a topic of another kind"],
)
def test_all_else_goes_on_to_be_taken_or_passed_over(topic: str, message: Message) -> None:
    batch = taken(topic, message, SaleRecord)
    assert (len(batch.received), batch.unusable) == (1, [])
