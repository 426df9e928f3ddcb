"""Deliveries: verified, kept before 2xx, told apart by the marketplace's own id, passed on once."""

import base64
import hashlib
import hmac
import json
import socket
import time
import uuid
from functools import partial
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support.gateway_calls import create
from tests.support.gateway_installation import (
    EBAY_TOKEN,
    ETSY_SECRET,
    KID,
    SHOPIFY_SECRET,
    GatewayInstallation,
)
from tests.support.installation import until

pytestmark = pytest.mark.timeout(180)


def shopify(body: bytes, event: str, topic: str = "orders/paid") -> dict[str, str]:
    digest = hmac.digest(SHOPIFY_SECRET.encode(), body, hashlib.sha256)
    return {
        "X-Shopify-Hmac-Sha256": base64.b64encode(digest).decode(),
        "X-Shopify-Event-Id": event,
        "X-Shopify-Topic": topic,
        "Content-Type": "application/json",
    }


def etsy(body: bytes, event: str, seconds: int = 0) -> dict[str, str]:
    at = str(int(time.time()) + seconds)
    key = base64.b64decode(ETSY_SECRET.removeprefix("whsec_"))
    digest = hmac.digest(key, f"{event}.{at}.".encode() + body, hashlib.sha256)
    signature = "v1," + base64.b64encode(digest).decode()
    return {"webhook-id": event, "webhook-timestamp": at, "webhook-signature": signature}


def ebay(brocante: GatewayInstallation, body: bytes, kid: str = KID) -> dict[str, str]:
    signature = brocante.ebay.key.sign(body, ec.ECDSA(hashes.SHA1()))  # noqa: S303 - eBay's scheme
    said = {"alg": "ecdsa", "kid": kid, "signature": base64.b64encode(signature).decode()}
    return {"X-EBAY-SIGNATURE": base64.b64encode(json.dumps(said).encode()).decode()}


def deliver(
    http: httpx2.Client, marketplace: str, body: bytes, headers: dict[str, str]
) -> httpx2.Response:
    return http.post(f"/webhooks/{marketplace}/main", content=body, headers=headers)


def taken(brocante: GatewayInstallation, body: bytes) -> list[str]:
    """Ids of the deliveries with this body that reached the worker."""
    text = base64.b64encode(body).decode()
    return [w.webhook_id for _, w in brocante.worker.received if w.body_base64 == text]


def unique() -> bytes:
    return json.dumps({"id": uuid.uuid4().hex}).encode()


def test_a_signed_delivery_of_each_scheme_reaches_the_worker_once(
    http: httpx2.Client, brocante: GatewayInstallation
) -> None:
    note = {"notification": {"notificationId": f"{uuid.uuid4()}_{uuid.uuid4()}"}}
    body = json.dumps(note).encode()
    cases = (
        ("shopify", one := unique(), shopify(one, "e1")),
        ("etsy", two := unique(), etsy(two, "msg_1")),
        ("ebay", body, ebay(brocante, body)),
    )
    for marketplace, content, headers in cases:
        first = deliver(http, marketplace, content, headers)
        assert first.status_code == 200, first.text
        again = deliver(http, marketplace, content, headers)
        assert again.status_code == 200
        until(partial(taken, brocante, content), f"{marketplace} has it")
        assert len(set(taken(brocante, content))) == 1


def test_one_event_under_two_topics_is_two_deliveries(
    http: httpx2.Client, brocante: GatewayInstallation
) -> None:
    body, event = unique(), uuid.uuid4().hex
    for topic in ("orders/create", "orders/paid", "orders/create"):
        assert deliver(http, "shopify", body, shopify(body, event, topic)).status_code == 200
    until(lambda: len(set(taken(brocante, body))) == 2, "both topics are there")


def test_the_sale_of_a_delivery_becomes_a_sale(
    http: httpx2.Client, brocante: GatewayInstallation
) -> None:
    item_id, sale_id = create(http), f"shopify:{uuid.uuid4().hex[:8]}"
    sale = {"sale_id": sale_id, "item_id": item_id, "marketplace": "shopify"}
    body = json.dumps({**sale, "sold_at": "2026-11-24T08:00:00Z"}).encode()
    assert deliver(http, "shopify", body, shopify(body, uuid.uuid4().hex)).status_code == 200
    until(lambda: http.get(f"/api/v1/sales/{sale_id}").status_code == 200, "the sale is there")
    assert brocante.worker.received


def test_what_could_not_be_matched_is_listed(http: httpx2.Client) -> None:
    body, event = unique(), uuid.uuid4().hex
    assert deliver(http, "etsy", body, etsy(body, event)).status_code == 200

    def listed() -> list[dict[str, Any]]:
        found = http.get("/api/v1/webhooks", params={"result": "unmatched"}).json()["items"]
        return [one for one in found if event in one["webhook_id"]]

    (delivery,) = until(listed, "it is among the unmatched")
    (sale,) = delivery["unmatched"]
    assert (sale["external_id"], sale["external_order_id"]) == (event[-8:], "11-2")


def test_each_refusal_has_its_own_status(
    http: httpx2.Client, brocante: GatewayInstallation
) -> None:
    body = unique()
    big = b'"' + b"x" * 1_100_000 + b'"'
    not_json = b"\xff\xfe"
    signed = shopify(body, "e2")
    cases: list[tuple[int, str, bytes, dict[str, str]]] = [
        (401, "shopify/main", body, {}),
        (401, "shopify/main", body + b" ", signed),
        (401, "etsy/main", body, etsy(body, "m", seconds=-301)),
        (401, "etsy/main", body, {**etsy(body, "m"), "webhook-timestamp": "²".encode().hex()}),
        (401, "ebay/main", body, ebay(brocante, body + b" ")),
        (401, "ebay/main", body, ebay(brocante, body, kid="unknown-key")),
        (401, "ebay/main", body, ebay(brocante, body, kid="../../oauth")),
        (404, "shopify/nobody", body, signed),
        (404, "amazon/main", body, signed),
        (413, "shopify/main", big, shopify(big, "e3")),
        (415, "shopify/main", body, {**signed, "Content-Encoding": "gzip"}),
        (415, "shopify/main", body, {**signed, "Content-Encoding": "identity"}),
        (400, "shopify/main", not_json, shopify(not_json, "e4")),
    ]
    for status, path, content, headers in cases:
        answer = http.post(f"/webhooks/{path}", content=content, headers=headers)
        assert answer.status_code == status, (path, headers, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_body_that_does_not_come_is_given_up(brocante: GatewayInstallation) -> None:
    host, port = brocante.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as slow:
        slow.sendall(
            b"POST /webhooks/shopify/main HTTP/1.1\r\nHost: gateway\r\n"
            b"Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{"
        )
        assert b" 408 " in slow.recv(4096).split(b"\r\n")[0]


def test_ebay_checks_the_endpoint(http: httpx2.Client) -> None:
    answer = http.get("/webhooks/ebay/main", params={"challenge_code": "abc"})
    endpoint = "https://dealer.invalid/webhooks/ebay/main"
    expected = hashlib.sha256(f"abc{EBAY_TOKEN}{endpoint}".encode()).hexdigest()
    assert answer.json() == {"challengeResponse": expected}
    assert answer.headers["content-type"] == "application/json"
    assert http.get("/webhooks/ebay/main").status_code == 400
    assert http.get("/webhooks/ebay/nobody").status_code == 404


def test_a_key_of_ebay_is_asked_for_once(
    http: httpx2.Client, brocante: GatewayInstallation
) -> None:
    for _ in range(3):
        note: dict[str, Any] = {"notification": {"notificationId": uuid.uuid4().hex}}
        body = json.dumps(note).encode()
        assert deliver(http, "ebay", body, ebay(brocante, body)).status_code == 200
        deliver(http, "ebay", body, ebay(brocante, body, kid="made-up"))
    assert sum(path.endswith(KID) for path in brocante.ebay.asked) <= 1
    assert sum(path.endswith("made-up") for path in brocante.ebay.asked) == 1


def test_a_delivery_for_another_dealers_account_is_that_dealers(
    http: httpx2.Client, brocante: GatewayInstallation
) -> None:
    body = unique()
    answer = http.post("/webhooks/shopify/second", content=body, headers=shopify(body, "e9"))
    assert answer.status_code == 200
    until(lambda: taken(brocante, body), "the worker has it")
    dealers = [at.dealer for at, w in brocante.worker.received if w.account == "second"]
    assert set(dealers) == {"other"}
