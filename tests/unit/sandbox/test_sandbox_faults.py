from typing import Any

import httpx2
import pytest

from sandbox.service import create_app
from sandbox.settings import Limits, SandboxSettings
from tests.support.sandbox_sellers import EbaySeller, EtsySeller, ShopifySeller


async def test_a_lie_answers_success_and_does_nothing(ebay: EbaySeller, control: Any) -> None:
    await ebay.put_item("A1")
    offer_id = await ebay.offer("A1")
    await control.send("PUT", "/ebay/faults", {"lie": 1})
    assert (await ebay.publish(offer_id)).status_code == 200
    assert await control.state("ebay", "A1") is None
    offer = (await ebay.call("GET", f"/sell/inventory/v1/offer/{offer_id}")).json()
    assert offer["status"] == "UNPUBLISHED"
    lies = [call for call in (await control.get("/ledger"))["calls"] if call["fault"] == "lie"]
    assert len(lies) == 1
    await control.send("PUT", "/ebay/faults", {})
    await ebay.publish(offer_id)
    assert await control.state("ebay", "A1") == "active"


async def test_a_number_told_in_a_lie_is_never_given_to_anything_else(
    etsy: EtsySeller, control: Any
) -> None:
    await control.send("PUT", "/etsy/faults", {"lie": 1})
    told = (await etsy.draft()).json()["listing_id"]
    await control.send("PUT", "/etsy/faults", {})
    assert (await etsy.draft()).json()["listing_id"] > told


async def test_shopify_lies_about_mutations_only(shopify: ShopifySeller, control: Any) -> None:
    await control.send("PUT", "/shopify/faults", {"lie": 1})
    assert (await shopify.put("S1"))["userErrors"] == []
    body = await shopify.run("{ productsCount { count } }")
    assert body["data"]["productsCount"]["count"] == 0


async def test_a_cut_after_the_effect_leaves_the_effect(etsy: EtsySeller, control: Any) -> None:
    listing_id = await etsy.list_piece("E1")
    await control.send("PUT", "/etsy/faults", {"cut_after": 1})
    with pytest.raises(ConnectionResetError):
        await etsy.set_state(listing_id, "inactive")
    assert await control.state("etsy", "E1") == "inactive"


async def test_a_cut_before_the_effect_leaves_none(etsy: EtsySeller, control: Any) -> None:
    listing_id = await etsy.list_piece("E1")
    await control.send("PUT", "/etsy/faults", {"cut_before": 1})
    with pytest.raises(ConnectionResetError):
        await etsy.set_state(listing_id, "inactive")
    assert await control.state("etsy", "E1") == "active"
    call = (await control.get("/ledger"))["calls"][-1]
    assert (call["status"], call["fault"]) == (None, "cut_before")


async def test_faults_speak_each_marketplaces_language(
    ebay: EbaySeller, etsy: EtsySeller, shopify: ShopifySeller, control: Any
) -> None:
    for name in ("ebay", "etsy", "shopify"):
        await control.send("PUT", f"/{name}/faults", {"rate_limited": 1})
    limited = await ebay.put_item("A1")
    assert (limited.status_code, limited.json()["errors"][0]["errorId"]) == (429, 2001)
    limited = await etsy.draft()
    assert (limited.status_code, limited.headers["retry-after"]) == (429, "1")
    await control.send("PUT", "/etsy/faults", {"rate_limited": 1, "retry_after_s": 7})
    assert (await etsy.draft()).headers["retry-after"] == "7"
    body = await shopify.run("{ shop { id } }")
    assert body["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert body["extensions"]["cost"]["actualQueryCost"] is None


async def test_server_errors_are_real_ones(
    ebay: EbaySeller, etsy: EtsySeller, shopify: ShopifySeller, control: Any
) -> None:
    for name in ("ebay", "etsy", "shopify"):
        await control.send("PUT", f"/{name}/faults", {"server_error": 1})
    assert (await ebay.put_item("A1")).json()["errors"][0]["errorId"] == 25001
    assert (await etsy.draft()).json() == {"error": "Server Error"}
    answers = [await shopify.post("{ shop { id } }") for _ in range(20)]
    assert {answer.status_code for answer in answers} == {200, 500}


async def test_the_unauthorized_fault_spares_the_token_endpoint(
    client: httpx2.AsyncClient, etsy: EtsySeller, control: Any
) -> None:
    await control.send("PUT", "/etsy/faults", {"unauthorized": 1})
    refused = await etsy.draft()
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_token")
    form = {"grant_type": "refresh_token", "client_id": "etsy-key"}
    form["refresh_token"] = "etsy-refresh-main"
    assert (await client.post("/etsy/v3/public/oauth/token", data=form)).status_code == 200


async def test_faults_never_touch_the_control_api(client: httpx2.AsyncClient, control: Any) -> None:
    await control.send("PUT", "/ebay/faults", {"server_error": 1, "cut_before": 1})
    assert (await client.get("/control/listings")).status_code == 200


async def test_a_used_up_window_refuses_calls_until_the_next() -> None:
    settings = SandboxSettings(limits=Limits(etsy_per_day=2, shopify_points=25))
    transport = httpx2.ASGITransport(app=create_app(settings))
    async with httpx2.AsyncClient(transport=transport, base_url="http://sandbox") as client:
        etsy, shopify = EtsySeller(client), ShopifySeller(client)
        assert [(await etsy.draft()).status_code for _ in range(3)] == [201, 201, 429]
        answer = await etsy.draft()
        assert answer.headers["x-remaining-today"] == "0"
        assert int(answer.headers["retry-after"]) > 1
        await client.post("/control/clock", json={"advance_s": 86_400})
        assert (await etsy.draft()).status_code == 201
        await shopify.put("S1")
        await shopify.put("S2")
        await client.post("/control/clock", json={"now": "2026-01-01T00:00:00Z"})
        body = await shopify.run("{ products(first: 250) { nodes { id } } }")
        assert body["errors"][0]["extensions"]["code"] == "THROTTLED"


async def test_nonsense_is_refused_and_in_the_ledger(ebay: EbaySeller, control: Any) -> None:
    path = "/sell/inventory/v1/inventory_item/A1"
    answers = [
        await ebay.call("PUT", path, content=b"{"),
        await ebay.call("PUT", path, json={"product": None}),
        await ebay.call("GET", "/sell/fulfillment/v1/order?limit=many"),
        await ebay.call("GET", "/sell/nothing"),
    ]
    assert [answer.status_code for answer in answers] == [400, 400, 400, 404]
    assert len((await control.get("/ledger"))["calls"]) == 4
