"""One action on many items by HTTP: foreseen, done, a result for each."""

import uuid
from typing import Any

import httpx2
import pytest

from brocante.contracts.values import Requirement
from tests.support.gateway_calls import WAIT, create, fresh, record, states
from tests.support.gateway_installation import GatewayInstallation
from tests.support.installation import until

pytestmark = pytest.mark.timeout(180)
PERIOD = Requirement(field="/attributes/period", label="Period", required=True)


def bulk(
    http: httpx2.Client, headers: dict[str, str] | None = None, **body: Any
) -> httpx2.Response:
    return http.post("/api/v1/bulk", json=body, headers=headers or {})


def results(report: dict[str, Any]) -> dict[str, str]:
    return {row["item_id"]: row["result"] for row in report["rows"]}


def test_a_dry_run_names_every_blocker_and_changes_nothing(
    http: httpx2.Client, brocante: GatewayInstallation
) -> None:
    good, sold, missing = create(http, attributes={"period": "1790"}), create(http), create(http)
    record(http, sold, "showroom")
    until(lambda: http.get(f"/api/v1/items/{sold}").json()["status"] == "sold", "it is sold")
    brocante.worker.require("etsy", PERIOD)
    asked: dict[str, Any] = {
        "action": "activate",
        "item_ids": [good, sold, missing, "nobody"],
        "marketplaces": ["ebay", "etsy"],
        "dry_run": True,
    }

    def foreseen() -> dict[str, Any] | None:
        report: dict[str, Any] = bulk(http, **asked).json()
        return report if results(report)[missing] == "partly" else None

    try:
        report = until(foreseen, "the requirement is known")
    finally:
        brocante.worker.require("etsy")
    wanted = {good: "ready", sold: "blocked", missing: "partly", "nobody": "blocked"}
    assert results(report) == wanted
    assert report["counts"] == {"blocked": 2, "partly": 1, "ready": 1}
    assert report["by_marketplace"]["etsy"] == {"ready": 1, "blocked": 2}
    codes = {row["item_id"]: [one["code"] for one in row["issues"]] for row in report["rows"]}
    assert codes[sold] == ["item_sold"]
    assert codes[missing] == ["required_field_missing"]
    assert codes["nobody"] == ["unknown_item"]
    assert states(http, good) == {}


def test_many_items_go_on_sale_and_each_has_its_result(
    http: httpx2.Client, brocante: GatewayInstallation
) -> None:
    items = [create(http) for _ in range(4)]
    brocante.worker.refuse.add((items[0], "etsy"))
    asked: dict[str, Any] = {"item_ids": [*items, "nobody"], "marketplaces": ["ebay", "etsy"]}
    answer = bulk(http, action="activate", **asked)
    assert answer.status_code == 202
    assert (answer.json()["total"], answer.json()["dry_run"]) == (5, False)
    place = answer.headers["location"]

    def done() -> dict[str, Any] | None:
        report: dict[str, Any] = http.get(place).json()
        return report if report["status"] == "done" else None

    report = until(done, "the bulk is done")
    assert results(report) == {
        items[0]: "refused",
        **dict.fromkeys(items[1:], "done"),
        "nobody": "rejected",
    }
    assert report["counts"] == {"done": 3, "refused": 1, "rejected": 1}
    refused = report["rows"][0]
    assert [(one["marketplace"], one["field"]) for one in refused["issues"]] == [
        ("etsy", "/attributes/period")
    ]
    assert report["rows"][-1]["problem"]["code"] == "unknown_item"
    assert states(http, items[1]) == {"ebay": "active", "etsy": "active"}
    brocante.worker.refuse.discard((items[0], "etsy"))
    assert http.get(place).json() == report


def test_what_a_query_finds_is_held_and_the_answer_waits(http: httpx2.Client) -> None:
    word = f"gueridon{uuid.uuid4().hex[:8]}"
    items = [create(http, title=f"A {word}") for _ in range(3)]
    assert bulk(http, WAIT, action="activate", query=word, marketplaces=["ebay"]).is_success
    asked = {"action": "hold", "query": {"query": word, "marketplace": "ebay"}}
    answer = bulk(http, WAIT, **asked, holder="Mme Roux", reason="at a fair")
    assert answer.status_code == 200, answer.text
    assert results(answer.json()) == dict.fromkeys(items, "done")
    listing = http.get(f"/api/v1/items/{items[0]}").json()["listings"]["ebay"]
    assert (listing["observed"], listing["hold"]["holder"]) == ("on_hold", "Mme Roux")


def test_the_same_key_is_the_same_bulk(http: httpx2.Client) -> None:
    item_id = create(http)
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    asked = {"action": "activate", "item_ids": [item_id], "marketplaces": ["ebay"]}
    first = bulk(http, headers, **asked).json()
    again = bulk(http, {**headers, **WAIT}, **asked).json()
    assert again["bulk_id"] == first["bulk_id"]
    assert results(again) == {item_id: "done"}
    other = bulk(http, headers, **{**asked, "marketplaces": ["etsy"]})
    assert other.json()["code"] == "idempotency_key_reused"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"action": "burn"}, "/action"),
        ({"item_ids": []}, "/item_ids"),
        ({"marketplaces": ["nowhere"]}, "/marketplaces/0"),
        ({"query": {"colour": "red"}}, None),
        ({"query": "both"}, None),
        ({"holder": "nobody holds by activating"}, None),
    ],
)
def test_a_bulk_that_cannot_be_meant_is_refused(
    http: httpx2.Client, change: dict[str, Any], field: str | None
) -> None:
    asked = {"action": "activate", "item_ids": [fresh()], "marketplaces": ["ebay"]}
    answer = bulk(http, **{**asked, **change})
    assert answer.status_code in (404, 422), answer.text
    if field is not None:
        assert field in [issue["field"] for issue in answer.json()["errors"]]


def test_a_bulk_nobody_asked_for_is_not_there(http: httpx2.Client) -> None:
    assert http.get(f"/api/v1/bulk/{uuid.uuid4()}").status_code == 404
