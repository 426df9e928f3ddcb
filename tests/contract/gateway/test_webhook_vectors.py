"""Signatures against the vectors that the marketplaces and the standard publish."""

from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.verification.schemes import (
    Refused,
    ebay,
    ebay_challenge,
    ebay_key_id,
    shopify,
    standard_webhooks,
)
from tests.support.specs import spec_file, spec_json

pytestmark = pytest.mark.specs

FOLDERS = {
    "shopify": (
        *("hmac-vector-valid", "hmac-vector-wrong-hmac", "hmac-vector-empty-hmac"),
        *("hmac-vector-lowercase-headers", "hmac-vector-reserialised-body"),
        *("hmac-vector-form-body-new-secret", "hmac-vector-form-body-old-secret"),
        *("orders-create", "orders-paid", "orders-cancelled", "products-update"),
        "inventory_levels-update",
    ),
    "standard-webhooks": (
        *("sign-valid", "sign-valid-rust", "sign-valid-unprefixed-secret", "bad-timestamp"),
        *("multi-signature-valid", "no-matching-of-several", "old-timestamp", "future-timestamp"),
        *("missing-id", "partial-signature", "wrong-signature"),
    ),
    "etsy": ("order.paid", "order.canceled"),
    "ebay": tuple(
        f"MARKETPLACE_ACCOUNT_DELETION-{kind}"
        for kind in ("valid", "tampered", "other-message", "signature-mismatch", "pretty-body")
    ),
}
VECTORS = [(folder, name) for folder, names in FOLDERS.items() for name in names]


def vector(folder: str, name: str) -> dict[str, Any]:
    """A published delivery: headers, body, secret or key, and whether it is genuine."""
    found: dict[str, Any] = spec_json(f"webhooks/{folder}/{name}.json")
    return found


def verify(folder: str, case: dict[str, Any]) -> None:
    """As the gateway does: header names in lower case, the raw bytes of the body."""
    headers = {name.lower(): value for name, value in case["headers"].items()}
    body = case["body"].encode()
    if folder == "shopify":
        shopify(headers, body, secrets_of(case))
    elif folder == "ebay":
        assert ebay_key_id(headers) == case["kid"]
        ebay(headers, body, case["public_key"])
    else:
        now = datetime.fromtimestamp(case["now"], UTC)
        standard_webhooks(headers, body, secrets_of(case), now)


def secrets_of(case: dict[str, Any]) -> list[str]:
    """The current secret and, where the vector has one, the one before it."""
    return [case[name] for name in ("secret", "old_secret", "previous_secret") if name in case]


@pytest.mark.parametrize(("folder", "name"), VECTORS, ids=[f"{f}-{n}" for f, n in VECTORS])
def test_a_published_delivery_is_taken_or_refused_as_published(folder: str, name: str) -> None:
    case = vector(folder, name)
    if case["valid"]:
        verify(folder, case)
    else:
        with pytest.raises(Refused):
            verify(folder, case)


def test_ebays_challenge_is_answered_as_published() -> None:
    case = vector("ebay", "endpoint-challenge")
    code = case["query"]["challenge_code"]
    answer = ebay_challenge(code, case["verification_token"], case["endpoint"])
    assert answer == case["expected_response"]["challengeResponse"]


def test_no_signed_vector_is_left_out() -> None:
    files = {
        (folder, path.stem)
        for folder in FOLDERS
        for path in spec_file(f"webhooks/{folder}").glob("*.json")
    }
    unsigned = {("ebay", "endpoint-challenge")}
    unsigned |= {(f, n) for f, n in files if n.endswith("-unsigned")}
    assert files - unsigned == set(VECTORS)
