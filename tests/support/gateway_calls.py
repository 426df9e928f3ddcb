"""What tests ask of a gateway's HTTP API."""

import uuid
from typing import Any

import httpx2

WAIT = {"Prefer": "wait=20"}
PATCH = {**WAIT, "Content-Type": "application/merge-patch+json"}


def fresh(prefix: str = "chair") -> str:
    """An id nobody has used."""
    return f"{prefix}-{uuid.uuid4().hex[:8]}"


def piece(item_id: str, **changes: Any) -> dict[str, Any]:
    """An item good enough for the API."""
    price = {"amount": "950.00", "currency": "USD"}
    return {"item_id": item_id, "sku": item_id, "title": "Walnut chair", "price": price, **changes}


def create(http: httpx2.Client, **changes: Any) -> str:
    """Create an item and wait until it is there; its id."""
    item_id = fresh()
    answer = http.post("/api/v1/items", json=piece(item_id, **changes), headers=WAIT)
    assert answer.status_code == 200, answer.text
    return item_id


def activate(http: httpx2.Client, item_id: str, *marketplaces: str) -> httpx2.Response:
    """Put it on sale and wait."""
    body = {"marketplaces": list(marketplaces)}
    return http.post(f"/api/v1/items/{item_id}/activate", json=body, headers=WAIT)


def record(http: httpx2.Client, item_id: str, place: str) -> str:
    """Record a sale by hand and wait; its id."""
    sale_id = f"{place}:{uuid.uuid4().hex[:8]}"
    sale = {
        "sale_id": sale_id,
        "item_id": item_id,
        "marketplace": place,
        "sold_at": "2026-11-24T08:00:00Z",
    }
    answer = http.post("/api/v1/sales", json=sale, headers=WAIT)
    assert answer.status_code == 200, answer.text
    assert answer.json()["sale"]["status"] == "open"
    return sale_id


def states(http: httpx2.Client, item_id: str) -> dict[str, str]:
    """What each marketplace shows of an item."""
    item = http.get(f"/api/v1/items/{item_id}").json()
    return {m: listing["observed"] for m, listing in item["listings"].items()}
