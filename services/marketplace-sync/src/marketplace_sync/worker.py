"""The worker of one marketplace: its intake, and a reconcile loop per account."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import httpx2

from brocante.marketplaces import AccountEntry, MarketplaceEntry
from brocante.messaging.processor import Written
from brocante.messaging.running import RunningService
from brocante.messaging.serving import Runtime
from brocante.messaging.wire import Received
from marketplace_sync.documents import Kinds, kinds
from marketplace_sync.handlers import reaching_back, table
from marketplace_sync.marketplaces.contract import Account, Adapter
from marketplace_sync.marketplaces.registry import build
from marketplace_sync.matching import Matcher
from marketplace_sync.reconcile import measuring
from marketplace_sync.reconcile.assembling import Assembly
from marketplace_sync.reconcile.budget import Budget
from marketplace_sync.reconcile.gate import CallGate
from marketplace_sync.reconcile.loop import AccountLoop
from marketplace_sync.settings import WorkerSettings

CONNECTIONS = httpx2.Limits(max_connections=50, max_keepalive_connections=20)


class Worker:
    """Runs intake and loops; any number of replicas, of which one owns each account."""

    def __init__(
        self, marketplace: str, entry: MarketplaceEntry, settings: WorkerSettings, runtime: Runtime
    ) -> None:
        self._marketplace = marketplace
        self._entry = entry
        self._settings = settings
        self._runtime = runtime
        self._loops: list[AccountLoop] = []
        self._http = httpx2.AsyncClient(limits=CONNECTIONS, trust_env=False)
        self._gates: dict[str, CallGate] = {}
        adapters = {account.dealer: self._adapter(account) for account in entry.accounts}
        own: Kinds = kinds(marketplace)
        self.intake = RunningService(
            reaching_back(table(marketplace, own, self._resolve, frozenset(adapters)), own),
            settings,
            runtime.database,
            runtime.epoch,
            runtime.publisher,
            runtime.progress,
            after_batch=self._go_on,
        )
        measuring.watch(marketplace, self._gates.values())
        stores = self.intake.stores
        self._matcher = Matcher(own, stores[own.listings.collection], adapters)
        assembly = Assembly(
            marketplace,
            own,
            settings,
            runtime.database,
            runtime.publisher,
            runtime.progress,
            stores,
            self.intake.speaker,
            self._matcher,
        )
        self._loops = [
            assembly.loop(one, adapters[one.dealer], self._gates[one.dealer])
            for one in entry.accounts
        ]

    async def start(self) -> None:
        """Intake, then the loops."""
        await self._runtime.database.create_collections(
            f"{self._marketplace}_leases", f"{self._marketplace}_state"
        )
        await self.intake.start()
        for loop in self._loops:
            await loop.start()

    async def stop(self) -> None:
        """The loops, then intake."""
        for loop in self._loops:
            await loop.stop()
        await self.intake.stop()
        await self._http.aclose()

    def problems(self) -> dict[str, str]:
        """What keeps this worker from being ready, by name."""
        return self.intake.problems()

    def _go_on(self, written: Written) -> None:
        for loop in self._loops:
            loop.go_on(written)

    async def _resolve(self, _stores: object, batch: Sequence[Received]) -> Mapping[int, Any]:
        return await self._matcher.resolve(batch)

    def _status(self, dealer: str, status: str, detail: str) -> None:
        for loop in self._loops:
            if loop.dealer == dealer:
                loop.status_changed(status, detail)

    def _adapter(self, entry: AccountEntry) -> Adapter:
        account = Account(
            entry.dealer,
            entry.account,
            self._entry.base_url.rstrip("/"),
            {name: secret.get_secret_value() for name, secret in entry.credentials.items()},
            entry.defaults,
        )
        limits = self._entry.limits
        gate = CallGate(self._marketplace, on_change=lambda s, d: self._status(entry.dealer, s, d))
        adapter = build(
            self._entry.adapter,
            account,
            self._http,
            gate=gate,
            observe=gate.observe,
            timeout=self._settings.call_seconds,
        )
        windows = adapter.capabilities.windows
        gate.limit(tuple(replace(w, calls=limits.get(w.name, w.calls)) for w in windows))
        state = self._runtime.database.collection(f"{self._marketplace}_state")
        gate.budget = Budget(state, entry.dealer, entry.account)
        self._gates[entry.dealer] = gate
        return adapter
