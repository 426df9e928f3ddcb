"""The stages of a worker's life: see `reconciling`."""

from functools import partial

from brocante.contracts.answers import ResyncRequested
from brocante.contracts.marketplace import (
    ListingLink,
    ListingRetry,
    MarketplacePause,
    MarketplaceResume,
)
from brocante.contracts.topics import MARKETPLACE_EVENTS
from marketplace_sync.marketplaces.contract import ListingSeen, Observation, OrderToRead
from tests.support.crashing import reconciling as world
from tests.support.crashing.market_side import COMMANDS, MARKETPLACE, WorkerProcess
from tests.support.crashing.quick_loop import BEGIN
from tests.support.crashing.servers import Servers
from tests.support.crashing.tables import differing_ids, says, states, unrest
from tests.support.crashing.trial import Scenario, Stage

PAUSE = MarketplacePause(marketplace=MARKETPLACE, reason="by hand")
RESUME = MarketplaceResume(marketplace=MARKETPLACE, reason="by hand")
RETRY = ListingRetry(marketplace=MARKETPLACE, item_id="vase")
LINK = ListingLink(item_id="old", marketplace=MARKETPLACE, intent=1, external_id="x99")
RESYNC = ResyncRequested(resync_id="r1", epoch=1, since=BEGIN)
SOLD = {"reason": "sold", "external_order_id": "o1", "sale_id": "ebay:l1", "desired": "sold"}


def blocked(item: str, servers: Servers) -> bool:
    """It failed three times alike."""
    return bool(world.listing(servers, item).get("trouble", {}).get("blocked"))


def retried(servers: Servers) -> None:
    """An operator tries again whatever failed like the desk, by the failure's name."""
    servers.market.faults.clear()
    failure = world.listing(servers, "desk")["trouble"]["fingerprint"]
    again = ListingRetry(marketplace=MARKETPLACE, fingerprint=failure)
    says(COMMANDS, ("retry-many", again))(servers)


ON_SALE = Stage(
    "two are put on sale",
    partial(world.reached, lamp=1, chair=1),
    world.wants(world.want("activate", 1), world.want("activate", 1, "chair")),
)
LISTED = (
    ON_SALE,
    Stage(
        "one is changed while another replica writes it, one is held",
        partial(world.reached, lamp=2, chair=2),
        world.together(
            world.overtaken,
            world.failing("update", "cut_after"),
            world.wants(world.want("update", 2), world.want("hold", 2, "chair")),
        ),
    ),
    Stage(
        "one is due although there is nothing to do",
        lambda servers: world.listing(servers, "chair").get("due_at") is None,
        world.due_for_nothing,
    ),
    Stage(
        "it takes several attempts to take the lamp off sale",
        partial(world.reached, lamp=3),
        world.together(
            world.failing("deactivate", "rate_limited", "lie", "cut_after"),
            world.wants(world.want("deactivate", 3, **SOLD)),
        ),
    ),
)
SOLD_THERE = (
    ON_SALE,
    Stage(
        "deliveries tell of sales",
        partial(world.told, sales=("ebay:l1", "ebay:l2", "ebay:l5")),
        world.together(
            world.ordered,
            world.delivered("w1", OrderToRead("o1"), OrderToRead("o5")),
            world.delivered("w2", world.sale(2, None, "lamp")),
            world.delivered("w3", world.sale(9, "x99")),
            world.delivered("w4", ListingSeen("x1", "lamp", Observation("active", BEGIN))),
        ),
    ),
    Stage(
        "a link finds its sale",
        partial(world.told, sales=("ebay:l9",)),
        world.together(world.listed_by_hand, says(COMMANDS, ("link-1", LINK))),
    ),
    Stage("a sweep finds a sale", partial(world.told, sales=("ebay:l3",))),
    Stage(
        "a sweep finds what was edited there",
        lambda servers: (
            world.listing(servers, "chair").get("seen", {}).get("observed") == "inactive"
            and world.at_rest(servers)
        ),
        world.edited,
    ),
    Stage(
        "an order cannot be read at first",
        partial(world.told, sales=("ebay:l6",)),
        world.together(
            world.unreadable, world.delivered("w6", OrderToRead("o6"), OrderToRead("o7"))
        ),
    ),
    Stage(
        "everything is said again",
        partial(world.because, cause="r1", kind="resync.completed"),
        says(COMMANDS, ("r1", RESYNC)),
    ),
)
REFUSED = (
    Stage("what it asks for is known", partial(world.announced, version="0")),
    Stage("more is asked for", partial(world.announced, version="1"), world.requires(world.PERIOD)),
    Stage(
        "what is missing is said before any call",
        partial(world.reached, vase=1),
        world.wants(world.want("activate", 1, "vase")),
    ),
    Stage("less is asked for", partial(world.announced, version="0"), world.requires()),
    Stage(
        "what failed three times alike is blocked",
        partial(blocked, "desk"),
        world.together(
            world.failing("activate", *["invalid"] * 9),
            world.wants(world.want("activate", 1, "desk")),
        ),
    ),
    Stage("it is tried again", partial(world.reached, desk=1), retried),
    Stage(
        "another is blocked",
        partial(blocked, "table"),
        world.together(
            world.failing("activate", *["invalid"] * 9),
            world.wants(world.want("activate", 1, "table")),
        ),
    ),
    Stage(
        "another requirement may be what it needs",
        lambda servers: not blocked("table", servers) and world.at_rest(servers),
        world.requires(world.PERIOD),
    ),
)
KEPT_OUT = (
    ON_SALE,
    Stage("a sweep is refused", partial(world.is_, "unauthorized"), world.refuses("order_changes")),
    Stage("that is over", partial(world.is_, "up"), world.refuses()),
    Stage("a poll is refused", partial(world.is_, "unauthorized"), world.refuses("requirements")),
    Stage("that is over, too", partial(world.is_, "up"), world.refuses()),
    Stage(
        "a call is refused, and so is the probe",
        partial(world.probed, "unauthorized"),
        world.together(
            world.refuses("listing_changes", "deactivate"),
            world.wants(world.want("deactivate", 2, "chair")),
        ),
    ),
    Stage("access is back", partial(world.reached, chair=2), world.refuses()),
    Stage(
        "the marketplace is not to be reached",
        partial(world.reached, mirror=1),
        world.together(world.unreachable, world.wants(world.want("activate", 1, "mirror"))),
    ),
    Stage("it is paused", partial(world.is_, "paused"), says(COMMANDS, ("pause", PAUSE))),
    Stage(
        "it is resumed",
        partial(world.reached, mirror=2),
        world.together(
            world.wants(world.want("deactivate", 2, "mirror")), says(COMMANDS, ("resume", RESUME))
        ),
    ),
)


def state(servers: Servers) -> object:
    """Each listing's target and what is seen of it; what the marketplace shows."""
    known = {
        id_: (one["intent"], one["open"], one["seen"]["observed"], one["trouble"]["blocked"])
        for id_, one in states(servers, world.LISTINGS).items()
        if one is not None
    }
    shown = sorted((one.sku, one.title, one.state) for one in servers.market.listings.values())
    return known, shown


def wrong(servers: Servers) -> list[str]:
    """Everything at rest; one id for each thing said; no listing twice."""
    found = unrest(servers, world.GROUP, world.TOPICS)
    found += differing_ids(servers, MARKETPLACE_EVENTS)
    skus = [one.sku for one in servers.market.listings.values()]
    found += [f"{sku} is listed twice" for sku in {s for s in skus if skus.count(s) > 1}]
    return found


SCENARIOS = tuple(
    Scenario(
        name, WorkerProcess, stages, wrong, state, world.leased if stages is LISTED else Servers
    )
    for name, stages in {
        "listed": LISTED,
        "sold there": SOLD_THERE,
        "refused": REFUSED,
        "kept out": KEPT_OUT,
    }.items()
)
