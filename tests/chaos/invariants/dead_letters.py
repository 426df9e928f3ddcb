"""I9: the dead letters are the poison that was put in, byte for byte, and nothing else."""

from collections.abc import Mapping
from typing import Any

from tests.chaos.evidence import Evidence
from tests.chaos.records import Record

ADDED = "x-"
Bytes = tuple[bytes | None, bytes | None, tuple[tuple[str, bytes | None], ...]]


def dead_letters_are_the_poison(evidence: Evidence) -> list[str]:
    """Every dead letter is poison; all poison that a broker kept is among the dead letters."""
    put_in = {_poison(one) for one in evidence.poison}
    dead = {_letter(r): r for r in evidence.records if r.raw is not None}
    wrong = [
        f"a dead letter that nobody put in: {_words(record)}"
        for letter, record in dead.items()
        if letter not in put_in
    ]
    for one in evidence.poison:
        # A broker that was wiped may have taken poison with it before anyone read it.
        kept = one["sure"] and one["incarnation"] == evidence.incarnations
        if kept and _poison(one) not in dead:
            wrong.append(f"{one['kind']} on {one['topic']} is no dead letter")
    return wrong


def _poison(one: Mapping[str, Any]) -> Bytes:
    return one["key"], one["value"], tuple(one["headers"])


def _letter(record: Record) -> Bytes:
    key, value, headers = record.raw or (None, None, ())
    return key, value, tuple((n, v) for n, v in headers if not n.startswith(ADDED))


def _words(record: Record) -> str:
    headers = dict(record.raw[2]) if record.raw else {}
    why = [headers.get(name) or b"" for name in ("x-service", "x-error-code", "x-error")]
    return " ".join(text.decode(errors="replace") for text in why)
