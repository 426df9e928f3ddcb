"""Replicas of a marketplace's worker: intake, and the reconcile loop driven a look at a time."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from brocante.marketplaces import AccountEntry
from brocante.messaging.epoch import Epoch
from brocante.messaging.outputs import Speaker
from brocante.messaging.processor import Written
from brocante.messaging.wire import Received
from marketplace_sync.documents import Kinds, kinds
from marketplace_sync.handlers import reaching_back, table
from marketplace_sync.matching import Matcher
from marketplace_sync.reconcile.assembling import Assembly
from marketplace_sync.settings import WorkerSettings
from tests.model.group import Group
from tests.model.market import Hand, Market
from tests.model.replicas import Died, Process, Replica

SETTINGS = WorkerSettings()
ENTRY = AccountEntry.model_validate({"dealer": "main", "account": "shop"})
KINDS: dict[str, Kinds] = {}


class WorkerReplica(Replica):
    """One replica of one marketplace's worker."""

    def __init__(self, process: Process, market: Market, epoch: Epoch, group: Group) -> None:
        own = KINDS.setdefault(market.slug, kinds(market.slug))
        self._own, self._market = own, market
        made = table(market.slug, own, self._resolve, frozenset({"main"}))
        super().__init__(process, reaching_back(made, own), epoch, group)
        hand = Hand(market, process, self._has_lease, self._wanted)
        stores = self.service.stores
        self._matcher = Matcher(own, stores[own.listings.collection], {"main": market})
        assembly = Assembly(
            market.slug,
            own,
            SETTINGS,
            process.database,
            process.publisher,
            process.progress,
            stores,
            Speaker.of(made, ""),
            self._matcher,
        )
        self.loop = assembly.loop(ENTRY, hand)

    async def look(self) -> None:
        """One look of the loop, and all the work it starts."""
        await self.loop._look()
        await self._until_worked()

    def after_batch(self, written: Written) -> None:
        """The loop goes on with what intake wrote, as in the worker."""
        self.loop.go_on(written)

    async def consume(self, most: int = 500) -> int:
        """A batch, and all the work it starts at once."""
        count = await super().consume(most)
        await self._until_worked()
        return count

    async def _until_worked(self) -> None:
        loop = self.loop
        while under_way := [*loop._busy.values(), *loop._beside.values()]:
            # A task that ended is taken from the list by its own callback, a turn later.
            for result in await asyncio.gather(*under_way, return_exceptions=True):
                if isinstance(result, Died | AssertionError):
                    raise result
            await asyncio.sleep(0)

    async def sweep_orders(self) -> None:
        """One sweep of orders and listings."""
        await self.loop._sweep()

    async def stop(self) -> None:
        """An orderly end: the lease is free."""
        await self.loop.workshop.lease.release()

    async def _resolve(self, _stores: object, batch: Sequence[Received]) -> Mapping[int, Any]:
        return await self._matcher.resolve(batch)

    def _stored(self, collection: str, id_: str) -> Any:
        return self.process.database.stored.get(collection, {}).get(id_)

    def _has_lease(self) -> bool:
        lease = self._stored(f"{self._market.slug}_leases", "main/shop")
        mine = lease is not None and lease["owner"] == self.loop.workshop.lease._owner
        return mine and bool(lease["until"] > datetime.now(UTC))

    def _wanted(self, item_id: str) -> str | None:
        stored = self._stored(self._own.listings.collection, f"main/{item_id}")
        if stored is None:
            return None
        wanted = self._own.listings.state.decode(stored["state"]).wanted
        return wanted.desired if wanted else None
