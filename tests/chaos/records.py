"""What the rig keeps of each record it reads from a topic."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

POISON = "chaos/poison"
LATE = "chaos/late"
"""Who says things a second time that were replaced long ago."""
ATTRIBUTES = ("id", "source", "type", "subject", "dealerid", "causationid", "time")
ITEM = ("item_id", "title", "price", "quantity", "revision", "status", "on_hand")
SALE = ("sale_id", "item_id", "marketplace", "quantity", "relist", "into")
TARGET = ("item_id", "marketplace", "intent")
TARGETS = frozenset(
    ("listing.activate", "listing.update", "listing.hold", "listing.deactivate", "listing.link")
)


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
    dead = read.topic == "dead-letters"
    # What the rig puts between may bear the name of a message; it is none that anybody said.
    ours = not dead and attributes.get("source") not in (POISON, LATE)
    kind = attributes.get("type", "") if ours else ""
    return Record(
        incarnation,
        read.topic,
        read.partition,
        read.offset,
        kind,
        attributes.get("id", ""),
        attributes.get("source", ""),
        attributes.get("subject", ""),
        attributes.get("dealerid") or "main",
        attributes.get("causationid", ""),
        read.timestamp / 1000,
        _digest(kind, payload, read.value),
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
            "sale_versions": payload.get("sale_versions", {}),
        }
    wanted = (
        *("item_id", "sale_id", "sale_version", "sales"),
        *("code", "marketplace", "title", "intent"),
    )
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


def _digest(kind: str, payload: Any, value: bytes | None) -> str:
    if isinstance(payload, dict):
        value = json.dumps(essence(kind, payload), sort_keys=True).encode()
    return hashlib.sha256(value or b"").hexdigest()[:20]


def essence(kind: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """What may never differ between two records of the same id, or of the same version.

    After a broker was lost a document's state is said again under the id it was said with. What
    is not a change (when a listing was last looked at, a price filled in after the sale was
    canceled, an external id learned meanwhile) may be newer then.
    """
    if kind == "item.changed":
        listings = {
            m: {name: one.get(name) for name in ("desired", "intent", "observed", "operation")}
            for m, one in payload.get("listings", {}).items()
        }
        return {**_only(payload, ITEM), "listings": listings}
    if kind.startswith("sale."):
        return _only(payload, SALE)
    if kind in TARGETS:
        target = payload.get("target", {})
        return {**_only(payload, TARGET), "desired": target.get("desired")}
    return payload


def _only(payload: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: payload.get(name) for name in names}
