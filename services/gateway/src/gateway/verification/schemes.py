"""The three schemes by which marketplaces sign webhooks. Pure; header names are lower case."""

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

TOLERANCE_SECONDS = 300
WHSEC = "whsec_"
_SECONDS = re.compile(r"^[0-9]{1,12}$")


class Refused(Exception):  # noqa: N818 - a verdict on a delivery
    """The delivery is not what it says; the text is for the log, not for the sender."""


def shopify(headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> None:
    """Base64 HMAC-SHA256 of the raw body; any of the secrets may have signed (rotation)."""
    given = headers.get("x-shopify-hmac-sha256", "")
    if not given:
        raise Refused("no X-Shopify-Hmac-Sha256 header")
    for secret in secrets:
        digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
        if hmac.compare_digest(base64.b64encode(digest), given.encode()):
            return
    raise Refused("the signature does not fit the body")


def standard_webhooks(
    headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime
) -> None:
    """`id.timestamp.body` signed with HMAC-SHA256; signatures are `v1,<base64>`, any may fit."""
    id_ = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    given = headers.get("webhook-signature", "")
    if not (id_ and timestamp and given):
        raise Refused("webhook-id, webhook-timestamp or webhook-signature is missing")
    if not _SECONDS.match(timestamp):
        raise Refused("webhook-timestamp is not a number")
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE_SECONDS:
        raise Refused(f"webhook-timestamp is more than {TOLERANCE_SECONDS} s away")
    signed = f"{id_}.{timestamp}.".encode() + body
    signatures = [s[3:] for s in given.split() if s.startswith("v1,")]
    for secret in secrets:
        digest = hmac.new(_key(secret), signed, hashlib.sha256).digest()
        expected = base64.b64encode(digest)
        if any(hmac.compare_digest(expected, signature.encode()) for signature in signatures):
            return
    raise Refused("no signature fits the body")


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(WHSEC), validate=True)
    except binascii.Error as error:
        raise Refused("the configured secret is not base64") from error


def ebay_key_id(headers: Mapping[str, str]) -> str:
    """The id of the key that signed; its public half comes from the Notification API."""
    return _ebay_header(headers)[0]


def ebay(headers: Mapping[str, str], body: bytes, public_key: str) -> None:
    """ECDSA over SHA-1 of the raw body: X-EBAY-SIGNATURE is base64 of JSON.

    Only the bytes that came count; eBay's own SDKs also take a body that was written anew.
    """
    _, signature = _ebay_header(headers)
    try:
        key = serialization.load_pem_public_key(_pem(public_key))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Refused("the key cannot be read") from error
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise Refused("the key is not an elliptic curve key")
    try:
        key.verify(signature, body, ec.ECDSA(hashes.SHA1()))  # noqa: S303 - eBay's choice
    except InvalidSignature as error:
        raise Refused("the signature does not fit the body") from error


def ebay_challenge(code: str, token: str, endpoint: str) -> str:
    """The answer to eBay's endpoint check: hex SHA-256 of code, token and endpoint."""
    return hashlib.sha256(f"{code}{token}{endpoint}".encode()).hexdigest()


def _ebay_header(headers: Mapping[str, str]) -> tuple[str, bytes]:
    try:
        decoded = json.loads(base64.b64decode(headers.get("x-ebay-signature", ""), validate=True))
        return str(decoded["kid"]), base64.b64decode(decoded["signature"], validate=True)
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise Refused("X-EBAY-SIGNATURE is missing or cannot be read") from error


def _pem(key: str) -> bytes:
    """EBay gives the key on one line: PEM wants its marks on lines of their own."""
    text = key.strip()
    for mark in ("-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----"):
        text = text.replace(mark, f"\n{mark}\n")
    return "\n".join(line for line in text.splitlines() if line).encode() + b"\n"
