"""A document's stored form: what stands in the database, and that nothing is lost on the way."""

from datetime import UTC, datetime
from typing import Any

import pytest

from brocante.documents.document import Document, Entry, Journal, Output, from_bson, to_bson
from brocante.documents.packing import Memory, pack, packed, unpack

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
OUTPUT = Output("sales.events", b"main/s1", b'{"a":1}', (("ce_id", b"1"),))
KEYLESS = Output("sales.events", None, b"{}", ())
ENTRY = Entry(
    b"0123456789abcdef", 1, "sales.commands", 3, 7, remember=True, led_to=packed([OUTPUT])
)
WHOLE = Document(
    "main/a",
    version=4,
    state='{"n":1}',
    changed_at=NOW,
    journal=Journal(b"x" * 16, (ENTRY,), ((b"y" * 16, KEYLESS),)),
    said={"item.changed": {"id": "1"}},
    unsent=(OUTPUT, KEYLESS),
    unsent_since=NOW,
    parked=(b"z" * 16,),
    indexed={"due_at": NOW, "external_ids": ["1", "2"], "nothing": None},
)


def test_a_document_stands_in_the_database_under_these_names() -> None:
    stored = to_bson(WHOLE, b"write")
    kept = ((b"y" * 16, KEYLESS),)
    assert unpack(stored.pop("memory")) == Memory((ENTRY,), kept, {"item.changed": {"id": "1"}})
    assert stored == {
        "_id": "main/a",
        "version": 4,
        "write": b"write",
        "state": '{"n":1}',
        "changed_at": NOW,
        "applied": b"x" * 16,
        "unsent": (OUTPUT, KEYLESS),
        "unsent_since": NOW,
        "parked": [b"z" * 16],
        "due_at": NOW,
        "external_ids": ["1", "2"],
    }


def test_what_a_document_does_not_have_takes_no_room() -> None:
    assert set(to_bson(Document("main/a", unsent_since=NOW), b"write")) == {
        "_id",
        "version",
        "write",
        "state",
        "changed_at",
        "applied",
    }


@pytest.mark.parametrize("document", [WHOLE, Document("main/b")], ids=["whole", "empty"])
def test_a_document_comes_back_from_its_stored_form(document: Document) -> None:
    kept = {name: value for name, value in document.indexed.items() if value is not None}
    back = from_bson(to_bson(document, b"write"))
    assert back == document._replace(indexed=kept)


def test_a_document_stored_with_the_least_is_read() -> None:
    assert from_bson({"_id": "main/a", "version": 1, "state": None}) == Document("main/a", 1)


def test_the_next_version_keeps_what_is_not_changed() -> None:
    following = WHOLE.next(state='{"n":2}')
    assert (following.version, following.state) == (5, '{"n":2}')
    assert (following.journal, following.said) == (WHOLE.journal, WHOLE.said)


def test_the_next_version_with_another_state_has_no_value_of_it_yet() -> None:
    known = Document("main/a", value="as an object")
    assert known.next().value == "as an object"
    assert known.next(state="{}").value is None
    assert known.next(state="{}", value="another").value == "another"


@pytest.mark.parametrize("said", [{}, {"item.changed": {"id": "1", "time": NOW}}])
@pytest.mark.parametrize(
    "recent", [(), (ENTRY, ENTRY._replace(offset=8, led_to=packed([KEYLESS])))]
)
def test_what_is_packed_comes_back_as_it_was(recent: tuple[Entry, ...], said: Any) -> None:
    assert unpack(pack(Memory(recent, said=said))) == Memory(recent, said=said)


def test_what_repeats_itself_takes_hardly_more_room() -> None:
    one, fifty = (packed([OUTPUT] * n) for n in (1, 50))
    assert 0 < len(fifty) < 50 * len(one) / 10


@pytest.mark.parametrize("document", [WHOLE, Document("a", journal=Journal(recent=(ENTRY,)))])
def test_entries_or_what_was_said_alone_are_packed_too(document: Document) -> None:
    only_said = Document("a", said={"item.changed": {"id": "1"}})
    assert from_bson(to_bson(only_said, b"write")).said == only_said.said
    assert from_bson(to_bson(document, b"write")).journal.recent == (ENTRY,)


@pytest.mark.parametrize("outputs", [(), (OUTPUT,), (OUTPUT, KEYLESS)])
def test_an_entry_tells_what_it_led_to(outputs: tuple[Output, ...]) -> None:
    entry = ENTRY._replace(led_to=packed(outputs))
    assert entry.outputs == outputs
    assert unpack(pack(Memory((entry,)))).recent[0].outputs == outputs
