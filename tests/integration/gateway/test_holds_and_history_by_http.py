"""Holds with their end, and the whole history of an item, through the API."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from tests.support.gateway_calls import (
    WAIT,
    cancel,
    history,
    item,
    on_sale,
    record,
    states,
)
from tests.support.installation import until

pytestmark = pytest.mark.timeout(180)


def sold(http: httpx2.Client, item_id: str) -> dict[str, Any]:
    until(lambda: item(http, item_id)["status"] == "sold", f"{item_id} is sold")
    return item(http, item_id)


def test_a_hold_says_who_why_and_until_when_and_ends_by_itself(http: httpx2.Client) -> None:
    item_id = on_sale(http, "ebay", "etsy")
    end = datetime.now(UTC) + timedelta(seconds=3)
    body = {"marketplaces": ["ebay"], "until": end.isoformat(), "holder": "Mme Roux"}
    path = f"/api/v1/items/{item_id}/hold"
    answer = http.post(path, json={**body, "reason": "at a fair"}, headers=WAIT)
    hold = answer.json()["item"]["listings"]["ebay"]["hold"]
    assert (hold["holder"], hold["reason"], hold["before"]) == ("Mme Roux", "at a fair", "active")
    assert datetime.fromisoformat(hold["until"]) == end
    assert states(http, item_id) == {"ebay": "on_hold", "etsy": "active"}
    until(lambda: states(http, item_id)["ebay"] == "active", "the hold has ended")
    assert "hold" not in item(http, item_id)["listings"]["ebay"]
    late = {**body, "until": "2026-01-01T00:00:00Z"}
    assert http.post(path, json=late, headers=WAIT).json()["errors"][0]["field"] == "/until"


def test_as_before_of_a_hold_that_ended_meanwhile_restores_what_was_before_the_hold(
    http: httpx2.Client,
) -> None:
    item_id = on_sale(http, "ebay", "etsy")
    end = datetime.now(UTC) + timedelta(seconds=3)
    body = {"marketplaces": ["etsy"], "until": end.isoformat()}
    assert http.post(f"/api/v1/items/{item_id}/hold", json=body, headers=WAIT).is_success
    sale_id = record(http, item_id, "ebay")
    snapshot = sold(http, item_id)
    assert "hold" not in snapshot["listings"]["etsy"]
    assert snapshot["before"]["etsy"]["desired"] == "on_hold"

    def planned() -> str:
        query = {"relist": "as_before"}
        plan = http.get(f"/api/v1/sales/{sale_id}/plan", params=query).json()
        return str(plan["listings"]["etsy"])

    until(lambda: planned() == "active", "the remembered hold has ended")
    cancel(http, sale_id, relist="as_before")
    assert states(http, item_id) == {"ebay": "active", "etsy": "active"}


def page_of_history(http: httpx2.Client, item_id: str, cursor: str | None) -> dict[str, Any]:
    query = {"limit": "3", **({"cursor": cursor} if cursor else {})}
    page: dict[str, Any] = http.get(f"/api/v1/items/{item_id}/history", params=query).json()
    return page


def test_the_history_of_an_item_has_every_command_about_it_with_who_why_and_outcome(
    http: httpx2.Client,
) -> None:
    item_id = on_sale(http, "ebay")
    sale_id = record(http, item_id, "ebay")
    cancel(http, sale_id, reason="returned", note="Too tall.")
    http.post(f"/api/v1/sales/{sale_id}/cancel", json={}, headers=WAIT)
    found = history(http, item_id)
    commands = [one for one in found if one["kind"] == "command"]
    assert [(one["type"], one["outcome"]) for one in commands] == [
        ("item.create", "done"),
        ("item.activate", "done"),
        ("sale.record", "done"),
        ("sale.cancel", "done"),
        ("sale.cancel", "rejected"),
    ]
    assert {one["actor"] for one in found} == {"token:owner"}
    assert commands[3]["what"]["reason"] == "returned"
    assert commands[4]["problem"]["code"] == "sale_already_canceled"
    calls = [one for one in found if one["source"] == "brocante/marketplace-sync/ebay"]
    assert calls[0]["type"] == "listing.activated"
    assert calls[0]["correlation"] == commands[1]["id"]
    pages: list[list[dict[str, Any]]] = []
    cursor: str | None = None
    while cursor is not None or not pages:
        page = page_of_history(http, item_id, cursor)
        pages.append(page["items"])
        cursor = page["next_cursor"]
    assert [one for page in pages for one in page] == found[::-1]
    path = f"/api/v1/items/{item_id}/history"
    assert http.get(path, params={"cursor": uuid.uuid4().hex}).status_code == 422
