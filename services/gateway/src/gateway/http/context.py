"""What every request handler can reach, and who is asking."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from brocante.contracts.values import DEFAULT_DEALER
from brocante.documents.driver import Database
from brocante.marketplaces import MarketplaceEntry
from brocante.messaging.publisher import Publisher
from gateway.domain.problems import Problem
from gateway.pictures.following import Following
from gateway.records.access import Access, Principal
from gateway.records.bulks import Bulks
from gateway.records.commands import Commands
from gateway.records.dead_letters import DeadLetters
from gateway.records.flow import Flows
from gateway.records.history import History
from gateway.records.imports import Imports
from gateway.records.marketplaces import Marketplaces
from gateway.records.passwords import Passwords
from gateway.records.pictures import Pictures
from gateway.records.views import Views
from gateway.records.webhooks import Webhooks
from gateway.settings import GatewaySettings
from gateway.verification.ebay_keys import EbayKeys
from gateway.watching import Live

SESSION_COOKIE = "brocante_session"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
SAME_ORIGIN = frozenset({"same-origin", "none"})


@dataclass(slots=True)
class Context:
    """The gateway's parts."""

    settings: GatewaySettings
    database: Database
    publisher: Publisher
    entries: dict[str, MarketplaceEntry]
    access: Access
    passwords: Passwords
    commands: Commands
    views: Views
    history: History
    webhooks: Webhooks
    dead_letters: DeadLetters
    marketplaces: Marketplaces
    imports: Imports
    bulks: Bulks
    flows: Flows
    pictures: Pictures
    following: Following | None
    live: Live
    ebay_keys: dict[str, EbayKeys]


def context(request: Request) -> Context:
    """The gateway's parts, from the application."""
    found: Context | None = getattr(request.app.state, "context", None)
    if found is None:
        raise Problem("unavailable", "The gateway is starting.")
    return found


Gateway = Annotated[Context, Depends(context)]


async def principal(request: Request, gateway: Gateway) -> Principal:
    """Who asks: by token, or by session with a check that our own page sent it."""
    header = request.headers.get("authorization", "")
    found: Principal | None = None
    if header.lower().startswith("bearer "):
        found = await gateway.access.by_token(header[7:].strip())
    elif session := request.cookies.get(SESSION_COOKIE):
        check_origin(request, gateway.settings.public_url)
        found = await gateway.access.by_session(session)
    if found is None:
        raise Problem("unauthenticated")
    return found


def check_origin(request: Request, public_url: str | None) -> None:
    """A write with a session must come from our own page, by one of the two headers at least."""
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    own = {f"{request.url.scheme}://{request.url.netloc}", public_url}
    foreign = (site is not None and site not in SAME_ORIGIN) or (
        origin is not None and origin not in own
    )
    if foreign or (site is None and origin is None):
        raise Problem("forbidden", "This request did not come from a page of this gateway.")


def _needs(scope: str) -> object:
    async def check(who: Annotated[Principal, Depends(principal)]) -> Principal:
        if scope not in who.scopes:
            raise Problem("forbidden", f"This needs the scope {scope}.")
        return who

    return Depends(check)


Reader = Annotated[Principal, _needs("read")]
Writer = Annotated[Principal, _needs("write")]
Operator = Annotated[Principal, _needs("operate")]


def of_installation(who: Principal) -> None:
    """Dead letters and partitions are of the whole installation: only its owner sees them."""
    if who.dealer != DEFAULT_DEALER:
        raise Problem("forbidden", "Only the installation's owner may do this.")
