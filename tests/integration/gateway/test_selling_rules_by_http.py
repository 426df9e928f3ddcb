"""The rules of selling and their edge cases, as an app lives them through the API."""

from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from brocante.contracts.sales import SaleCancel, SaleRecord
from brocante.contracts.topics import SALES_COMMANDS
from tests.support.gateway_calls import (
    PATCH,
    WAIT,
    activate,
    cancel,
    create,
    fresh,
    history,
    item,
    on_sale,
    piece,
    record,
    states,
)
from tests.support.gateway_installation import GatewayInstallation
from tests.support.installation import until

pytestmark = pytest.mark.timeout(180)


def wanted(http: httpx2.Client, item_id: str) -> dict[str, str]:
    return {m: one["desired"] for m, one in item(http, item_id)["listings"].items()}


def wait_status(http: httpx2.Client, item_id: str, status: str) -> dict[str, Any]:
    until(lambda: item(http, item_id).get("status") == status, f"{item_id} is {status}")
    return item(http, item_id)


def said_by_ebay(brocante: GatewayInstallation, item_id: str, sale_id: str) -> SaleRecord:
    """What the worker of eBay sends to sales of an order there."""
    sold = SaleRecord(
        sale_id=sale_id,
        item_id=item_id,
        marketplace="ebay",
        sold_at=datetime(2026, 11, 24, 9, tzinfo=UTC),
        external_order_id=sale_id.removeprefix("ebay:"),
    )
    brocante.worker.say("ebay", sold, SALES_COMMANDS)
    return sold


def test_a_damaged_piece_is_unavailable_until_the_dealer_makes_it_available(
    http: httpx2.Client,
) -> None:
    item_id = on_sale(http, "ebay", "etsy")
    outcome = cancel(http, record(http, item_id, "ebay"), reason="damaged", note="A leg is off.")
    assert outcome["sale"]["relist"] == "none"
    assert (outcome["item"]["status"], outcome["item"]["on_hand"]) == ("unavailable", 1)
    assert set(wanted(http, item_id).values()) == {"inactive"}
    refused = activate(http, item_id, "ebay")
    assert (refused.status_code, refused.json()["code"]) == (409, "item_unavailable")
    back = http.patch(
        f"/api/v1/items/{item_id}", content=b'{"availability": "available"}', headers=PATCH
    )
    assert back.json()["item"]["status"] == "available"
    assert set(wanted(http, item_id).values()) == {"inactive"}
    assert activate(http, item_id, "ebay").status_code == 200


def test_a_chosen_relisting_wins_over_the_reason(http: httpx2.Client) -> None:
    item_id = on_sale(http, "ebay", "etsy")
    sale_id = record(http, item_id, "ebay")
    wait_status(http, item_id, "sold")
    query = {"reason": "damaged", "relist": "origin"}
    plan = http.get(f"/api/v1/sales/{sale_id}/plan", params=query).json()
    assert plan["listings"] == {"ebay": "active", "etsy": "inactive"}
    outcome = cancel(http, sale_id, **query)
    assert outcome["item"]["status"] == "available"
    assert wanted(http, item_id) == plan["listings"]


def test_as_before_brings_back_all_of_a_sale_in_a_place_that_is_not_connected(
    http: httpx2.Client,
) -> None:
    item_id = on_sale(http, "ebay", "etsy")
    sale_id = record(http, item_id, "showroom")
    wait_status(http, item_id, "sold")
    plan = http.get(f"/api/v1/sales/{sale_id}/plan").json()
    assert plan["listings"] == {"ebay": "inactive", "etsy": "inactive"}
    assert any("not connected" in warning for warning in plan["warnings"])
    cancel(http, sale_id, relist="as_before")
    assert states(http, item_id) == {"ebay": "active", "etsy": "active"}


def test_of_several_pieces_only_the_last_one_sold_takes_them_off_sale(
    http: httpx2.Client, brocante: GatewayInstallation
) -> None:
    item_id = on_sale(http, "ebay", "etsy", quantity=2)
    first = record(http, item_id, "ebay")
    until(lambda: item(http, item_id)["on_hand"] == 1, "one is left")
    assert wanted(http, item_id) == {"ebay": "active", "etsy": "active"}
    until(lambda: item(http, item_id)["settled"], "the quantity is known everywhere")
    assert brocante.worker.told[item_id, "etsy"].target.quantity == 1
    second = record(http, item_id, "etsy")
    wait_status(http, item_id, "sold")
    assert wanted(http, item_id) == {"ebay": "inactive", "etsy": "sold"}
    cancel(http, second)
    assert states(http, item_id) == {"ebay": "inactive", "etsy": "active"}
    cancel(http, first)
    assert item(http, item_id)["on_hand"] == 2
    assert wanted(http, item_id) == {"ebay": "inactive", "etsy": "active"}


def test_two_sales_of_one_piece_are_both_there_and_canceling_one_changes_its_place_only(
    http: httpx2.Client,
) -> None:
    item_id = on_sale(http, "ebay", "etsy", "shopify")
    first, second = record(http, item_id, "ebay"), record(http, item_id, "etsy")
    until(lambda: item(http, item_id)["on_hand"] == -1, "it is oversold")
    named = {one["type"]: one["what"] for one in history(http, item_id)}["item.oversold"]
    assert named["sales"] == sorted([first, second])
    assert wanted(http, item_id) == {"ebay": "sold", "etsy": "sold", "shopify": "inactive"}
    outcome = cancel(http, second)
    assert outcome["item"]["status"] == "sold"
    assert wanted(http, item_id) == {"ebay": "sold", "etsy": "inactive", "shopify": "inactive"}


def test_a_sale_by_hand_and_the_marketplaces_own_are_merged_and_can_be_split(
    http: httpx2.Client, brocante: GatewayInstallation
) -> None:
    item_id, own = on_sale(http, "ebay", "etsy"), f"ebay:{fresh()}"
    by_hand = record(http, item_id, "ebay", sale_id=fresh("sale"))
    said_by_ebay(brocante, item_id, own)

    def merged() -> dict[str, Any] | None:
        sale: dict[str, Any] = http.get(f"/api/v1/sales/{by_hand}").json()
        return sale if sale["status"] == "merged" else None

    assert until(merged, "the two are one")["merged_into"] == own
    until(lambda: [s["sale_id"] for s in item(http, item_id)["open_sales"]] == [own], "one counts")
    assert item(http, item_id)["on_hand"] == 0
    answer = http.post(f"/api/v1/sales/{by_hand}/split", headers=WAIT)
    assert (answer.status_code, answer.json()["sale"]["status"]) == (200, "open")
    until(lambda: item(http, item_id)["on_hand"] == -1, "both count")
    body = {"into": own}
    answer = http.post(f"/api/v1/sales/{by_hand}/merge", json=body, headers=WAIT)
    assert answer.json()["sale"]["merged_into"] == own
    until(lambda: item(http, item_id)["on_hand"] == 0, "one counts again")
    # A command to the merged sale reaches the other.
    http.post(f"/api/v1/sales/{by_hand}/cancel", json={}, headers=WAIT)
    wait_status(http, item_id, "available")
    assert http.get(f"/api/v1/sales/{own}").json()["status"] == "canceled"


def test_a_sale_is_merged_into_nothing_but_a_sale_of_the_same_item(http: httpx2.Client) -> None:
    sale_id, other = record(http, create(http), "fair"), record(http, create(http), "fair")
    path = f"/api/v1/sales/{sale_id}/merge"
    for into, code in (("nobody", "unknown_sale"), (other, "invalid"), (sale_id, "invalid")):
        answer = http.post(path, json={"into": into}, headers=WAIT)
        assert (answer.json()["code"], answer.json()["errors"][0]["field"]) == (code, "/into")


def test_a_cancellation_that_comes_before_its_sale_is_kept_until_it_comes(
    http: httpx2.Client, brocante: GatewayInstallation
) -> None:
    item_id, sale_id = on_sale(http, "ebay", "etsy"), f"ebay:{fresh()}"
    canceled = SaleCancel(sale_id=sale_id, origin="marketplace", reason="unpaid")
    brocante.worker.say("ebay", canceled, SALES_COMMANDS)
    refused = http.post(f"/api/v1/sales/{sale_id}/cancel", json={}, headers=WAIT)
    assert (refused.status_code, refused.json()["code"]) == (404, "unknown_sale")
    said_by_ebay(brocante, item_id, sale_id)
    until(lambda: http.get(f"/api/v1/sales/{sale_id}").is_success, "the sale is there")
    sale = http.get(f"/api/v1/sales/{sale_id}").json()
    assert (sale["status"], sale["reason"]) == ("canceled", "unpaid")
    until(lambda: item(http, item_id)["sale_versions"].get(sale_id) == 2, "inventory knows")
    until(lambda: item(http, item_id)["settled"], "it is settled")
    assert states(http, item_id) == {"ebay": "active", "etsy": "inactive"}


def test_a_sale_told_again_after_its_cancellation_sells_nothing(
    http: httpx2.Client, brocante: GatewayInstallation
) -> None:
    item_id, sale_id = on_sale(http, "ebay"), f"ebay:{fresh()}"
    said_by_ebay(brocante, item_id, sale_id)
    wait_status(http, item_id, "sold")
    cancel(http, sale_id)
    again = said_by_ebay(brocante, item_id, sale_id)
    # What comes after it on the same key shows that it was read.
    answer = http.post("/api/v1/sales", json=again.model_dump(mode="json"), headers=WAIT)
    assert answer.json()["sale"]["status"] == "canceled"
    assert item(http, item_id)["status"] == "available"


def test_a_sale_of_an_item_nobody_created_is_folded_in_when_it_is(http: httpx2.Client) -> None:
    item_id = fresh()
    sale_id = record(http, item_id, "ebay")
    until(lambda: [e for e in history(http, item_id) if e["type"] == "item.unknown"], "it is said")
    drafts: dict[str, Any] = {"ebay": {}, "etsy": {}}
    answer = http.post("/api/v1/items", json=piece(item_id, listings=drafts), headers=WAIT)
    assert answer.json()["item"]["status"] == "sold"
    assert wanted(http, item_id) == {"ebay": "sold", "etsy": "inactive"}
    plan = http.get(f"/api/v1/sales/{sale_id}/plan", params={"relist": "as_before"}).json()
    assert plan["listings"] == {"ebay": "draft", "etsy": "draft"}


def test_what_was_edited_since_the_sale_is_what_goes_live(
    http: httpx2.Client, brocante: GatewayInstallation
) -> None:
    item_id = on_sale(http, "ebay", "etsy")
    sale_id = record(http, item_id, "ebay")
    wait_status(http, item_id, "sold")
    edit = b'{"title": "Walnut chair, restored"}'
    assert http.patch(f"/api/v1/items/{item_id}", content=edit, headers=PATCH).is_success
    cancel(http, sale_id)
    content = brocante.worker.told[item_id, "ebay"].target.content
    assert content is not None
    assert content.title == "Walnut chair, restored"


def test_a_reactivation_that_is_refused_leaves_the_sale_canceled_and_the_issues_shown(
    http: httpx2.Client, brocante: GatewayInstallation
) -> None:
    item_id = on_sale(http, "ebay", "etsy")
    sale_id = record(http, item_id, "ebay")
    wait_status(http, item_id, "sold")
    brocante.worker.refuse.add((item_id, "ebay"))
    outcome = cancel(http, sale_id)
    assert outcome["sale"]["status"] == "canceled"
    listing = outcome["item"]["listings"]["ebay"]
    assert (listing["desired"], listing["operation"]) == ("inactive", "needs_dealer")
    assert [issue["field"] for issue in listing["issues"]] == ["/attributes/period"]
    brocante.worker.refuse.discard((item_id, "ebay"))


def test_a_deleted_item_comes_back_nowhere(http: httpx2.Client) -> None:
    item_id = on_sale(http, "ebay", "etsy")
    sale_id = record(http, item_id, "ebay")
    wait_status(http, item_id, "sold")
    assert http.delete(f"/api/v1/items/{item_id}", headers=WAIT).is_success
    outcome = cancel(http, sale_id, relist="as_before")
    assert (outcome["sale"]["status"], outcome["item"]["status"]) == ("canceled", "deleted")
    assert set(wanted(http, item_id).values()) == {"inactive"}
    assert activate(http, item_id, "ebay").json()["code"] == "item_deleted"
