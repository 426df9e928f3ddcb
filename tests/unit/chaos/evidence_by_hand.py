"""Evidence of small stories, made by hand: a piece sold on eBay and canceled, all well."""

from collections.abc import Mapping
from typing import Any

from tests.chaos.books import Accepted, Piece, Sale
from tests.chaos.evidence import Evidence
from tests.chaos.records import Record

OFF = {"ebay": "off", "etsy": "off", "shopify": "off"}


def record(kind: str, id_: str = "e1", **changes: Any) -> Record:
    """A record of a topic; facts are what is not a field of it."""
    fields = {"dealer": "main", "subject": "piece-0", "causation": "", "source": "brocante/sales"}
    known = {name: changes.pop(name, value) for name, value in fields.items()}
    return Record(
        changes.pop("incarnation", 1),
        changes.pop("topic", "sales.events"),
        0,
        changes.pop("offset", 0),
        kind,
        id_,
        at=0.0,
        digest=changes.pop("digest", "d"),
        raw=changes.pop("raw", None),
        facts=changes,
        **known,
    )


def snapshot(revision: int, **changes: Any) -> Record:
    """A snapshot of piece-0."""
    facts = {
        "item_id": "piece-0",
        "title": "First dealer's chair piece-0",
        "revision": revision,
        "status": "available",
        "on_hand": 1,
        "changed": ["listings"],
        "desired": {"ebay": "active"},
        "id_": f"snapshot-{revision}",
        "digest": f"state-{revision}",
        "source": "brocante/inventory",
        **changes,
    }
    return record("item.changed", **facts)


def sale(sale_id: str = "ebay:1", **changes: Any) -> Sale:
    """A sale of piece-0 at second 100."""
    told = {"piece": "piece-0", "place": "ebay", "known_by": 100.0, "how": "order"}
    return Sale(**{"sale_id": sale_id, "phase": "storm", **told, **changes})


def listing(**changes: Any) -> dict[str, Any]:
    """A listing off sale and at rest, in a snapshot."""
    return {"desired": "inactive", "observed": "inactive", "operation": "idle", **changes}


def item(**changes: Any) -> dict[str, Any]:
    """piece-0 as the gateway shows it: sold."""
    return {
        "title": "First dealer's chair piece-0",
        "revision": 2,
        "quantity": 1,
        "on_hand": 0,
        "listings": {"ebay": listing(desired="sold", observed="sold"), "etsy": listing()},
        **changes,
    }


def sold(**changes: Any) -> Evidence:
    """One piece, sold once; everything is as it should be."""
    one = sale()
    evidence: Mapping[str, Any] = {
        "records": [
            snapshot(1),
            record("sale.recorded", "r1", sale_id="ebay:1", sale_version=1),
            snapshot(2, on_hand=0, status="sold", desired={"ebay": "sold", "etsy": "inactive"}),
        ],
        "accepted": {"c1": Accepted("c1", "item.create", "http", 1.0, "piece-0")},
        "answers": {"c1": "item.changed"},
        "sales": {"ebay:1": one},
        "pieces": {"piece-0": Piece("piece-0", ["ebay:1"], dict(OFF))},
        "items": {"piece-0": item()},
        "sales_shown": {"ebay:1": {"status": "open"}},
        "shown": {("ebay", "piece-0"): "sold", ("etsy", "piece-0"): "inactive"},
        "ledger": {
            "orders": [
                {"order_id": "1", "sale_id": "ebay:1", "marketplace": "ebay", "canceled_at": None}
            ],
            "states": [],
            "calls": [],
        },
        **changes,
    }
    return Evidence(**evidence)
