"""Tokens, sessions, scopes; and no dealer ever sees another's data."""

import asyncio
import uuid

import httpx2
import pytest

from brocante.documents.driver import connect
from gateway.records.access import Access
from tests.support.gateway_installation import GatewayInstallation
from tests.support.installation import until

pytestmark = pytest.mark.timeout(180)
WAIT = {"Prefer": "wait=20"}
READS = ("items", "sales", "marketplaces", "events", "webhooks", "failures")


def token_for(brocante: GatewayInstallation, dealer: str, *scopes: str) -> str:
    """A token made as an operator would make it."""
    token = uuid.uuid4().hex * 2

    async def add() -> None:
        settings = brocante.settings
        database = connect(settings.mongo, settings.database, settings.mongo_driver)
        await Access(database).add_token(token, dealer, scopes, "test")
        await database.close()

    asyncio.run(add())
    return token


def piece(item_id: str) -> dict[str, object]:
    price = {"amount": "1.00", "currency": "USD"}
    return {"item_id": item_id, "sku": "secret-sku", "title": "Secret", "price": price}


@pytest.mark.parametrize("path", READS)
def test_without_a_token_nothing_is_told(brocante: GatewayInstallation, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic eDp5"}):
        answer = httpx2.get(f"{brocante.url}/api/v1/{path}", headers=headers, trust_env=False)
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_scope_gives_only_what_it_says(brocante: GatewayInstallation) -> None:
    with brocante.client(token_for(brocante, "main", "read")) as reader:
        assert reader.get("/api/v1/items").status_code == 200
        assert reader.post("/api/v1/items", json=piece("x")).status_code == 403
        assert reader.get("/api/v1/failures").status_code == 403
        assert reader.post("/api/v1/resync", json={}).status_code == 403
    with brocante.client(token_for(brocante, "main", "write")) as writer:
        assert writer.get("/api/v1/items").status_code == 403
        assert writer.post("/api/v1/marketplaces/ebay/pause", json={}).status_code == 403


def test_another_dealer_sees_and_touches_nothing(
    brocante: GatewayInstallation, http: httpx2.Client
) -> None:
    item_id, sale_id = f"i{uuid.uuid4().hex[:8]}", f"showroom:{uuid.uuid4().hex[:8]}"
    created = http.post("/api/v1/items", json=piece(item_id), headers=WAIT)
    sale = {"sale_id": sale_id, "item_id": item_id, "marketplace": "showroom"}
    sold_at = {"sold_at": "2026-11-24T08:00:00Z"}
    assert http.post("/api/v1/sales", json={**sale, **sold_at}, headers=WAIT).status_code == 200
    with brocante.client(token_for(brocante, "other", "read", "write", "operate")) as other:
        hidden = (
            f"items/{item_id}",
            f"items/{item_id}/check",
            f"sales/{sale_id}",
            f"sales/{sale_id}/plan",
            f"commands/{created.json()['command_id']}",
        )
        for path in hidden:
            assert other.get(f"/api/v1/{path}").status_code == 404, path
        for path in ("items", "items?query=secret", "sales", f"items/{item_id}/history"):
            assert other.get(f"/api/v1/{path}").json().get("items", []) == [], path
        body = {"marketplaces": ["ebay"]}
        path = f"/api/v1/items/{item_id}/activate"
        assert other.post(path, json=body, headers=WAIT).status_code == 404
        cancel = other.post(f"/api/v1/sales/{sale_id}/cancel", json={}, headers=WAIT)
        assert cancel.status_code == 404
        own = other.post("/api/v1/items", json=piece(item_id), headers=WAIT)
        assert own.status_code == 200
        assert own.json()["item"]["open_sales"] == []
    assert http.get(f"/api/v1/sales/{sale_id}").json()["status"] == "open"


def test_the_sign_in_link_works_once_and_its_session_opens_the_page(
    brocante: GatewayInstallation,
) -> None:
    brocante.bootstrap()
    with httpx2.Client(base_url=brocante.url, follow_redirects=True, trust_env=False) as browser:
        page = browser.get(brocante.sign_in_path)
        assert page.status_code == 200
        policy = page.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "default-src" in policy
        assert browser.get("/api/v1/items").status_code == 200
        cross = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.invalid"}
        assert browser.post("/api/v1/items", json=piece("x"), headers=cross).status_code == 403
        own = {"Sec-Fetch-Site": "same-origin", "Origin": brocante.url}
        assert browser.post("/api/v1/items", json=piece("own"), headers=own).status_code == 202
    with httpx2.Client(base_url=brocante.url, follow_redirects=True, trust_env=False) as thief:
        thief.get(brocante.sign_in_path)
        assert thief.get("/api/v1/items").status_code == 401


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(
    brocante: GatewayInstallation,
) -> None:
    brocante.bootstrap()
    answer = httpx2.get(f"{brocante.url}{brocante.sign_in_path}", trust_env=False)
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=" in cookie
    assert "samesite=none" not in cookie


def test_secrets_are_not_stored_as_they_are(brocante: GatewayInstallation) -> None:
    async def everything() -> str:
        settings = brocante.settings
        database = connect(settings.mongo, settings.database, settings.mongo_driver)
        found = [
            await database.collection(name).find({})
            for name in ("gateway_tokens", "gateway_sessions", "gateway_sign_ins")
        ]
        await database.close()
        return str(found)

    stored = asyncio.run(everything())
    assert brocante.token not in stored
    assert brocante.sign_in_path.rsplit("/", 1)[1] not in stored


def test_the_plain_pages_need_no_token_and_tell_nothing(brocante: GatewayInstallation) -> None:
    for path in ("/healthz", "/readyz", "/metrics"):
        answer = httpx2.get(f"{brocante.url}{path}", follow_redirects=True, trust_env=False)
        assert answer.status_code == 200, path
        assert "secret-sku" not in answer.text
    oldest = 'brocante_unsettled_oldest_seconds{marketplace="ebay"}'
    until(lambda: oldest in httpx2.get(f"{brocante.url}/metrics", trust_env=False).text, oldest)
