"""Sales recorded, canceled, merged and split, asked twice, and said again after a resync."""

from brocante.contracts.answers import ResyncCompleted, ResyncRequested
from brocante.contracts.sales import SaleCancel, SaleMerge, SaleRecord, SaleSplit
from brocante.contracts.topics import SALES_COMMANDS, SALES_EVENTS
from brocante.messaging.epoch import Epoch, _stored
from brocante.messaging.wire import Wire
from brocante.settings import Settings
from sales.handlers import TABLE
from tests.support import toy
from tests.support.crashing.servers import Servers
from tests.support.crashing.tables import (
    TableProcess,
    because_of,
    differing_ids,
    origins,
    said,
    says,
    states,
    unrest,
)
from tests.support.crashing.trial import Scenario, Stage

GROUP = "sales.1"


def record(number: int) -> SaleRecord:
    """A sale of the lamp on one of two marketplaces."""
    return SaleRecord(
        sale_id=f"s{number}", item_id="lamp", marketplace="ebay", sold_at=toy.NOW, note=str(number)
    )


FIRST = (("c1", record(1)), ("c2", record(2)), ("c0", record(3)), ("c1", record(1)))
THEN = (
    ("c3", SaleCancel(sale_id="s1", reason="unpaid")),
    ("c4", SaleCancel(sale_id="s1")),
    ("c5", SaleMerge(sale_id="s2", into="s3")),
    ("c6", SaleSplit(sale_id="s2")),
    ("c7", SaleCancel(sale_id="s9")),
)
AGAIN = (("r1", ResyncRequested(resync_id="r1", epoch=1, since=toy.NOW)),)
COMMANDS = [*(id_ for id_, _ in (*FIRST, *THEN)), "c8", "c9"]
GARBAGE = 30


def answered(servers: Servers, *ids: str) -> bool:
    """Each of these was answered."""
    return all(because_of(servers, SALES_EVENTS, id_) for id_ in ids)


def at_rest(servers: Servers) -> bool:
    """Everything is committed."""
    return not unrest(servers, GROUP, TABLE.topics)


def resynced(servers: Servers) -> bool:
    """The resync was answered, and that is remembered."""
    completed = because_of(servers, SALES_EVENTS, "r1")
    return any(isinstance(m, ResyncCompleted) for m in completed) and at_rest(servers)


def wrong(servers: Servers) -> list[str]:
    """Every command applied once and answered under one id; garbage kept."""
    found = unrest(servers, GROUP, TABLE.topics) + differing_ids(servers, SALES_EVENTS)
    found += [f"{c} was not answered" for c in COMMANDS if not answered(servers, c)]
    versions: dict[str, list[int]] = {}
    for one in said(servers, SALES_EVENTS):
        version = getattr(one.message, "sale_version", None)
        if version is not None:
            versions.setdefault(str(one.message.subject), []).append(version)
    found += [
        f"{sale} has versions {seen}"
        for sale, seen in versions.items()
        if set(seen) != set(range(1, max(seen) + 1))
    ]
    return found if origins(servers) == GARBAGE else [*found, "not every garbage is kept"]


def garbage(servers: Servers) -> None:
    """Too many in a row, and a command behind them."""
    for _ in range(GARBAGE):
        servers.broker.publish(Wire(SALES_COMMANDS, b"main/s5", b"garbage", ()))
    says(SALES_COMMANDS, ("c8", record(5)))(servers)


def braked(servers: Servers) -> bool:
    """The partition is paused; a process that died meanwhile counts anew and reads on."""
    return bool(servers.database.stored["brakes"]) or at_rest(servers)


def released(servers: Servers) -> bool:
    """An operator looks whenever the partition is paused; in the end everything is read."""
    servers.database.stored["brakes"].clear()
    return at_rest(servers)


def overtaken(servers: Servers) -> None:
    """Another replica has just written the document that a command is about to change."""
    stored = servers.database.stored["sales"]["main/s2"]
    stored |= {"version": stored["version"] + 1, "write": b"another"}
    says(SALES_COMMANDS, ("c9", SaleCancel(sale_id="s2")))(servers)


def earlier() -> Servers:
    """The broker was seen before it had these topics; it refuses a commit."""
    epoch = Epoch(1, 1, 1, "memory", {}, {}, {})
    servers = Servers()
    servers.broker.refusing = 1
    servers.database.stored["broker"] = {"broker": dict(_stored(epoch))}
    return servers


SCENARIO = Scenario(
    "sales",
    lambda _servers: TableProcess(TABLE, Settings(batch_size=10)),
    (
        Stage("the sales are recorded", at_rest, says(SALES_COMMANDS, *FIRST)),
        Stage("they are canceled and merged", at_rest, says(SALES_COMMANDS, *THEN)),
        Stage("another replica was quicker", at_rest, overtaken),
        Stage("garbage stops a partition", braked, garbage),
        Stage("the partition is read again", released),
        Stage("everything is said again", resynced, says(SALES_COMMANDS, *AGAIN)),
    ),
    wrong,
    lambda servers: states(servers, "sales"),
    earlier,
)
