from typing import Any

from tests.support.sandbox_sellers import EbaySeller, EtsySeller, ShopifySeller

PERIOD = {"field": "/attributes/period", "label": "Period", "required": True}


async def test_an_ebay_listing_lives_from_item_to_publication_and_out_again(
    ebay: EbaySeller, control: Any
) -> None:
    offer_id, listing_id = await ebay.list_piece("A 1/2")
    offer = (await ebay.call("GET", f"/sell/inventory/v1/offer/{offer_id}")).json()
    assert offer["listing"]["listingId"] == listing_id
    assert await control.state("ebay", "A 1/2") == "active"
    withdrawn = await ebay.call("POST", f"/sell/inventory/v1/offer/{offer_id}/withdraw")
    assert withdrawn.json() == {"listingId": listing_id}
    assert await control.state("ebay", "A 1/2") == "inactive"
    again = (await ebay.publish(offer_id)).json()["listingId"]
    assert again != listing_id
    assert await control.state("ebay", "A 1/2") == "active"


async def test_quantity_zero_holds_an_ebay_listing_and_keeps_its_id(
    ebay: EbaySeller, control: Any
) -> None:
    offer_id, listing_id = await ebay.list_piece("A1")
    for quantity, state in ((0, "on_hold"), (1, "active")):
        ship = {"sku": "A1", "shipToLocationAvailability": {"quantity": quantity}}
        path = "/sell/inventory/v1/bulk_update_price_quantity"
        answer = await ebay.call("POST", path, json={"requests": [ship]})
        assert answer.status_code == 200
        assert await control.state("ebay", "A1") == state
    offer = (await ebay.call("GET", f"/sell/inventory/v1/offer/{offer_id}")).json()
    assert offer["listing"] == {
        "listingId": listing_id,
        "listingStatus": "ACTIVE",
        "soldQuantity": 0,
    }


async def test_a_sold_ebay_piece_is_published_again_only_after_restocking(
    ebay: EbaySeller, control: Any
) -> None:
    offer_id, _ = await ebay.list_piece("A1")
    await control.sell("ebay", "A1")
    assert await control.state("ebay", "A1") == "sold"
    assert (await ebay.publish(offer_id)).json()["errors"][0]["errorId"] == 25004
    await ebay.put_item("A1", quantity=1)
    assert await control.state("ebay", "A1") == "sold"
    assert (await ebay.publish(offer_id)).status_code == 200
    assert await control.state("ebay", "A1") == "active"


async def test_a_second_ebay_offer_for_a_sku_is_refused_with_the_first_ones_id(
    ebay: EbaySeller,
) -> None:
    offer_id, _ = await ebay.list_piece("A1")
    body = {"sku": "A1", "marketplaceId": "EBAY_US", "format": "FIXED_PRICE"}
    answer = await ebay.call("POST", "/sell/inventory/v1/offer", json=body)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["errorId"]) == (400, 25002)
    assert error["parameters"] == [{"name": "offerId", "value": offer_id}]


async def test_ebay_names_every_missing_aspect_and_publishes_them_in_its_taxonomy(
    ebay: EbaySeller, control: Any
) -> None:
    await control.require("ebay", PERIOD, PERIOD | {"field": "/attributes/maker"})
    await ebay.put_item("A1")
    answer = await ebay.publish(await ebay.offer("A1"))
    names = [error["parameters"][2]["value"] for error in answer.json()["errors"]]
    assert names == ["period", "maker"]
    path = "/commerce/taxonomy/v1/category_tree/0/get_item_aspects_for_category?category_id=20081"
    aspects = (await ebay.call("GET", path)).json()["aspects"]
    assert [aspect["localizedAspectName"] for aspect in aspects] == ["period", "maker"]
    assert all(aspect["aspectConstraint"]["aspectRequired"] for aspect in aspects)
    await ebay.put_item("A1", period="1890", maker="Thonet")
    offers = (await ebay.call("GET", "/sell/inventory/v1/offer?sku=A1")).json()["offers"]
    assert (await ebay.publish(offers[0]["offerId"])).status_code == 200


async def test_an_etsy_listing_is_drafted_activated_sold_out_and_renewed(
    etsy: EtsySeller, control: Any
) -> None:
    listing_id = await etsy.list_piece("E1")
    assert await control.state("etsy", "E1") == "active"
    await control.sell("etsy", "E1")
    listing = (await etsy.call("GET", f"/listings/{listing_id}")).json()
    assert (listing["state"], listing["quantity"]) == ("sold_out", 0)
    renewed = (await etsy.set_state(listing_id, "active")).json()
    assert (renewed["state"], renewed["quantity"]) == ("active", 1)
    await etsy.set_state(listing_id, "inactive")
    assert await control.state("etsy", "E1") == "inactive"


async def test_etsy_refuses_quantity_zero_with_one_string(etsy: EtsySeller) -> None:
    listing_id = await etsy.list_piece("E1")
    answer = await etsy.put_inventory(listing_id, "E1", 0)
    expected = {"error": "There was a problem with /quantity : cannot be less than 1"}
    assert (answer.status_code, answer.json()) == (400, expected)


async def test_etsy_asks_for_properties_of_its_taxonomy(etsy: EtsySeller, control: Any) -> None:
    await control.require("etsy", PERIOD)
    listing_id = str((await etsy.draft()).json()["listing_id"])
    refused = await etsy.set_state(listing_id, "active")
    problem = "There was a problem with /properties/period : is required"
    assert refused.json() == {"error": problem}
    found = (await etsy.call("GET", "/seller-taxonomy/nodes/20081/properties")).json()["results"]
    assert [(entry["name"], entry["is_required"]) for entry in found] == [("period", True)]
    path = f"/shops/{etsy.shop}/listings/{listing_id}/properties/{found[0]['property_id']}"
    answer = await etsy.call("PUT", path, data={"value_ids": "1", "values": "1890"})
    assert answer.json()["values"] == ["1890"]
    assert (await etsy.set_state(listing_id, "active")).status_code == 200


async def test_etsy_shows_both_rate_windows(etsy: EtsySeller) -> None:
    headers = (await etsy.draft()).headers
    assert int(headers["x-remaining-this-second"]) < int(headers["x-limit-per-second"])
    assert int(headers["x-remaining-today"]) < int(headers["x-limit-per-day"])


async def test_a_shopify_product_is_on_sale_when_active_published_and_in_stock(
    shopify: ShopifySeller, control: Any
) -> None:
    payload = await shopify.put("S1", status="ACTIVE")
    assert await control.state("shopify", "S1") == "inactive"
    product = payload["product"]
    await shopify.publish(product["id"])
    assert await control.state("shopify", "S1") == "active"
    item = product["variants"]["nodes"][0]["inventoryItem"]["id"]
    body = await shopify.set_quantity(item, 0)
    assert body["data"]["inventorySetQuantities"]["userErrors"] == []
    assert await control.state("shopify", "S1") == "on_hold"
    await shopify.set_quantity(item, 1)
    await control.sell("shopify", "S1")
    assert await control.state("shopify", "S1") == "sold"
    await shopify.set_quantity(item, 1)
    assert await control.state("shopify", "S1") == "active"


async def test_shopify_ids_do_not_fit_a_double(shopify: ShopifySeller) -> None:
    digits, _ = await shopify.list_piece("S1")
    assert int(digits) > 2**53


async def test_shopify_wants_idempotency_and_the_quantity_changed_from(
    shopify: ShopifySeller,
) -> None:
    _, item = await shopify.list_piece("S1")
    stale = await shopify.set_quantity(item, 0, changeFromQuantity=7)
    errors = stale["data"]["inventorySetQuantities"]["userErrors"]
    assert [error["code"] for error in errors] == ["CHANGE_FROM_QUANTITY_STALE"]
    bare = """mutation($input: InventorySetQuantitiesInput!) {
      inventorySetQuantities(input: $input) { userErrors { code } } }"""
    body = await shopify.run(bare, input={})
    assert body["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert body["data"] == {"inventorySetQuantities": None}


async def test_shopify_publishes_requirements_as_definitions_and_enforces_them(
    shopify: ShopifySeller, control: Any
) -> None:
    await control.require("shopify", PERIOD)
    query = """{ metafieldDefinitions(ownerType: PRODUCT, first: 10) {
      nodes { namespace key name validations { name value } } } }"""
    (definition,) = (await shopify.run(query))["data"]["metafieldDefinitions"]["nodes"]
    assert (definition["namespace"], definition["key"]) == ("custom", "period")
    assert definition["validations"] == [{"name": "required", "value": "true"}]
    (error,) = (await shopify.put("S1", status="ACTIVE"))["userErrors"]
    assert error["field"] == ["input", "metafields", "custom.period"]
    assert error["message"] == "Period can't be blank"
    metafield = {"namespace": "custom", "key": "period", "value": "1890"}
    metafield["type"] = "single_line_text_field"
    accepted = await shopify.put("S1", status="ACTIVE", metafields=[metafield])
    assert accepted["userErrors"] == []


async def test_products_are_found_by_sku_with_aliases_and_fragments(
    shopify: ShopifySeller,
) -> None:
    await shopify.list_piece("S 1")
    await shopify.list_piece("S2")
    query = """query Find($q: String!) { found: products(first: 5, query: $q) {
      edges { node { ...Bits } } pageInfo { hasNextPage } } }
      fragment Bits on Product { title quantity: totalInventory }"""
    body = await shopify.run(query, q="sku:'S 1'")
    nodes = [edge["node"] for edge in body["data"]["found"]["edges"]]
    assert nodes == [{"title": "Chair S 1", "quantity": 1}]


async def test_an_unknown_field_is_refused_rather_than_null(shopify: ShopifySeller) -> None:
    body = await shopify.run("{ shop { nonsense } }")
    assert body["errors"][0]["extensions"]["code"] == "undefinedField"
    assert "data" not in body


async def test_an_announced_requirement_is_not_enforced_before_its_time(
    ebay: EbaySeller, control: Any
) -> None:
    await control.require("ebay", PERIOD | {"effective_at": "2031-01-01T00:00:00Z"})
    offer_id, _ = await ebay.list_piece("A1")
    path = "/commerce/taxonomy/v1/category_tree/0/get_item_aspects_for_category?category_id=1"
    (aspect,) = (await ebay.call("GET", path)).json()["aspects"]
    assert aspect["aspectConstraint"]["expectedRequiredByDate"] == "2031-01-01"
    assert aspect["aspectConstraint"]["aspectRequired"] is False
    await ebay.call("POST", f"/sell/inventory/v1/offer/{offer_id}/withdraw")
    await control.send("POST", "/clock", {"now": "2031-01-02T00:00:00Z"})
    assert (await ebay.publish(offer_id)).status_code == 400
