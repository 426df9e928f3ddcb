"""Every kind of poison in every class of message is refused for what it is, and nothing raises."""

import json

import pytest

from brocante.contracts.catalogue import Message, message_class, message_classes
from brocante.contracts.envelope import Unusable, decode
from brocante.contracts.inventory import ItemCreate, ItemHold, ItemUpdate
from brocante.contracts.marketplace import MarketplacePause
from brocante.contracts.sales import SaleCancel, SaleRecord
from brocante.contracts.snapshot import ItemChanged
from brocante.messaging.dead_letters import dead_letter
from brocante.messaging.decoding import decode_batch
from brocante.messaging.wire import Wire
from brocante.testing.memory_broker import Record
from tests.support import poison

CLASSES = tuple(message_classes())
FAR_FUTURE_MS = 10**18


def refused(wire: Wire) -> Unusable:
    with pytest.raises(Unusable) as caught:
        decode(wire.value, tuple(wire.headers))
    return caught.value


@pytest.mark.parametrize("kind", poison.ALL, ids=lambda kind: kind.name)
def test_poison_is_refused_for_what_it_is_in_every_class(kind: poison.Kind) -> None:
    codes = {refused(kind.spoil(poison.good(cls, "t"))).code for cls in CLASSES}
    assert codes == {kind.code}


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.TYPE)
def test_what_is_only_odd_is_read(cls: type[Message]) -> None:
    for wire in poison.harmless(poison.good(cls, "t")):
        assert decode(wire.value, tuple(wire.headers)).envelope.id == "good-1"


@pytest.mark.parametrize(
    "number", ["NaN", "Infinity", "-Infinity", "1e999", str(2**63), str(-(2**63) - 1)]
)
@pytest.mark.parametrize("cls", [ItemCreate, ItemUpdate, ItemChanged], ids=lambda cls: cls.TYPE)
def test_free_json_that_no_reader_could_hold_is_an_invalid_payload_that_names_its_field(
    cls: type[Message], number: str
) -> None:
    wire = poison.good(cls, "t")
    field = "changes" if cls is ItemUpdate else "attributes"
    free = poison.replaced(wire, field, f'{{"a": [{number}]}}')
    unusable = refused(free)
    assert (unusable.code, unusable.field) == ("invalid_payload", f"/{field}")
    assert "/a/0" in str(unusable) or "64 bits" in str(unusable)


@pytest.mark.parametrize(
    ("cls", "field", "most"),
    [
        (SaleRecord, "note", 10_000),
        (SaleRecord, "external_order_id", 500),
        (SaleCancel, "note", 10_000),
        (ItemHold, "reason", 10_000),
        (ItemHold, "holder", 500),
        (MarketplacePause, "reason", 10_000),
    ],
)
def test_what_a_person_writes_has_an_end_so_that_what_is_said_of_it_fits(
    cls: type[Message], field: str, most: int
) -> None:
    wire = poison.good(cls, "t")
    fits = poison.replaced(wire, field, json.dumps("x" * most))
    assert getattr(decode(fits.value, tuple(fits.headers)).message, field) == "x" * most
    unusable = refused(poison.replaced(wire, field, json.dumps("x" * (most + 1))))
    assert (unusable.code, unusable.field) == ("invalid_payload", f"/{field}")


def test_free_json_nested_too_deep_to_be_kept_is_refused() -> None:
    wire = poison.good(ItemCreate, "t")
    deep = poison.replaced(wire, "attributes", '{"a": ' + "[" * 150 + "]" * 150 + "}")
    assert refused(deep).code == "invalid_payload"


@pytest.mark.parametrize(
    ("message_type", "field"),
    [
        ("item.changed", "revision"),
        ("sale.recorded", "sale_version"),
        ("listing.activated", "intent"),
        ("resync.requested", "epoch"),
    ],
)
def test_a_whole_number_beyond_64_bits_is_refused(message_type: str, field: str) -> None:
    cls = message_class(message_type)
    assert cls is not None
    unusable = refused(poison.replaced(poison.good(cls, "t"), field, str(2**63)))
    assert (unusable.code, unusable.field) == ("invalid_payload", f"/{field}")


def test_a_batch_of_every_kind_is_kept_byte_for_byte_beside_the_good_ones() -> None:
    good = poison.good(ItemCreate, "t")
    bad = [kind.spoil(good) for kind in poison.ALL]
    wires = [good, *bad, good]
    records = [
        Record("t", 0, n, one.key, one.value, tuple(one.headers), FAR_FUTURE_MS)
        for n, one in enumerate(wires)
    ]
    batch = decode_batch(records, epoch=1, service="toy", prefix="p.")
    assert len(batch.received) == 2
    assert [(d.key, d.value) for d in batch.dead] == [(w.key, w.value) for w in bad]
    for dead, wire in zip(batch.dead, bad, strict=True):
        assert tuple(dead.headers)[: len(wire.headers)] == tuple(wire.headers)


def test_why_can_be_written_even_when_it_quotes_half_a_pair() -> None:
    good = poison.good(ItemCreate, "t")
    raw = decode_batch(
        [Record("t", 0, 0, good.key, b"", tuple(good.headers))], epoch=1, service="toy", prefix=""
    ).refused[0]
    letter = dead_letter(raw, service="toy", code="decider_failed", error="\ud800", prefix="")
    assert dict(letter.headers)["x-error"] == b"\\ud800"
