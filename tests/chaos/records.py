"""What the rig keeps of each record it reads from a topic."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

ATTRIBUTES = ("id", "source", "type", "subject", "dealerid", "causationid", "time")
# A snapshot's plans depend on the moment, `changed` is empty when it is said again, and a target
# said again gives that as its reason.
NOT_STATE = ("changed", "reason")


@dataclass(frozen=True, slots=True)
class Record:
    """One record; `facts` are what checks need of the payload, `digest` is of all of it.

    `incarnation` numbers the brokers of a run, from 1. `raw` is there for dead letters only.
    """

    incarnation: int
    topic: str
    partition: int
    offset: int
    type: str
    id: str
    source: str
    subject: str
    dealer: str
    causation: str
    at: float
    digest: str
    facts: dict[str, Any]
    raw: tuple[bytes | None, bytes | None, tuple[tuple[str, bytes | None], ...]] | None = None


def as_record(incarnation: int, read: Any) -> Record:
    """From a consumer's record. What is not a message of ours has an empty type."""
    attributes = _attributes(read.headers)
    payload = _payload(read.value)
    kind = attributes.get("type", "")
    dead = read.topic == "dead-letters"
    return Record(
        incarnation,
        read.topic,
        read.partition,
        read.offset,
        "" if dead else kind,
        attributes.get("id", ""),
        attributes.get("source", ""),
        attributes.get("subject", ""),
        attributes.get("dealerid") or "main",
        attributes.get("causationid", ""),
        read.timestamp / 1000,
        _digest(payload, read.value),
        facts_of(kind, payload),
        (read.key, read.value, tuple(read.headers)) if dead else None,
    )


def facts_of(kind: str, payload: Any) -> dict[str, Any]:
    """What checks need of a payload."""
    if not isinstance(payload, dict):
        return {}
    if kind == "item.changed":
        listings = payload.get("listings", {})
        return {
            **{
                name: payload.get(name)
                for name in ("item_id", "title", "revision", "status", "on_hand", "changed")
            },
            "desired": {m: one.get("desired") for m, one in listings.items()},
            "open": sorted(sale["sale_id"] for sale in payload.get("open_sales", [])),
        }
    wanted = ("item_id", "sale_id", "sale_version", "sales", "code", "marketplace", "title")
    return {name: payload[name] for name in wanted if name in payload}


def _attributes(headers: Any) -> dict[str, str]:
    found = {}
    for name, value in headers:
        short = name.removeprefix("ce_")
        if name.startswith("ce_") and short in ATTRIBUTES and value is not None:
            found[short] = value.decode(errors="replace")
    return found


def _payload(value: bytes | None) -> Any:
    try:
        return None if value is None else json.loads(value)
    except ValueError:
        return None


def _digest(payload: Any, value: bytes | None) -> str:
    if isinstance(payload, dict):
        kept = {name: one for name, one in payload.items() if name not in NOT_STATE}
        for sale in kept.get("open_sales", ()) if "revision" in kept else ():
            sale.pop("plans", None)
        value = json.dumps(kept, sort_keys=True).encode()
    return hashlib.sha256(value or b"").hexdigest()[:20]
