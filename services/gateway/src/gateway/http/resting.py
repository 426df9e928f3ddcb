"""Waiting until the listings that a command is about are at rest (docs/glossary.md)."""

from time import monotonic
from typing import Any

from brocante.contracts.inventory import ItemActivate
from brocante.contracts.values import Issue
from gateway.http.context import Context
from gateway.records.access import Principal
from gateway.records.commands import Kept
from gateway.records.standing import AT_WORK

REFUSED = frozenset({"needs_dealer", "blocked"})
ABOUT_LISTINGS = frozenset(
    {"item.activate", "item.deactivate", "item.hold", "item.release", "item.restore"}
)
"""Not done before their listings are at rest."""
WITH_LISTINGS = frozenset({"item.update", "item.delete", "sale.cancel"})
"""Done by themselves; their listings are waited for while there is time."""
# Another replica may see the change: the view itself is looked at this often.
LOOK_SECONDS = 0.5


async def at_rest(gateway: Context, who: Principal, kept: Kept, end: float) -> bool:
    """Wait for the listings concerned; False when time runs out."""
    item_id = await _item_of(gateway, who, kept)
    if item_id is None or not _is_about_an_item(kept):
        return True
    key = f"{who.dealer}/{item_id}"
    while True:
        changed = gateway.live.watch(key)
        item = await gateway.views.item(who.dealer, item_id)
        if item is None and kept.type == "sale.record":
            # Sold before anyone created it: there is nothing to wait for.
            return True
        if item is not None and await _rests(gateway, who, kept, item):
            return True
        left = end - monotonic()
        if left <= 0:
            return False
        await gateway.live.wait(changed, min(LOOK_SECONDS, left))


def concerned(kept: Kept, item: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The listings a command is about: those it names, or all."""
    listings: dict[str, dict[str, Any]] = item.get("listings", {})
    named = kept.payload.get("marketplaces") or [kept.payload.get("marketplace", "*")]
    if "*" in named or kept.type.startswith("sale."):
        return listings
    return {m: listings[m] for m in named if m in listings}


def refusals(kept: Kept, item: dict[str, Any] | None) -> list[Issue]:
    """Why listings that a command is about did not get there; only an activation is refused."""
    stopped = REFUSED if kept.type == ItemActivate.TYPE else {"blocked"}
    return [
        Issue.model_validate({**issue, "marketplace": marketplace})
        for marketplace, listing in concerned(kept, item or {}).items()
        if listing["operation"] in stopped
        for issue in listing.get("issues", [])
    ]


def rests(kept: Kept, item: dict[str, Any]) -> bool:
    """Whether an item has seen a command about itself, and the listings concerned are at rest."""
    if int(item["revision"]) < kept.revision:
        return False
    return not any(_is_at_work(listing) for listing in concerned(kept, item).values())


def _is_about_an_item(kept: Kept) -> bool:
    return kept.type in ABOUT_LISTINGS | WITH_LISTINGS or kept.type == "sale.record"


async def _rests(gateway: Context, who: Principal, kept: Kept, item: dict[str, Any]) -> bool:
    if kept.type.startswith("sale.") and not await _knows_of_sale(gateway, who, kept, item):
        return False
    return kept.type == "sale.record" or rests(kept, item)


def _is_at_work(listing: dict[str, Any]) -> bool:
    return listing["operation"] in AT_WORK and listing["observed"] != "pending_review"


async def _item_of(gateway: Context, who: Principal, kept: Kept) -> str | None:
    if kept.payload.get("item_id"):
        return str(kept.payload["item_id"])
    sale = await gateway.views.sale(who.dealer, str(kept.payload.get("sale_id") or ""))
    return str(sale["item_id"]) if sale else None


async def _knows_of_sale(
    gateway: Context, who: Principal, kept: Kept, item: dict[str, Any]
) -> bool:
    """After a sale's event the item must have seen it before its listings tell anything."""
    sale = await gateway.views.sale(who.dealer, str(kept.payload["sale_id"]))
    if sale is None:
        return False
    known = item.get("sale_versions", {}).get(sale["sale_id"], 0)
    return int(known) >= int(sale["sale_version"])
