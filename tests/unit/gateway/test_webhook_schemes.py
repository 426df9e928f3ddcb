"""Signatures with keys of our own: rotation, tolerance, and headers that are made to hurt."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from gateway.verification.schemes import (
    Refused,
    ebay,
    ebay_challenge,
    ebay_key_id,
    shopify,
    standard_webhooks,
)

BODY = '{"id": 1, "name": "Škoda"}'.encode()
NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
SECRET = "whsec_" + base64.b64encode(b"a secret of twenty-four").decode()
# What HTTP lets through in a header's value: bytes, seen as Latin-1.
header_text = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=80)


def by_shopify(secret: str, body: bytes = BODY) -> dict[str, str]:
    digest = hmac.digest(secret.encode(), body, hashlib.sha256)
    return {"x-shopify-hmac-sha256": base64.b64encode(digest).decode()}


def by_standard(secret: str = SECRET, at: datetime = NOW, body: bytes = BODY) -> dict[str, str]:
    seconds = str(int(at.timestamp()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.digest(key, f"msg_1.{seconds}.".encode() + body, hashlib.sha256)
    signature = "v1," + base64.b64encode(digest).decode()
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    return dict(zip(names, ("msg_1", seconds, signature), strict=True))


def by_ebay(key: ec.EllipticCurvePrivateKey, body: bytes = BODY) -> dict[str, str]:
    signature = key.sign(body, ec.ECDSA(hashes.SHA1()))  # noqa: S303 - eBay's scheme
    said = {"alg": "ecdsa", "kid": "k1", "signature": base64.b64encode(signature).decode()}
    return {"x-ebay-signature": base64.b64encode(json.dumps(said).encode()).decode()}


def public(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


@pytest.mark.parametrize("signed_with", ["new", "old"])
def test_while_a_secret_is_changed_both_are_taken(signed_with: str) -> None:
    shopify(by_shopify(signed_with), BODY, ["new", "old"])
    rotated = ["whsec_bmV3", "whsec_b2xk"]
    at = rotated[0] if signed_with == "new" else rotated[1]
    standard_webhooks(by_standard(at), BODY, rotated, NOW)


def test_a_secret_that_is_no_longer_configured_is_refused() -> None:
    with pytest.raises(Refused):
        shopify(by_shopify("old"), BODY, ["new"])
    with pytest.raises(Refused):
        standard_webhooks(by_standard("whsec_b2xk"), BODY, ["whsec_bmV3"], NOW)


@pytest.mark.parametrize("away", [-300, -299, 0, 299, 300])
def test_five_minutes_either_way_are_tolerated(away: int) -> None:
    headers = by_standard(at=NOW + timedelta(seconds=away))
    standard_webhooks(headers, BODY, [SECRET], NOW)


@pytest.mark.parametrize("away", [-301, 301, 86_400])
def test_an_old_delivery_cannot_be_sent_again_by_someone_who_saw_it(away: int) -> None:
    headers = by_standard(at=NOW + timedelta(seconds=away))
    with pytest.raises(Refused):
        standard_webhooks(headers, BODY, [SECRET], NOW)


def test_a_changed_byte_is_noticed_in_every_scheme() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    changed = BODY.replace(b"1", b"2")
    with pytest.raises(Refused):
        shopify(by_shopify("s"), changed, ["s"])
    with pytest.raises(Refused):
        standard_webhooks(by_standard(), changed, [SECRET], NOW)
    with pytest.raises(Refused):
        ebay(by_ebay(key), changed, public(key))


def test_ebays_signature_is_over_the_bytes_that_came_not_over_what_they_mean() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    pretty = json.dumps(json.loads(BODY), indent=2, ensure_ascii=False).encode()
    compact = json.dumps(json.loads(BODY), separators=(",", ":"), ensure_ascii=False).encode()
    ebay(by_ebay(key, compact), compact, public(key))
    with pytest.raises(Refused):
        ebay(by_ebay(key, compact), pretty, public(key))


def test_ebays_key_on_one_line_is_read() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    ebay(by_ebay(key), BODY, "".join(public(key).splitlines()))
    assert ebay_key_id(by_ebay(key)) == "k1"


def test_a_key_of_another_kind_or_none_is_refused() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    for text in (public(other), "not a key", ""):
        with pytest.raises(Refused):
            ebay(by_ebay(key), BODY, text)


def test_the_challenge_is_the_digest_of_code_token_and_endpoint() -> None:
    expected = hashlib.sha256(b"codetokenhttps://a.invalid/w").hexdigest()
    assert ebay_challenge("code", "token", "https://a.invalid/w") == expected


@pytest.mark.parametrize("timestamp", ["²", "٣", "1" * 5000, "-1", "1.5", "", "hello"])
def test_a_time_that_is_no_number_is_refused(timestamp: str) -> None:
    headers = {**by_standard(), "webhook-timestamp": timestamp}
    with pytest.raises(Refused):
        standard_webhooks(headers, BODY, [SECRET], NOW)


@given(header_text, header_text, header_text)
def test_no_header_makes_a_scheme_fail_instead_of_refuse(one: str, two: str, three: str) -> None:
    seconds = str(int(NOW.timestamp()))
    with pytest.raises(Refused):
        shopify({"x-shopify-hmac-sha256": one}, BODY, ["secret"])
    for timestamp in (two, seconds):
        names = ("webhook-id", "webhook-timestamp", "webhook-signature")
        headers = dict(zip(names, (one, timestamp, f"v1,{three}"), strict=True))
        with pytest.raises(Refused):
            standard_webhooks(headers, BODY, [SECRET], NOW)
    with pytest.raises(Refused):
        ebay({"x-ebay-signature": one}, BODY, "key")
