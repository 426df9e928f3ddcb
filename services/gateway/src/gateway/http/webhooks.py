"""`POST /webhooks/{marketplace}/{account}`: verified, kept before 2xx, told apart by its own id."""

import asyncio
import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from brocante.contracts.pointers import at_pointer
from brocante.documents.driver import DatabaseError
from brocante.marketplaces import AccountEntry, Webhooks
from gateway import metrics
from gateway.domain.problems import Problem
from gateway.http.bodies import raw_body
from gateway.http.context import Context, Gateway
from gateway.verification import schemes

router = APIRouter(tags=["webhooks"])
# With the marketplace's name before it, it must still be an id (128 characters).
LONGEST_ID = 90
KEPT_HEADERS = ("content-type", "webhook-id", "webhook-timestamp")


@router.post("/webhooks/{marketplace}/{account}")
async def receive(marketplace: str, account: str, request: Request, gateway: Gateway) -> Response:
    """Take a delivery: 2xx only once it is kept; a duplicate gets 200 and does nothing."""
    declared, owner = _account(gateway, marketplace, account)
    if request.headers.get("content-encoding"):
        raise Problem("unsupported_media_type", "Content-Encoding is not read here.")
    body = await _body(request, gateway)
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        await _verify(gateway, marketplace, declared, headers, body)
    except schemes.Refused as refused:
        metrics.WEBHOOKS.labels(marketplace, "refused").inc()
        raise Problem("unauthenticated", "The signature or its time is not right.") from refused
    webhook_id = f"{marketplace}:{_id(account, declared, headers, body)}"
    kept = {n: v for n, v in headers.items() if n in KEPT_HEADERS or n.startswith("x-shopify-")}
    try:
        fresh = await gateway.webhooks.accept(
            owner.dealer, webhook_id, marketplace, account, kept, body
        )
    except DatabaseError as error:
        raise Problem("unavailable", "The delivery could not be kept; send it again.") from error
    metrics.WEBHOOKS.labels(marketplace, "accepted" if fresh else "duplicate").inc()
    return JSONResponse({"webhook_id": webhook_id, "duplicate": not fresh})


@router.get("/webhooks/{marketplace}/{account}")
async def challenge(marketplace: str, account: str, request: Request, gateway: Gateway) -> Response:
    """EBay checks an endpoint before it delivers to it."""
    declared, _ = _account(gateway, marketplace, account)
    if declared.scheme != "ebay" or declared.verification_token is None:
        raise Problem("not_found", "There is no endpoint check here.")
    code = request.query_params.get("challenge_code")
    if not code:
        raise Problem("bad_json", "challenge_code is missing.", field="/challenge_code")
    token = declared.verification_token.get_secret_value()
    endpoint = declared.url or str(request.url.replace(query=""))
    return JSONResponse({"challengeResponse": schemes.ebay_challenge(code, token, endpoint)})


def _account(gateway: Context, marketplace: str, account: str) -> tuple[Webhooks, AccountEntry]:
    entry = gateway.entries.get(marketplace)
    owner = next((a for a in entry.accounts if a.account == account), None) if entry else None
    if entry is None or owner is None or entry.webhooks is None:
        raise Problem("not_found", "There is no such account here.")
    return entry.webhooks, owner


async def _body(request: Request, gateway: Context) -> bytes:
    limits = gateway.settings
    try:
        return await asyncio.wait_for(raw_body(request, limits.webhook_limit), limits.body_seconds)
    except TimeoutError as error:
        text = f"The body did not come in {limits.body_seconds:g} s."
        raise Problem("too_slow", text) from error


async def _verify(
    gateway: Context,
    marketplace: str,
    declared: Webhooks,
    headers: Mapping[str, str],
    body: bytes,
) -> None:
    secret = declared.secret.get_secret_value() if declared.secret else ""
    # While a secret is changed, the old one stands beside the new one.
    secrets = [one for one in re.split(r"[\s,]+", secret) if one]
    match declared.scheme:
        case "shopify":
            schemes.shopify(headers, body, secrets)
        case "standard-webhooks":
            schemes.standard_webhooks(headers, body, secrets, datetime.now(UTC))
        case "ebay":
            kid = schemes.ebay_key_id(headers)
            if not re.fullmatch(r"[A-Za-z0-9-]{1,128}", kid):
                raise schemes.Refused("the key id is not one")
            key = await gateway.ebay_keys[marketplace].key(kid)
            if key is None:
                raise schemes.Refused(f"no public key {kid}")
            schemes.ebay(headers, body, key)
    _check_json(body)


def _check_json(body: bytes) -> None:
    try:
        json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Problem("bad_json", "The body is signed but not UTF-8 JSON.") from error


def _id(account: str, declared: Webhooks, headers: Mapping[str, str], body: bytes) -> str:
    """The marketplace's own event id; without one, the SHA-256 of the body.

    Shopify gives one id to every topic that an event is told under: an order that is created and
    paid at once is two deliveries with one id.
    """
    kind, _, place = (declared.event_id or "").partition(":")
    found: object = None
    if kind == "header":
        found = headers.get(place.lower())
    elif kind == "body":
        found = at_pointer(json.loads(body), place)
    event = str(found) if isinstance(found, str | int) else ""
    if not event:
        return f"{account}:sha256:{hashlib.sha256(body).hexdigest()}"
    topic = headers.get("x-shopify-topic", "") if declared.scheme == "shopify" else ""
    text = ":".join(part for part in (account, topic.replace("/", "."), event) if part)
    if len(text) <= LONGEST_ID and re.fullmatch(r"[A-Za-z0-9._:-]+", text):
        return text
    return hashlib.sha256(text.encode()).hexdigest()
