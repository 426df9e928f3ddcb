"""What cannot be processed is copied byte for byte to the dead-letter topic (docs/messages.md)."""

from datetime import UTC, datetime

from brocante.contracts.topics import DEAD_LETTERS
from brocante.messaging.wire import RawRecord, Wire

ADDED_HEADERS = frozenset({"x-error-code", "x-error", "x-origin", "x-service", "x-first-seen"})
LONGEST_ERROR = 2000
LATEST = datetime(9999, 12, 31, tzinfo=UTC).timestamp()


def dead_letter(raw: RawRecord, *, service: str, code: str, error: str, prefix: str) -> Wire:
    """The record to publish: value, key and headers as they came, and why beside them."""
    position = raw.position
    # A producer may write any moment: beyond what can be said it is the last that can.
    first_seen = datetime.fromtimestamp(min(raw.timestamp_ms / 1000, LATEST), UTC).isoformat()
    added = {
        "x-error-code": code,
        "x-error": error[:LONGEST_ERROR],
        "x-origin": f"{position.topic}/{position.partition}/{position.offset}",
        "x-service": service,
        "x-first-seen": first_seen.replace("+00:00", "Z"),
    }
    kept = [pair for pair in raw.headers if pair[0] not in ADDED_HEADERS]
    why = [(name, text.encode(errors="backslashreplace")) for name, text in added.items()]
    return Wire(f"{prefix}{DEAD_LETTERS}", raw.key, raw.value, [*kept, *why])
