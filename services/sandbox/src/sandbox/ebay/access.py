"""OAuth: user tokens by refresh token, application tokens by client credentials."""

import base64
import binascii

from sandbox.market.accounts import Accounts, Seller
from sandbox.market.calls import Answer, Call

CLIENT_ID = "ebay-client"
CLIENT_SECRET = "ebay-secret"  # noqa: S105 - a sandbox's published secret
LIFETIME = 7200
APPLICATION = "#application"


def token(accounts: Accounts, call: Call) -> Answer:
    """`POST /identity/v1/oauth2/token`."""
    expected = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
    if not _same_basic(call.headers.get("authorization", ""), expected):
        return _error(401, "invalid_client", "client authentication failed")
    form = call.form()
    if form.get("grant_type") == "client_credentials":
        return _issued(accounts, APPLICATION, "Application Access Token")
    if form.get("grant_type") != "refresh_token":
        return _error(400, "unsupported_grant_type", "grant type in request is not supported")
    given = form.get("refresh_token", "")
    for seller in accounts.of("ebay"):
        if given == refresh_token(seller):
            return _issued(accounts, seller.account, "User Access Token")
    return _error(
        400,
        "invalid_grant",
        "the provided refresh token is invalid or was issued to another client",
    )


def opened_by(accounts: Accounts, call: Call) -> str | None:
    """The account a call's bearer token opens; `#application` for application tokens."""
    given = call.headers.get("authorization", "").removeprefix("Bearer ")
    for seller in accounts.of("ebay"):
        if given == f"ebay-access-{seller.account}":
            return seller.account
    return accounts.opened_by("ebay", given)


def refresh_token(seller: Seller) -> str:
    """The refresh token of an account; it does not change."""
    return f"ebay-refresh-{seller.account}"


def _same_basic(header: str, expected: str) -> bool:
    scheme, _, given = header.partition(" ")
    try:
        decoded = base64.b64decode(given, validate=True)
    except binascii.Error:
        return False
    return scheme.lower() == "basic" and decoded == base64.b64decode(expected)


def _issued(accounts: Accounts, account: str, kind: str) -> Answer:
    issued = accounts.issue("ebay", account, "v^1.1#i^1#", LIFETIME)
    return Answer(200, {"access_token": issued, "expires_in": LIFETIME, "token_type": kind})


def _error(status: int, code: str, description: str) -> Answer:
    return Answer(status, {"error": code, "error_description": description})
