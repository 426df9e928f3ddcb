import base64
from typing import Any

import httpx2
import pytest

from tests.support.sandbox_sellers import EbaySeller, EtsySeller, ShopifySeller

BASIC = "Basic " + base64.b64encode(b"ebay-client:ebay-secret").decode()


async def ebay_token(client: httpx2.AsyncClient, **form: str) -> httpx2.Response:
    headers = {"Authorization": BASIC}
    return await client.post("/ebay/identity/v1/oauth2/token", headers=headers, data=form)


async def etsy_token(client: httpx2.AsyncClient, refresh: str) -> httpx2.Response:
    form = {"grant_type": "refresh_token", "client_id": "etsy-key", "refresh_token": refresh}
    return await client.post("/etsy/v3/public/oauth/token", data=form)


async def test_an_ebay_refresh_token_gives_an_access_token_until_it_expires(
    client: httpx2.AsyncClient, control: Any
) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": "ebay-refresh-main"}
    token = (await ebay_token(client, **form)).json()
    seller = EbaySeller(client, token["access_token"])
    assert (await seller.put_item("A1")).status_code == 201
    await control.send("POST", "/clock", {"advance_s": token["expires_in"] + 1})
    refused = await seller.put_item("A1")
    assert (refused.status_code, refused.json()["errors"][0]["errorId"]) == (401, 1001)


async def test_an_ebay_application_token_reads_the_taxonomy_and_nothing_else(
    client: httpx2.AsyncClient,
) -> None:
    token = (await ebay_token(client, grant_type="client_credentials")).json()["access_token"]
    seller = EbaySeller(client, token)
    path = "/commerce/taxonomy/v1/get_default_category_tree_id"
    assert (await seller.call("GET", path)).json()["categoryTreeId"] == "0"
    assert (await seller.put_item("A1")).status_code == 401


async def test_a_rotated_etsy_refresh_token_is_good_once(client: httpx2.AsyncClient) -> None:
    first = (await etsy_token(client, "etsy-refresh-main")).json()
    seller = EtsySeller(client, first["access_token"])
    assert (await seller.draft()).status_code == 201
    assert (await etsy_token(client, first["refresh_token"])).status_code == 200
    again = await etsy_token(client, first["refresh_token"])
    expected = {"error": "invalid_grant", "error_description": "refresh_token is revoked"}
    assert (again.status_code, again.json()) == (400, expected)
    assert (await etsy_token(client, "etsy-refresh-main")).status_code == 200


async def test_a_refresh_token_is_no_access_token(client: httpx2.AsyncClient) -> None:
    issued = (await etsy_token(client, "etsy-refresh-main")).json()
    assert (await EtsySeller(client, issued["refresh_token"]).draft()).status_code == 401


async def test_shopify_gives_tokens_to_the_apps_own_credentials(client: httpx2.AsyncClient) -> None:
    body = {
        "client_id": "shopify-client-main",
        "client_secret": "shopify-secret-main",
        "grant_type": "client_credentials",
    }
    answer = await client.post("/shopify/admin/oauth/access_token", json=body)
    seller = ShopifySeller(client, answer.json()["access_token"])
    assert (await seller.put("S1"))["userErrors"] == []
    body["client_secret"] = "wrong"
    refused = await client.post("/shopify/admin/oauth/access_token", json=body)
    assert refused.status_code == 400


@pytest.mark.parametrize("name", ["ebay", "etsy", "shopify"])
async def test_a_wrong_token_is_refused_with_401(client: httpx2.AsyncClient, name: str) -> None:
    answers = {
        "ebay": EbaySeller(client, "wrong").put_item("A1"),
        "etsy": EtsySeller(client, "wrong").draft(),
        "shopify": ShopifySeller(client, "wrong").post("{ shop { id } }"),
    }
    wanted = answers.pop(name)
    for unused in answers.values():
        unused.close()
    assert (await wanted).status_code == 401


async def test_the_control_api_says_what_opens_an_account(
    client: httpx2.AsyncClient, control: Any
) -> None:
    accounts = {entry["marketplace"]: entry for entry in await control.get("/accounts")}
    token = accounts["shopify"]["credentials"]["access_token"]
    defaults = accounts["shopify"]["defaults"]
    seller = ShopifySeller(client, token, defaults["location_id"], defaults["publication_id"])
    await seller.list_piece("S1")
    assert accounts["etsy"]["defaults"]["shop_id"] == "12000001"
    assert accounts["ebay"]["dealer_id"] == "main"
