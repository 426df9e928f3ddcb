"""The HTTP API in front of the real sales and inventory, with marketplaces that do as told."""

import json
import uuid
from typing import Any

import httpx2
import pytest

from brocante.contracts.values import Requirement
from tests.support.gateway_calls import PATCH, WAIT, activate, create, fresh, piece, record, states
from tests.support.gateway_installation import GatewayInstallation
from tests.support.installation import until

pytestmark = pytest.mark.timeout(180)
PERIOD = Requirement(field="/attributes/period", label="Period", required=True)


def test_a_write_is_answered_with_the_place_of_its_outcome(http: httpx2.Client) -> None:
    answer = http.post("/api/v1/items", json=piece(fresh()))
    assert answer.status_code == 202
    assert answer.json()["status"] == "accepted"
    place = answer.headers["location"]
    assert place == f"/api/v1/commands/{answer.json()['command_id']}"
    done = until(lambda: _done(http, place), "the command is done")
    assert (done["type"], done["item"]["status"]) == ("item.create", "available")


def _done(http: httpx2.Client, place: str) -> dict[str, Any] | None:
    body: dict[str, Any] = http.get(place).json()
    return body if body["status"] != "accepted" else None


def test_with_prefer_wait_the_outcome_itself_is_the_answer(http: httpx2.Client) -> None:
    item_id = fresh()
    answer = http.post("/api/v1/items", json=piece(item_id), headers=WAIT)
    assert answer.status_code == 200
    assert answer.json()["status"] == "done"
    assert answer.json()["item"] == http.get(f"/api/v1/items/{item_id}").json()


def test_the_main_job_by_http(http: httpx2.Client) -> None:
    item_id = create(http)
    assert activate(http, item_id, "ebay", "etsy", "shopify").status_code == 200
    assert states(http, item_id) == dict.fromkeys(("ebay", "etsy", "shopify"), "active")

    sale_id = record(http, item_id, "ebay")
    sold = {"ebay": "sold", "etsy": "inactive", "shopify": "inactive"}
    until(lambda: states(http, item_id) == sold, "the others are inactive")
    plan = http.get(f"/api/v1/sales/{sale_id}/plan").json()
    assert plan["listings"] == {"ebay": "active", "etsy": "inactive", "shopify": "inactive"}

    body = {"reason": "buyer_changed_mind"}
    answer = http.post(f"/api/v1/sales/{sale_id}/cancel", json=body, headers=WAIT)
    assert answer.status_code == 200, answer.text
    assert answer.json()["sale"]["status"] == "canceled"
    assert answer.json()["item"]["settled"]
    back = {"ebay": "active", "etsy": "inactive", "shopify": "inactive"}
    assert states(http, item_id) == back

    again = http.post(f"/api/v1/sales/{sale_id}/cancel", json={}, headers=WAIT)
    assert again.status_code == 409
    assert again.headers["content-type"] == "application/problem+json"
    assert again.json()["type"].endswith("/sale_already_canceled")


def test_a_refused_listing_is_a_problem_with_issues_and_the_others_go_on(
    http: httpx2.Client, brocante: GatewayInstallation
) -> None:
    item_id = create(http)
    brocante.worker.refuse.add((item_id, "etsy"))
    answer = activate(http, item_id, "ebay", "etsy")
    assert answer.status_code == 422
    (issue,) = answer.json()["errors"]
    assert (issue["marketplace"], issue["field"]) == ("etsy", "/attributes/period")
    assert issue["message"]
    assert issue["action"]
    assert states(http, item_id)["ebay"] == "active"

    brocante.worker.refuse.discard((item_id, "etsy"))
    change = json.dumps({"attributes": {"period": "George III"}})
    assert http.patch(f"/api/v1/items/{item_id}", content=change, headers=PATCH).is_success
    assert activate(http, item_id, "etsy").status_code == 200


def test_a_marketplace_that_does_not_answer_in_time_leaves_the_command_accepted(
    http: httpx2.Client, brocante: GatewayInstallation
) -> None:
    item_id = create(http)
    brocante.worker.silent.add("etsy")
    try:
        path = f"/api/v1/items/{item_id}/activate"
        answer = http.post(path, json={"marketplaces": ["etsy"]}, headers={"Prefer": "wait=1"})
        assert answer.status_code == 202
        assert answer.headers["location"].startswith("/api/v1/commands/")
    finally:
        brocante.worker.silent.discard("etsy")


def test_the_same_key_with_the_same_body_is_the_same_command(http: httpx2.Client) -> None:
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    body = piece(fresh())
    first = http.post("/api/v1/items", json=body, headers=headers)
    second = http.post("/api/v1/items", json=body, headers={**headers, **WAIT})
    assert first.json()["command_id"] == second.json()["command_id"]
    assert second.status_code == 200
    other = http.post("/api/v1/items", json={**body, "title": "Other"}, headers=headers)
    assert other.status_code == 422
    assert other.json()["type"].endswith("/idempotency_key_reused")


def test_what_does_not_exist_is_a_problem(http: httpx2.Client) -> None:
    for path in ("items/none", "sales/none", "commands/none", "imports/none", "nothing"):
        answer = http.get(f"/api/v1/{path}")
        assert answer.status_code == 404, path
        assert answer.headers["content-type"] == "application/problem+json"
    answer = activate(http, fresh(), "ebay")
    assert answer.status_code == 404
    assert answer.json()["type"].endswith("/unknown_item")


def test_the_check_names_every_missing_field_and_changes_nothing(
    http: httpx2.Client, brocante: GatewayInstallation
) -> None:
    item_id = create(http)
    brocante.worker.require("etsy", PERIOD)
    path = f"/api/v1/items/{item_id}/check"

    def issues() -> list[tuple[str, str]]:
        found = http.get(path, params={"marketplaces": "ebay,etsy"}).json()["issues"]
        return [(issue["marketplace"], issue["field"]) for issue in found]

    until(lambda: issues() == [("etsy", "/attributes/period")], "the requirement is known")
    asked = http.get("/api/v1/marketplaces/etsy/requirements").json()
    assert [one["field"] for one in asked["fields"]] == ["/attributes/period"]
    assert http.get(f"/api/v1/items/{item_id}").json()["listings"] == {}
    brocante.worker.require("etsy")


def test_a_marketplace_is_paused_and_resumed(http: httpx2.Client) -> None:
    def status() -> str:
        places = http.get("/api/v1/marketplaces").json()["items"]
        return next(str(p["status"]) for p in places if p["marketplace"] == "shopify")

    body = {"reason": "stocktaking"}
    path = "/api/v1/marketplaces/shopify"
    assert http.post(f"{path}/pause", json=body, headers=WAIT).status_code == 200
    assert status() == "paused"
    assert http.post(f"{path}/resume", json=body, headers=WAIT).status_code == 200
    assert status() == "up"


def test_live_events_are_resumed_after_the_last_one_seen(http: httpx2.Client) -> None:
    def read(until_item: str, last: str | None) -> tuple[list[str], str]:
        headers = {"Last-Event-ID": last} if last else {}
        seen: list[str] = []
        number = last or ""
        with http.stream("GET", "/api/v1/events", headers=headers, timeout=20) as stream:
            if last is None:
                http.post("/api/v1/items", json=piece(until_item))
            for line in stream.iter_lines():
                if line.startswith("id: "):
                    number = line[4:]
                if line.startswith("data: "):
                    seen.append(line)
                    if until_item in line:
                        return seen, number
        raise AssertionError("the stream ended")

    first, missed = fresh(), fresh()
    _, last = read(first, None)
    http.post("/api/v1/items", json=piece(missed), headers=WAIT)
    seen, _ = read(missed, last)
    assert not any(first in line for line in seen)
