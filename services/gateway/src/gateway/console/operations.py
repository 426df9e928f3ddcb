"""Operations: who is up, what waits, what failed, marketplaces, what nobody could match."""

from datetime import UTC, datetime
from typing import Any

from fastapi import Request, Response

from brocante.contracts.marketplace import MarketplacePause, MarketplaceResume
from brocante.contracts.values import Marketplace
from brocante.messaging import brake
from gateway.console.asking import ask, message_of, once
from gateway.console.pages import Operator, doing, form, page, pages, redirect
from gateway.domain.exposure import Exposure, exposures
from gateway.domain.problems import Problem
from gateway.http.context import Context, Gateway
from gateway.records.access import Principal

router = pages()
HERE = "/operations"
LOOKED_AT = 200
SWITCHES = {"pause": MarketplacePause, "resume": MarketplaceResume}


@router.get(HERE)
async def operations(request: Request, gateway: Gateway, who: Operator) -> Response:
    """The whole of it on one page."""
    whole = who.dealer == "main"
    return await page(
        request,
        gateway,
        who,
        "operations.html",
        whole=whole,
        flow=await gateway.flows.now() if whole else None,
        groups=await gateway.dead_letters.groups() if whole else [],
        brakes=await brake.all_pulled(gateway.database) if whole else [],
        places=await _places(gateway, who),
        unmatched=await gateway.webhooks.listed(who.dealer, "unmatched"),
        now=datetime.now(UTC),
        prefix=gateway.settings.topic_prefix,
        once=once(),
    )


@router.post("/operations/marketplaces/{marketplace}/{switch}")
async def switched(
    marketplace: Marketplace, switch: str, request: Request, gateway: Gateway, who: Operator
) -> Response:
    """Make no calls to a marketplace, or make them again."""
    kind = SWITCHES.get(switch)
    if kind is None or marketplace not in gateway.entries:
        raise Problem("not_found")
    fields = await form(request, gateway)
    message = message_of(kind, marketplace=marketplace, reason=f"by {who.actor}")
    id_ = await ask(gateway, who, fields, message, f"{switch}-{marketplace}")
    return redirect(request, doing(HERE, [id_]))


@router.post("/operations/partitions/{topic}/{number}/resume")
async def resume(
    topic: str, number: int, request: Request, gateway: Gateway, who: Operator
) -> Response:
    """Read a partition again that was paused after too many failures in a row."""
    of_installation(who)
    await brake.release(gateway.database, f"{gateway.settings.topic_prefix}{topic}", number)
    return redirect(request, HERE, f"Partition {number} of {topic} is read again.")


def of_installation(who: Principal) -> None:
    """Failures and partitions are of the whole installation: only its owner sees them."""
    if who.dealer != "main":
        raise Problem("forbidden", "Only the installation's owner may do this.")


async def _places(gateway: Context, who: Principal) -> list[dict[str, Any]]:
    exposed = await _exposed(gateway, who)
    return [
        {
            "slug": slug,
            "exposure": exposed.get(slug),
            **await gateway.marketplaces.status(who.dealer, slug),
        }
        for slug in sorted(gateway.entries)
    ]


async def _exposed(gateway: Context, who: Principal) -> dict[str, Exposure]:
    """Of the latest open sales."""
    sales, _ = await gateway.views.sales(who.dealer, {"status": "open"}, None, LOOKED_AT)
    items = await gateway.views.many(who.dealer, [sale["item_id"] for sale in sales])
    return exposures((s, items[s["item_id"]]) for s in sales if s["item_id"] in items)
