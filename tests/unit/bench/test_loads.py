"""Every load is what it says: so many messages, each of which its service can decide."""

import pytest
from bson import CodecOptions
from bson import decode as decode_bson

from brocante.contracts.envelope import decode
from brocante.documents.document import from_bson
from tests.bench.contenders.deciding_plainly import Addressed, PlainTable
from tests.bench.loads.all_loads import LOADS
from tests.bench.loads.inventory import INVENTORY
from tests.bench.loads.load import Load
from tests.bench.loads.pieces import PATTERNS, PLACEHOLDER, pieces, stored_name, stored_pieces
from tests.bench.throughput import messages_for

MESSAGES = 8


@pytest.mark.parametrize("load", LOADS.values(), ids=LOADS)
def test_a_load_has_the_messages_asked_for_over_fewer_documents(load: Load) -> None:
    sent = load.messages(MESSAGES)
    plain = PlainTable(load.table, "")
    documents = {_addressed(plain, load, n).document for n in range(MESSAGES)}
    assert len(sent) == len({one.id for one in sent}) == MESSAGES
    assert len(documents) == MESSAGES // load.per_document
    assert {one.topic for one in sent} <= set(load.table.topics)


@pytest.mark.parametrize("load", LOADS.values(), ids=LOADS)
def test_what_is_to_be_answered_is_named_as_a_cause(load: Load) -> None:
    plain = PlainTable(load.table, "")
    stored = {d.id: {"version": 1, "state": d.state} for d in load.documents(MESSAGES)}
    causes = set()
    for n in range(MESSAGES):
        one = _addressed(plain, load, n)
        folded = plain.folded(one.document, stored.get(one.document), [one])
        stored[one.document] = folded.stored
        wires = plain.wires(folded)
        assert {wire.topic for wire in wires} <= set(load.publishes)
        causes |= {decode(w.value, w.headers).envelope.causation_id for w in wires}
    assert causes == {one.id for one in load.messages(MESSAGES) if one.answered}


def test_one_message_at_a_time_does_fewer_of_them() -> None:
    assert messages_for("hand", 6000) == messages_for("ours", 6000) == 6000
    assert messages_for("one", 6000) == 300


def test_pieces_are_listed_each_under_its_own_names() -> None:
    one, other = pieces(2)
    assert one.indexed["links"]
    assert not set(one.indexed["links"]) & set(other.indexed["links"])
    assert PLACEHOLDER not in f"{one.state}{one.indexed}{other.state}{other.indexed}"
    # As a running system leaves it: the last message alone could still come again.
    assert len(one.journal.recent) == 1


def test_stored_pieces_are_what_the_runtime_reads_whatever_the_size_of_the_stock() -> None:
    raws = [one.raw for one in stored_pieces(PATTERNS + 1, b"write")]
    assert len(raws[0]) == len(raws[PATTERNS])
    assert PLACEHOLDER.encode() not in raws[PATTERNS]
    document = from_bson(decode_bson(raws[PATTERNS], CodecOptions(tz_aware=True)))
    name = stored_name(PATTERNS)
    item = INVENTORY.table.routes[0].document.read(document)
    assert item is not None
    assert (document.id, item.item_id) == (f"main/{name}", name)
    assert all(name.encode() in one.value for one in document.journal.recent[0].outputs)


def _addressed(plain: PlainTable, load: Load, n: int) -> Addressed:
    wire = load.messages(MESSAGES)[n].wire("")
    found = plain.addressed(wire.value, wire.headers)
    assert found is not None
    return found
