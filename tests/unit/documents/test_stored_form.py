"""A document's stored form: what stands in the database, and that nothing is lost on the way."""

from datetime import UTC, datetime

import pytest

from brocante.documents.document import Document, Entry, Journal, Output, from_bson, to_bson

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
OUTPUT = Output("sales.events", b"main/s1", b'{"a":1}', (("ce_id", b"1"),))
KEYLESS = Output("sales.events", None, b"{}", ())
ENTRY = Entry(b"0123456789abcdef", 1, "sales.commands", 3, 7, remember=True, outputs=(OUTPUT,))
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
    output = ["sales.events", b"main/s1", b'{"a":1}', [["ce_id", b"1"]]]
    keyless: list[object] = ["sales.events", None, b"{}", []]
    assert to_bson(WHOLE, b"write") == {
        "_id": "main/a",
        "version": 4,
        "write": b"write",
        "state": '{"n":1}',
        "changed_at": NOW,
        "applied": b"x" * 16,
        "recent": [[b"0123456789abcdef", 1, "sales.commands", 3, 7, True, [output]]],
        "kept": [[b"y" * 16, keyless]],
        "said": [["item.changed", {"id": "1"}]],
        "unsent": [output, keyless],
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
        "recent",
    }


@pytest.mark.parametrize("document", [WHOLE, Document("main/b")], ids=["whole", "empty"])
def test_a_document_comes_back_from_its_stored_form(document: Document) -> None:
    kept = {name: value for name, value in document.indexed.items() if value is not None}
    back = from_bson(to_bson(document, b"write"))
    assert back == Document(
        **{
            **{name: getattr(document, name) for name in Document.__slots__},
            "indexed": kept,
        }
    )


def test_a_document_stored_with_the_least_is_read() -> None:
    assert from_bson({"_id": "main/a", "version": 1, "state": None}) == Document("main/a", 1)


def test_the_next_version_keeps_what_is_not_changed() -> None:
    following = WHOLE.next(state='{"n":2}')
    assert (following.version, following.state) == (5, '{"n":2}')
    assert (following.journal, following.said) == (WHOLE.journal, WHOLE.said)
