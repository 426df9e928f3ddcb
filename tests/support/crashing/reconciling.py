"""Listings put on sale, changed, held, sold, swept, refused, blocked: the worker's side."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from brocante.contracts.listings import RequirementsChanged
from brocante.contracts.message import Message
from brocante.contracts.topics import MARKETPLACE_EVENTS, SALES_COMMANDS
from brocante.contracts.values import Requirement
from marketplace_sync.marketplaces.contract import (
    CancellationSeen,
    Notice,
    SaleSeen,
)
from tests.support.crashing.market_side import COMMANDS, MARKETPLACE, WEBHOOKS
from tests.support.crashing.quick_loop import BEGIN
from tests.support.crashing.servers import Servers
from tests.support.crashing.tables import because_of, said, says, states, unrest
from tests.support.fake_account import target, webhook
from tests.support.fake_adapter import FakeListing

GROUP = f"marketplace-sync-{MARKETPLACE}.1"
TOPICS = (COMMANDS, WEBHOOKS)
LISTINGS = f"{MARKETPLACE}_listings"
PERIOD = Requirement(field="/attributes/period", label="Period", required=True)
Prepare = Callable[[Servers], None]


def want(operation: str, intent: int, item: str = "lamp", **about: Any) -> tuple[str, Message]:
    """A target as inventory would say it, under an id of its own."""
    command = target(operation, intent, item, title=f"{item}, {intent}", **about)
    return f"{item}-{intent}", command


def wants(*targets: tuple[str, Message]) -> Prepare:
    """Inventory says these targets."""
    return says(COMMANDS, *targets)


def delivered(webhook_id: str, *notices: Notice) -> Prepare:
    """The gateway says this delivery; the marketplace's adapter can read it."""

    def prepare(servers: Servers) -> None:
        body = webhook_id.encode()
        servers.market.webhooks[body] = notices
        says(WEBHOOKS, (webhook_id, webhook(webhook_id, BEGIN)))(servers)

    return prepare


def together(*preparations: Prepare) -> Prepare:
    """One after the other, at once."""

    def prepare(servers: Servers) -> None:
        for one in preparations:
            one(servers)

    return prepare


def failing(operation: str, *faults: Any) -> Prepare:
    """The next calls go wrong like this, and those of other operations go well again."""

    def prepare(servers: Servers) -> None:
        servers.market.faults.clear()
        servers.market.fail(operation, *faults)

    return prepare


def unreachable(servers: Servers) -> None:
    """No call is answered for a while: the breaker opens."""
    servers.market.outage = 8


def listing(servers: Servers, item: str) -> dict[str, Any]:
    """A listing's document."""
    found: dict[str, Any] = states(servers, LISTINGS).get(f"main/{item}") or {}
    return found


def at_rest(servers: Servers) -> bool:
    """Everything is committed and sent."""
    return not unrest(servers, GROUP, TOPICS)


def reached(servers: Servers, **intents: int) -> bool:
    """These targets have their outcome, and everything is at rest."""
    known = {item: listing(servers, item) for item in intents}
    return at_rest(servers) and all(
        one and one["intent"] >= intents[item] and not one["open"] for item, one in known.items()
    )


def told(servers: Servers, sales: tuple[str, ...]) -> bool:
    """These sales were said to the service that keeps them."""
    said_ = {m.message.subject for m in said(servers, SALES_COMMANDS)}
    return at_rest(servers) and set(sales) <= said_


def because(servers: Servers, cause: str, kind: str) -> bool:
    """Something of this type was said because of a message."""
    types = [m.TYPE for m in because_of(servers, MARKETPLACE_EVENTS, cause)]
    return kind in types and at_rest(servers)


def sale(number: int, external_id: str | None, sku: str | None = None) -> SaleSeen:
    """A sale there."""
    return SaleSeen(f"ebay:l{number}", f"o{number}", external_id, sku, 1, None, BEGIN)


def listed_by_hand(servers: Servers) -> None:
    """The dealer put something on sale there without us."""
    servers.market.listings["x99"] = FakeListing("x99", "old", "Old chair", 1, "active")


def edited(servers: Servers) -> None:
    """Someone there took the chair off sale."""
    for one in servers.market.listings.values():
        if one.sku == "chair":
            one.state = "inactive"


def overtaken(servers: Servers) -> None:
    """While the next call is under way, another replica's intake writes the document."""

    async def during(operation: str) -> None:
        if operation != "update":
            return
        servers.market.during = None
        stored = servers.database.stored[LISTINGS]["main/lamp"]
        stored |= {"version": stored["version"] + 1, "write": b"another"}

    servers.market.during = during


def requires(*fields: Requirement) -> Prepare:
    """What the marketplace asks for from now on."""
    return lambda servers: setattr(servers.market, "required", fields)


def announced(servers: Servers, version: str) -> bool:
    """What the marketplace asks for was said last in this version."""
    asked = [m.message for m in said(servers, MARKETPLACE_EVENTS)]
    versions = [m.version for m in asked if isinstance(m, RequirementsChanged)]
    return versions[-1:] == [version]


def refuses(*operations: str) -> Prepare:
    """The marketplace refuses access to these from now on, and to nothing else."""
    return lambda servers: setattr(servers.market, "refused", set(operations))


def due_for_nothing(servers: Servers) -> None:
    """A listing is due although there is nothing to do, as after a write of an older version."""
    stored = servers.database.stored[LISTINGS]["main/chair"]
    state = json.loads(stored["state"]) | {"due_at": BEGIN.isoformat()}
    stored |= {"state": json.dumps(state), "due_at": BEGIN, "version": stored["version"] + 1}
    said_last = servers.broker.read(MARKETPLACE_EVENTS)[-1]
    headers = [list(pair) for pair in said_last.headers]
    # The replica that wrote it died before it published.
    unsent = [said_last.topic, said_last.key, said_last.value, headers]
    stored |= {"unsent": [unsent], "unsent_since": BEGIN}


def leased() -> Servers:
    """Another replica, which died, had the account: its lease lasts a little longer."""
    servers = Servers()
    until = BEGIN + timedelta(seconds=1)
    lease = {"_id": "main/shop", "owner": "another", "until": until}
    servers.database.stored[f"{MARKETPLACE}_leases"] = {"main/shop": lease}
    return servers


def ordered(servers: Servers) -> None:
    """Orders that only a sweep, or a look at them, tells of."""
    servers.market.orders["o1"] = (sale(1, None, "lamp"),)
    servers.market.nonsense = 1
    servers.market.orders["o5"] = (CancellationSeen("ebay:l5", "o5", "unpaid", BEGIN),)
    servers.market.changed_orders += [sale(3, None, "lamp"), sale(4, "x98")]


def unreadable(servers: Servers) -> None:
    """An order cannot be looked at yet."""
    servers.market.orders["o6"] = (sale(6, None, "lamp"),)
    servers.market.unread = 1


def is_(status: str, servers: Servers) -> bool:
    """The account's status, once that is said."""
    known = states(servers, f"{MARKETPLACE}_accounts").get("main/account") or {}
    return known.get("status", "up") == status and at_rest(servers)


def probed(status: str, servers: Servers) -> bool:
    """The status is still that after a probe."""
    if not is_(status, servers):
        return False
    since = servers.notes.setdefault("since", servers.clock.seconds)
    return bool(servers.clock.seconds > since + 3)
