"""What the rig keeps of a record: enough for the checks, and nothing that may rightly differ."""

import json
from types import SimpleNamespace
from typing import Any

from tests.chaos.records import as_record

SNAPSHOT = {
    "item_id": "piece-0",
    "title": "A chair",
    "revision": 3,
    "status": "available",
    "on_hand": 1,
    "changed": ["listings"],
    "listings": {"ebay": {"desired": "active", "intent": 2, "observed_at": "2026-11-24T08:00:00Z"}},
}


def read(kind: str, payload: Any, topic: str = "inventory.events") -> Any:
    value = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    headers = [("ce_type", kind.encode()), ("ce_id", b"e1"), ("ce_subject", b"piece-0")]
    return SimpleNamespace(
        topic=topic, partition=1, offset=2, key=b"k", value=value, headers=headers, timestamp=5000
    )


def test_a_snapshot_keeps_what_is_wanted_of_each_listing() -> None:
    record = as_record(1, read("item.changed", SNAPSHOT))
    assert (record.type, record.id, record.dealer, record.at) == ("item.changed", "e1", "main", 5.0)
    assert record.facts["desired"] == {"ebay": "active"}
    assert record.facts["revision"] == 3


def test_a_state_said_again_later_is_the_same_and_another_target_is_not() -> None:
    later = {"desired": "active", "intent": 2, "observed_at": "2026-11-24T09:00:00Z"}
    other = {"desired": "inactive", "intent": 3}
    digests = [
        as_record(1, read("item.changed", {**SNAPSHOT, "listings": {"ebay": one}})).digest
        for one in (SNAPSHOT["listings"]["ebay"], later, other)  # type: ignore[index]
    ]
    assert digests[0] == digests[1] != digests[2]


def test_a_dead_letter_is_kept_byte_for_byte_and_is_no_message() -> None:
    record = as_record(1, read("sale.record", b"\xff\xfe", topic="dead-letters"))
    assert record.type == ""
    assert record.raw is not None
    assert record.raw[:2] == (b"k", b"\xff\xfe")


def test_garbage_is_kept_without_facts() -> None:
    record = as_record(1, read("item.changed", b"[1, 2"))
    assert (record.facts, record.raw) == ({}, None)


def test_poison_is_no_message_whatever_it_calls_itself() -> None:
    poison = read("listing.deactivate", {})
    poison.headers.append(("ce_source", b"chaos/poison"))
    assert as_record(1, poison).type == ""
