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


def record(http: httpx2.Client, item_id: str, place: str, **changes: Any) -> str:
    """Record a sale by hand and wait; its id."""
    sale_id = str(changes.get("sale_id") or f"{place}:{uuid.uuid4().hex[:8]}")
    sale = {
        "sale_id": sale_id,
        "item_id": item_id,
        "marketplace": place,
        "sold_at": "2026-11-24T08:00:00Z",
        **changes,
    }
    answer = http.post("/api/v1/sales", json=sale, headers=WAIT)
    assert answer.status_code == 200, answer.text
    assert answer.json()["sale"]["status"] == "open"
    return sale_id


def states(http: httpx2.Client, item_id: str) -> dict[str, str]:
    """What each marketplace shows of an item."""
    item = http.get(f"/api/v1/items/{item_id}").json()
    return {m: listing["observed"] for m, listing in item["listings"].items()}


def on_sale(http: httpx2.Client, *marketplaces: str, **changes: Any) -> str:
    """An item that is on sale there; its id."""
    item_id = create(http, **changes)
    answer = activate(http, item_id, *marketplaces)
    assert answer.status_code == 200, answer.text
    return item_id


def cancel(http: httpx2.Client, sale_id: str, **body: Any) -> dict[str, Any]:
    """Cancel a sale and wait until its listings rest; the command's outcome."""
    answer = http.post(f"/api/v1/sales/{sale_id}/cancel", json=body, headers=WAIT)
    assert answer.status_code == 200, answer.text
    outcome: dict[str, Any] = answer.json()
    return outcome


def item(http: httpx2.Client, item_id: str) -> dict[str, Any]:
    """The snapshot of an item."""
    snapshot: dict[str, Any] = http.get(f"/api/v1/items/{item_id}").json()
    return snapshot


def history(http: httpx2.Client, item_id: str) -> list[dict[str, Any]]:
    """Everything about an item, oldest first."""
    found: list[dict[str, Any]] = http.get(f"/api/v1/items/{item_id}/history").json()["items"]
    return found[::-1]
