from typing import Any

import httpx2

from tests.support.sandbox_sellers import EbaySeller, EtsySeller, ShopifySeller


async def test_selling_answers_with_the_sale_id_that_the_order_shows(
    ebay: EbaySeller, etsy: EtsySeller, shopify: ShopifySeller, control: Any
) -> None:
    await ebay.list_piece("A1")
    await etsy.list_piece("A1")
    await shopify.list_piece("A1")
    sold = await control.sell("ebay", "A1")
    order = (await ebay.call("GET", f"/sell/fulfillment/v1/order/{sold['order_id']}")).json()
    assert sold["sale_id"] == f"ebay:{order['lineItems'][0]['lineItemId']}"
    sold = await control.sell("etsy", "A1")
    receipt = (await etsy.call("GET", f"/shops/{etsy.shop}/receipts/{sold['order_id']}")).json()
    assert sold["sale_id"] == f"etsy:{receipt['transactions'][0]['transaction_id']}"
    sold = await control.sell("shopify", "A1")
    query = "query($id: ID!) { order(id: $id) { lineItems(first: 1) { nodes { id sku } } } }"
    body = await shopify.run(query, id=f"gid://shopify/Order/{sold['order_id']}")
    (line,) = body["data"]["order"]["lineItems"]["nodes"]
    assert line == {
        "id": f"gid://shopify/LineItem/{sold['sale_id'].removeprefix('shopify:')}",
        "sku": "A1",
    }


async def test_only_an_active_listing_can_be_sold(ebay: EbaySeller, control: Any) -> None:
    _, listing_id = await ebay.list_piece("A1")
    await control.send("POST", "/ebay/sell", {"external_id": listing_id})
    await control.send("POST", "/ebay/sell", {"external_id": listing_id}, status=409)
    await control.send("POST", "/ebay/sell", {"sku": "unheard of"}, status=404)
    await control.send("POST", "/ebay/sell", {}, status=422)


async def test_a_canceled_order_is_canceled_on_the_marketplace_and_relists_nothing(
    ebay: EbaySeller, etsy: EtsySeller, shopify: ShopifySeller, control: Any
) -> None:
    for place in (ebay, etsy, shopify):
        await place.list_piece("A1")
    orders = {name: await control.sell(name, "A1") for name in ("ebay", "etsy", "shopify")}
    for name, sold in orders.items():
        await control.send("POST", f"/{name}/cancel-order", {"order_id": sold["order_id"]})
        assert await control.state(name, "A1") == "sold"
    path = f"/sell/fulfillment/v1/order/{orders['ebay']['order_id']}"
    order = (await ebay.call("GET", path)).json()
    assert order["cancelStatus"]["cancelState"] == "CANCELED"
    assert order["cancelStatus"]["cancelRequests"]
    listed = (await ebay.call("GET", "/sell/fulfillment/v1/order")).json()["orders"][0]
    assert listed["cancelStatus"]["cancelRequests"] == []
    path = f"/shops/{etsy.shop}/receipts/{orders['etsy']['order_id']}"
    assert (await etsy.call("GET", path)).json()["status"] == "Canceled"
    body = await shopify.run("{ orders(first: 1) { nodes { cancelledAt cancelReason } } }")
    assert body["data"]["orders"]["nodes"][0]["cancelReason"] == "CUSTOMER"


async def test_shopify_restocks_a_canceled_order_when_told_to(
    shopify: ShopifySeller, control: Any
) -> None:
    await shopify.list_piece("A1")
    sold = await control.sell("shopify", "A1")
    body = {"order_id": sold["order_id"], "restock": True, "reason": "inventory"}
    await control.send("POST", "/shopify/cancel-order", body)
    assert await control.state("shopify", "A1") == "active"


async def test_orders_are_swept_by_when_they_changed(ebay: EbaySeller, control: Any) -> None:
    await ebay.list_piece("A1")
    await control.sell("ebay", "A1")
    for window, found in (("[2020-01-01T00:00:00.000Z..]", 1), ("[2099-01-01T00:00:00.000Z..]", 0)):
        query = {"filter": f"lastmodifieddate:{window}"}
        answer = await ebay.call("GET", "/sell/fulfillment/v1/order", params=query)
        assert answer.json()["total"] == found


async def test_a_dealer_edits_listings_on_the_marketplace(
    ebay: EbaySeller, etsy: EtsySeller, shopify: ShopifySeller, control: Any
) -> None:
    _, ebay_id = await ebay.list_piece("A1")
    ids = {"ebay": ebay_id, "etsy": await etsy.list_piece("A1")}
    ids["shopify"], _ = await shopify.list_piece("A1")
    for name, external_id in ids.items():
        off = {"external_id": external_id, "state": "inactive"}
        assert (await control.send("POST", f"/{name}/edit", off))["state"] == "inactive"
        edit = {"external_id": external_id, "state": "active", "fields": {"title": "Bench"}}
        assert (await control.send("POST", f"/{name}/edit", edit))["state"] == "active"
    title = (await etsy.call("GET", f"/listings/{ids['etsy']}")).json()["title"]
    assert title == "Bench"
    edit = {"external_id": ids["ebay"], "state": "pending_review"}
    refused = await control.send("POST", "/ebay/edit", edit, status=422)
    assert "state" in refused["detail"]


async def test_requirements_can_hold_for_one_category_only(ebay: EbaySeller, control: Any) -> None:
    field = {"field": "/attributes/period", "label": "Period", "required": True}
    body = {"fields": [field], "category": "Furniture > Chairs"}
    await control.send("PUT", "/ebay/requirements", body)
    await ebay.list_piece("A1")
    suggested = await ebay.call(
        "GET",
        "/commerce/taxonomy/v1/category_tree/0/get_category_suggestions",
        params={"q": "Furniture > Chairs"},
    )
    category = suggested.json()["categorySuggestions"][0]["category"]["categoryId"]
    path = "/commerce/taxonomy/v1/category_tree/0/get_item_aspects_for_category"
    for category_id, count in ((category, 1), ("20081", 0)):
        answer = await ebay.call("GET", path, params={"category_id": category_id})
        assert len(answer.json()["aspects"]) == count


async def test_a_misspelt_fault_is_refused_by_name(client: httpx2.AsyncClient) -> None:
    answer = await client.put("/control/ebay/faults", json={"rate_limted": 1})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", "rate_limted"]
    answer = await client.put("/control/ebay/faults", json={"lie": 2})
    assert answer.json()["detail"][0]["loc"] == ["body", "lie"]
    assert (await client.put("/control/nowhere/faults", json={})).status_code == 404


async def test_the_ledger_knows_calls_intervals_and_orders(ebay: EbaySeller, control: Any) -> None:
    offer_id, listing_id = await ebay.list_piece("A1")
    sold = await control.sell("ebay", "A1")
    ledger = await control.get("/ledger")
    publish = ledger["calls"][-1]
    assert publish["path"] == f"/sell/inventory/v1/offer/{offer_id}/publish"
    assert (publish["sku"], publish["status"], publish["fault"]) == ("A1", 200, None)
    states = [(entry["state"], entry["until"]) for entry in ledger["states"]]
    assert [state for state, _ in states] == ["active", "sold"]
    assert states[0][1] == ledger["states"][1]["since"]
    assert states[1][1] is None
    (order,) = ledger["orders"]
    assert (order["sale_id"], order["external_id"]) == (sold["sale_id"], listing_id)
    assert order["canceled_at"] is None


async def test_reset_forgets_everything(ebay: EbaySeller, control: Any) -> None:
    await ebay.list_piece("A1")
    await control.send("POST", "/reset", None)
    assert await control.get("/listings") == []
    assert (await control.get("/ledger"))["calls"] == []


async def test_health_and_metrics_answer(client: httpx2.AsyncClient, ebay: EbaySeller) -> None:
    await ebay.list_piece("A1")
    assert (await client.get("/healthz")).status_code == 200
    assert (await client.get("/readyz")).status_code == 200
    assert "brocante_sandbox_calls_total" in (await client.get("/metrics")).text
