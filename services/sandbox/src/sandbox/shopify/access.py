"""Access tokens: the app's own, and short ones by client credentials."""

from sandbox.market.accounts import Accounts, Seller
from sandbox.market.calls import Answer, Call
from sandbox.shopify.shop import SCOPES

LIFETIME = 86_399


def token(accounts: Accounts, call: Call) -> Answer:
    """`POST /admin/oauth/access_token`."""
    form = call.form()
    for seller in accounts.of("shopify"):
        client = (form.get("client_id"), form.get("client_secret"))
        if client == (client_id(seller), client_secret(seller)):
            if form.get("grant_type") != "client_credentials":
                return _error("unsupported_grant_type", "Use client_credentials.")
            issued = accounts.issue("shopify", seller.account, "shpat_", LIFETIME)
            scope = ",".join(SCOPES)
            return Answer(200, {"access_token": issued, "scope": scope, "expires_in": LIFETIME})
    return _error("application_cannot_be_found", "The app could not be found.")


def opened_by(accounts: Accounts, call: Call) -> str | None:
    """The account a call's token opens."""
    given = call.headers.get("x-shopify-access-token", "")
    for seller in accounts.of("shopify"):
        if given == access_token(seller):
            return seller.account
    return accounts.opened_by("shopify", given)


def access_token(seller: Seller) -> str:
    """The offline token of the shop; it does not expire."""
    return f"shpat_{seller.account}"


def client_id(seller: Seller) -> str:
    """The app's id."""
    return f"shopify-client-{seller.account}"


def client_secret(seller: Seller) -> str:
    """The app's secret; it also signs webhooks, as at Shopify."""
    return f"shopify-secret-{seller.account}"


def _error(code: str, description: str) -> Answer:
    return Answer(400, {"error": code, "error_description": description})
