"""OAuth with rotating refresh tokens."""

from sandbox.etsy.shop import shop_ids
from sandbox.market.accounts import Accounts, Seller
from sandbox.market.calls import Answer, Call

API_KEY = "etsy-key"
LIFETIME = 3600
REFRESH_LIFETIME = 90 * 86_400


def token(accounts: Accounts, call: Call) -> Answer:
    """`POST /v3/public/oauth/token`."""
    form = call.form()
    if form.get("client_id") != API_KEY:
        return _error("invalid_client", "client_id is invalid")
    if form.get("grant_type") != "refresh_token":
        return _error("unsupported_grant_type", "grant_type must be refresh_token")
    given = form.get("refresh_token", "")
    account = _refreshed(accounts, given)
    if account is None:
        return _error("invalid_grant", "refresh_token is revoked")
    accounts.revoke(given)
    user = shop_ids(accounts.find("etsy", account))["user_id"]
    return Answer(
        200,
        {
            "access_token": accounts.issue("etsy", account, f"{user}.", LIFETIME),
            "token_type": "Bearer",
            "expires_in": LIFETIME,
            "refresh_token": accounts.issue("etsy", account, f"{user}.refresh.", REFRESH_LIFETIME),
        },
    )


def opened_by(accounts: Accounts, call: Call) -> str | None:
    """The account a call's bearer token opens."""
    given = call.headers.get("authorization", "").removeprefix("Bearer ")
    for seller in accounts.of("etsy"):
        if given == f"etsy-access-{seller.account}":
            return seller.account
    return None if ".refresh." in given else accounts.opened_by("etsy", given)


def refresh_token(seller: Seller) -> str:
    """The token of the first connection: always good, as if the dealer connected again."""
    return f"etsy-refresh-{seller.account}"


def _refreshed(accounts: Accounts, given: str) -> str | None:
    for seller in accounts.of("etsy"):
        if given == refresh_token(seller):
            return seller.account
    return accounts.opened_by("etsy", given) if ".refresh." in given else None


def _error(code: str, description: str) -> Answer:
    return Answer(400, {"error": code, "error_description": description})
