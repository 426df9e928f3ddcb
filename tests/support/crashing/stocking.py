"""An item created, put on sale, held for a while, sold and put back: inventory's side of it."""

from datetime import timedelta
from functools import partial
from typing import Any

from brocante.contracts.answers import ResyncCompleted, ResyncRequested
from brocante.contracts.inventory import (
    ItemActivate,
    ItemCreate,
    ItemDeactivate,
    ItemHold,
    ItemLink,
)
from brocante.contracts.listings import ListingActivated, ListingDeactivated
from brocante.contracts.sales import SaleCanceled, SaleRecorded
from brocante.contracts.snapshot import ItemChanged
from brocante.contracts.topics import (
    INVENTORY_COMMANDS,
    INVENTORY_EVENTS,
    MARKETPLACE_EVENTS,
    SALES_EVENTS,
)
from inventory.handlers import TABLE
from tests.support import toy
from tests.support.crashing.quick_loop import BEGIN
from tests.support.crashing.servers import Servers
from tests.support.crashing.tables import (
    TableProcess,
    because_of,
    differing_ids,
    said,
    says,
    states,
    unrest,
)
from tests.support.crashing.trial import Scenario, Stage

GROUP = "inventory.1"
HELD_SECONDS = 20.0
LAMP = ItemCreate.model_validate(
    {
        "item_id": "lamp",
        "sku": "91.10",
        "title": "Brass lamp",
        "price": {"amount": "950.00", "currency": "USD"},
        "listings": {"ebay": {"details": {}}, "etsy": {"details": {}}},
    }
)
HOLD = ItemHold(
    item_id="lamp", marketplaces=["etsy"], until=BEGIN + timedelta(seconds=HELD_SECONDS)
)
LINK = ItemLink(item_id="lamp", marketplace="shopify", external_id="9")
COMMANDS = ("c1", "c2", "c3", "c4", "c5")


def shown(kind: type[Any], marketplace: str, intent: int, observed: str) -> Any:
    """What a worker says."""
    return kind(
        item_id="lamp",
        marketplace=marketplace,
        intent=intent,
        external_id=f"x-{marketplace}",
        observed=observed,
        observed_at=BEGIN + timedelta(seconds=intent),
        source="call",
        verified=True,
    )


def sold(version: int) -> dict[str, Any]:
    """A sale on eBay, as its events have it."""
    return {
        "sale_id": "ebay:1",
        "sale_version": version,
        "item_id": "lamp",
        "marketplace": "ebay",
        "quantity": 1,
    }


RECORDED = SaleRecorded(**sold(1), sold_at=toy.NOW, recorded_at=toy.NOW)
CANCELED = SaleCanceled(
    **sold(2), relist="origin", availability="available", canceled_at=toy.NOW, reason="unpaid"
)


def at_rest(servers: Servers) -> bool:
    """Everything is committed, nothing is unsent."""
    return not unrest(servers, GROUP, TABLE.topics)


def shows(servers: Servers, **wanted: str) -> bool:
    """What is desired of each listing, once everything is at rest."""
    item = states(servers, "items").get("main/lamp") or {}
    listings = item.get("listings", {})
    return at_rest(servers) and all(
        listings.get(m, {}).get("desired") == desired for m, desired in wanted.items()
    )


def resynced(servers: Servers) -> bool:
    """The resync was answered."""
    completed = because_of(servers, INVENTORY_EVENTS, "r1")
    return any(isinstance(m, ResyncCompleted) for m in completed) and at_rest(servers)


def wrong(servers: Servers) -> list[str]:
    """Every command answered; revisions without a gap; one id for each thing said."""
    found = unrest(servers, GROUP, TABLE.topics) + differing_ids(servers, INVENTORY_EVENTS)
    found += [
        f"{c} was not answered" for c in COMMANDS if not because_of(servers, INVENTORY_EVENTS, c)
    ]
    snapshots = [d.message for d in said(servers, INVENTORY_EVENTS)]
    last = max((m.revision for m in snapshots if isinstance(m, ItemChanged)), default=0)
    stored = states(servers, "items")["main/lamp"]["revision"]
    return found if last == stored else [*found, f"revision {stored} was never said ({last})"]


SCENARIO = Scenario(
    "inventory",
    lambda _servers: TableProcess(TABLE),
    (
        Stage(
            "the lamp is wanted on sale",
            partial(shows, ebay="active", etsy="active"),
            says(
                INVENTORY_COMMANDS,
                ("c1", LAMP),
                ("c2", ItemActivate(item_id="lamp", marketplaces=["*"])),
                ("c1", LAMP),
            ),
        ),
        Stage(
            "a listing that was there before is linked",
            partial(shows, ebay="active", etsy="active"),
            says(INVENTORY_COMMANDS, ("c5", LINK)),
        ),
        Stage(
            "a hold ends by itself",
            lambda servers: shows(servers, etsy="active") and servers.clock.seconds > HELD_SECONDS,
            says(INVENTORY_COMMANDS, ("c3", HOLD)),
        ),
        Stage(
            "workers say what they see",
            at_rest,
            says(
                MARKETPLACE_EVENTS,
                ("e1", shown(ListingActivated, "ebay", 1, "active")),
                ("e2", shown(ListingActivated, "etsy", 3, "active")),
            ),
        ),
        Stage(
            "it is sold",
            partial(shows, ebay="sold", etsy="inactive"),
            says(SALES_EVENTS, ("s1", RECORDED)),
        ),
        Stage(
            "the sale is canceled",
            partial(shows, ebay="active", etsy="inactive"),
            says(SALES_EVENTS, ("s2", CANCELED), ("s1", RECORDED)),
        ),
        Stage(
            "it is taken off sale",
            partial(shows, ebay="inactive"),
            says(INVENTORY_COMMANDS, ("c4", ItemDeactivate(item_id="lamp", marketplaces=["ebay"]))),
        ),
        Stage(
            "a worker took it off",
            at_rest,
            says(MARKETPLACE_EVENTS, ("e3", shown(ListingDeactivated, "etsy", 4, "inactive"))),
        ),
        Stage(
            "everything is said again",
            resynced,
            says(
                INVENTORY_COMMANDS,
                ("r1", ResyncRequested(resync_id="r1", epoch=1, since=toy.NOW)),
            ),
        ),
    ),
    wrong,
    lambda servers: states(servers, "items"),
)
