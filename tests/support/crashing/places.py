"""Where crash points are, and which awaits are none, each with its reason."""

import importlib
import pkgutil
from fnmatch import fnmatchcase

WATCHED = (
    "brocante.documents.store",
    "brocante.messaging",
    "gateway.http",
    "gateway.records",
    "gateway.service",
    "gateway.watching",
    "inventory.claiming",
    "inventory.looking_up",
    "marketplace_sync.matching",
    "marketplace_sync.reconcile",
    "marketplace_sync.worker",
    "sales.looking_up",
)
"""Modules and packages: a new module of a package is watched by itself."""

LEFT_OUT = {
    "brocante.client": "an app's side: what it repeats is the app's affair",
    "brocante.documents.driver": "each call is one call of the driver: its callers have the points",
    "brocante.messaging.cluster": "questions to the broker, repeated by who asks",
    "brocante.messaging.carrying": "asks the broker once, and only after a topic was wiped",
    "brocante.messaging.flow": "only looks",
    "brocante.messaging.health": "answers probes; keeps nothing",
    "brocante.messaging.table_process": "the frame of a process: serving.serve",
    "brocante.messaging.tail": "only listens",
    "brocante.testing": "stands in for back ends",
    "gateway.assembling": "makes collections, before anything is accepted",
    "gateway.console": "pages",
    "gateway.http.app": "puts answers into words",
    "gateway.http.bodies": "reads a request before anything is accepted",
    "gateway.http.commands": "only reads",
    "gateway.http.context": "finds who asks, before anything is accepted",
    "gateway.http.events": "only reads",
    "gateway.http.history": "only reads",
    "gateway.http.marketplaces": "reads, and hands commands to sending.send",
    "gateway.http.requiring": "only reads",
    "gateway.http.resting": "only waits and reads",
    "gateway.http.pictures": "a picture is one write, given again by who gave it",
    "gateway.pictures": "fetched again when it did not work",
    "gateway.records.access": "tokens and sessions: one write each, nothing follows from it",
    "gateway.records.flow": "only looks",
    "gateway.records.pictures": "one write each, fetched or given again",
    "gateway.records.passwords": "as tokens: one write each, nothing follows from it",
    "gateway.verification": "signing keys: fetched, cached, fetched again",
    "marketplace_sync.marketplaces": "an adapter's calls: the points are around the adapter",
    "marketplace_sync.service": "the frame of a process: serving.serve",
    "sandbox": "plays the marketplaces",
}
"""Modules and packages with awaits that have no points."""

EXEMPT = {
    "*:asyncio.sleep#*": "waits",
    "*:asyncio.sleep(*": "waits",
    "*:wait#*": "waits",
    "*.wait#*": "waits for an event",
    "*:asyncio.wait_for(event.wait)#*": "waits for an event",
    "*:asyncio.wait_for(now.wait)#*": "waits for an event",
    "*:asyncio.wait_for(stopping.wait)#*": "waits for an event",
    "*:asyncio.timeout#*": "a time limit",
    "*:busy#*": "a lock",
    "*:turn#*": "a lock",
    "brocante.messaging.serving.serve:*": "the frame of a process: starts parts, waits, stops them",
    "brocante.messaging.serving._start:*": "as above",
    "brocante.messaging.serving._run:*": "as above",
    "brocante.messaging.serving._first:*": "as above",
    "brocante.messaging.serving._health.*": "answers probes; keeps nothing",
    "gateway.service.bootstrap:*": "run once by an operator, who sees it fail",
    "gateway.service.Process.run:*": "the frame of a process",
    "gateway.http.items.*": "reads, and hands commands to sending.send",
    "brocante.messaging.brake.all_pulled:*": "only reads",
    "gateway.http.bulk.foreseen:*": "only reads",
    "gateway.http.bulk.item_ids_of:gateway.views.items#*": "only reads",
    "gateway.http.bulk.read_bulk:*": "only reads",
    "gateway.http.bulk.start_bulk:foreseen#*": "only reads",
    "gateway.http.sending._item_of_sale:*": "only reads",
    "gateway.http.sales.*": "reads, and hands commands to sending.send",
    "gateway.http.webhooks._verify:*": "finds a key, before anything is accepted",
    "gateway.records.history.History.since:*": "only reads",
    "gateway.records.marketplaces.Marketplaces.requirements:*": "only reads",
    "gateway.records.marketplaces.Marketplaces.status:*": "only reads",
    "gateway.records.views.Views.sales_named:*": "only reads",
    "brocante.messaging.publisher.Publisher.start:producer.stop#*": "after its start failed",
    "*:asyncio.gather#*": "waits for tasks, whose own awaits have points",
}
"""Awaits, as patterns of names, that are no points."""


SPARED = {
    "brocante.messaging.consumer.Consumer._poll:consumer.getmany#1 after": "polled, handed over",
    **{
        f"brocante.messaging.consumer.Consumer.{at}": "what can fail is tried inside"
        for at in (
            "_consume:trying.until_done#1 before",
            "_consume:trying.until_done#1 after",
            "_consume:done#1 before",
            "_consume:done#1 after",
            "_finish:trying.until_done#1 before",
            "_finish:trying.until_done#1 after",
        )
    },
    "brocante.messaging.consumer._Rebalance.on_partitions_assigned:until_there#1 before": "begins",
    "marketplace_sync.worker.Worker.start:intake.start#1 after": "makes tasks",
    "marketplace_sync.worker.Worker.start:loop.start#1 before": "as above",
    "marketplace_sync.worker.Worker.start:loop.start#1 after": "as above",
}
"""Points where nothing of ours runs that could raise: only cancellation and death strike there."""


UNREACHED = {
    "brocante.messaging.epoch.Epochs.raise_for_resync:insert#1 before": "a service has one",
    "brocante.messaging.epoch.Epochs.raise_for_resync:insert#1 after": "as above",
    **{
        f"brocante.messaging.consumer._Rebalance.on_partitions_revoked:{at}": "one member: the"
        " rebalance storm takes partitions away"
        for at in ("consumer.commits.settle#1 before", "consumer.commits.settle#1 after")
    },
    "inventory.claiming.claim:tried#2 before": "another replica claims in the very same moment",
    "inventory.claiming.claim:tried#2 after": "as above",
    **{
        f"inventory.{at}": "another item claimed it; only reads, before any write"
        for at in (
            "claiming._tried:deleted#1 before",
            "claiming._tried:deleted#1 after",
            "looking_up._deleted:store.load#1 before",
            "looking_up._deleted:store.load#1 after",
        )
    },
    "gateway.service.Process._work:until_changed#1 after": "the broker is another one: exit 75",
    "gateway.service.Process._until_changed:watch_broker#1 after": "as above",
}
"""Points that no scenario reaches."""


def modules() -> list[str]:
    """The modules with points."""
    found: list[str] = []
    for name in WATCHED:
        loaded = importlib.import_module(name)
        paths = getattr(loaded, "__path__", None)
        inside = [f"{name}.{one.name}" for one in pkgutil.iter_modules(paths)] if paths else [name]
        found += [one for one in inside if one not in LEFT_OUT]
    return found


def matters(name: str) -> bool:
    """Whether an await has points."""
    return not any(fnmatchcase(name, pattern) for pattern in EXEMPT)


MODULES = modules()
