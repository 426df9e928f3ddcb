"""The main job, as a dealer lives it, seen on the marketplaces themselves."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.installation import Installation, installation, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def brocante(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    data: Path = tmp_path_factory.mktemp("up") / "data"
    with installation(data) as one:
        yield one


def test_a_sale_takes_a_piece_off_the_others_and_a_canceled_sale_brings_it_back_where_it_sold(
    brocante: Installation,
) -> None:
    brocante.create("chair-1")
    assert brocante.activate("chair-1").status_code == 200
    brocante.wait_shown("chair-1", ebay="active", etsy="active", shopify="active")

    sold = brocante.sell("ebay", "chair-1")
    brocante.wait_sale(sold["sale_id"])
    brocante.wait_shown("chair-1", ebay="sold", etsy="inactive", shopify="inactive")
    until(lambda: brocante.item("chair-1")["status"] == "sold", "the item is sold")

    plan = brocante.http.get(f"/api/v1/sales/{sold['sale_id']}/plan").json()
    answer = brocante.command(
        "POST", f"/sales/{sold['sale_id']}/cancel", {"reason": "buyer_changed_mind"}
    )
    assert answer.status_code == 200, answer.text
    brocante.wait_shown("chair-1", ebay="active", etsy="inactive", shopify="inactive")
    until(lambda: brocante.item("chair-1")["settled"], "the item is settled")
    listings = brocante.item("chair-1")["listings"]
    assert {m: listing["desired"] for m, listing in listings.items()} == {
        "ebay": "active",
        "etsy": "inactive",
        "shopify": "inactive",
    }
    assert "ebay" in str(plan)


def test_nothing_is_reactivated_when_the_sale_was_not_on_a_connected_marketplace(
    brocante: Installation,
) -> None:
    brocante.create("chair-2")
    assert brocante.activate("chair-2").status_code == 200
    sale = {
        "sale_id": "showroom:1",
        "item_id": "chair-2",
        "marketplace": "showroom",
        "sold_at": "2026-11-24T08:00:00Z",
    }
    assert brocante.command("POST", "/sales", sale).status_code in (200, 201)
    brocante.wait_shown("chair-2", ebay="inactive", etsy="inactive", shopify="inactive")
    answer = brocante.command("POST", "/sales/showroom:1/cancel", {})
    assert answer.status_code == 200, answer.text
    until(lambda: brocante.item("chair-2")["settled"], "the item is settled")
    assert set(brocante.shown("chair-2").values()) == {"inactive"}


def test_a_missing_field_is_named_and_the_other_marketplaces_go_on(
    brocante: Installation,
) -> None:
    required = {"field": "/attributes/maker", "label": "Maker", "required": True}
    put = brocante.sandbox.put("/control/etsy/requirements", json={"fields": [required]})
    assert put.status_code < 300, put.text
    try:
        brocante.create("chair-3")
        answer = until(lambda: _refused(brocante), "etsy refuses for the missing maker")
        errors = answer["errors"]
        assert [(e["marketplace"], e["field"]) for e in errors] == [("etsy", "/attributes/maker")]
        brocante.wait_shown("chair-3", ebay="active", shopify="active")
        change = {"attributes": {"maker": "Thomas Chippendale"}}
        assert brocante.command("PATCH", "/items/chair-3", change).status_code == 200
        assert brocante.activate("chair-3", "etsy").status_code == 200
        brocante.wait_shown("chair-3", ebay="active", etsy="active", shopify="active")
    finally:
        brocante.sandbox.put("/control/etsy/requirements", json={"fields": []})


def _refused(brocante: Installation) -> dict[str, list[dict[str, str]]] | None:
    answer = brocante.activate("chair-3")
    body: dict[str, list[dict[str, str]]] = answer.json()
    return body if answer.status_code == 422 else None


def test_a_cancellation_found_by_the_sweep_brings_the_piece_back(brocante: Installation) -> None:
    brocante.create("chair-4")
    until(lambda: brocante.activate("chair-4").status_code == 200, "nothing is required any more")
    sold = brocante.sell("ebay", "chair-4")
    brocante.wait_sale(sold["sale_id"])
    canceled = brocante.sandbox.post(
        "/control/ebay/cancel-order", json={"order_id": sold["order_id"]}
    )
    assert canceled.status_code < 300, canceled.text
    brocante.wait_sale(sold["sale_id"], "canceled")
    brocante.wait_shown("chair-4", ebay="active", etsy="inactive", shopify="inactive")
