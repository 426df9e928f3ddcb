"""Puts together the loop of one account from what its worker has."""

from dataclasses import dataclass
from datetime import UTC, datetime

from brocante.contracts import sources
from brocante.contracts.envelope import Envelope
from brocante.contracts.listings import RequirementsChanged
from brocante.documents.driver import Database
from brocante.documents.store import DocumentStore
from brocante.marketplaces import AccountEntry
from brocante.messaging.outputs import Speaker
from brocante.messaging.progress import Progress
from brocante.messaging.publisher import Publisher
from brocante.messaging.unsent import UnsentOutputs
from marketplace_sync.documents import Kinds
from marketplace_sync.marketplaces.contract import Adapter
from marketplace_sync.matching import Matcher
from marketplace_sync.reconcile.account_status import AccountStatus
from marketplace_sync.reconcile.comparing import Comparison
from marketplace_sync.reconcile.delivered import Deliveries
from marketplace_sync.reconcile.gate import CallGate
from marketplace_sync.reconcile.lease import Lease
from marketplace_sync.reconcile.loop import AccountLoop
from marketplace_sync.reconcile.requirements import Announce, Requirements
from marketplace_sync.reconcile.rescheduling import Rescheduling
from marketplace_sync.reconcile.skus import Skus
from marketplace_sync.reconcile.sweeping import Sweep
from marketplace_sync.reconcile.working import Workshop
from marketplace_sync.settings import WorkerSettings


@dataclass(frozen=True, slots=True)
class Assembly:
    """What every loop of one marketplace's worker shares."""

    marketplace: str
    kinds: Kinds
    settings: WorkerSettings
    database: Database
    publisher: Publisher
    progress: Progress
    stores: dict[str, DocumentStore]
    speaker: Speaker
    matcher: Matcher

    def loop(
        self, entry: AccountEntry, adapter: Adapter, gate: CallGate | None = None
    ) -> AccountLoop:
        """The loop of one account; `gate` is what its adapter's calls pass through."""
        workshop, deliveries = self._workshop(entry, adapter), self._deliveries(entry, adapter)
        workshop.gate = gate
        return AccountLoop(
            workshop,
            self._sweep(entry, adapter, deliveries),
            deliveries,
            self._status(entry),
            Rescheduling(
                self.marketplace,
                entry.dealer,
                self.kinds,
                workshop.store,
                workshop.unsent,
                self.speaker,
            ),
            self.progress,
            self.settings.sweep_seconds,
            self.settings.requirements_poll_seconds,
            self.settings.calls_at_once,
            gate.recall if gate is not None else None,
        )

    def _status(self, entry: AccountEntry) -> AccountStatus:
        accounts = self.stores[self.kinds.accounts.collection]
        return AccountStatus(
            self.marketplace,
            entry.dealer,
            self.kinds,
            accounts,
            UnsentOutputs(accounts, self.publisher),
            self.speaker,
        )

    def _workshop(self, entry: AccountEntry, adapter: Adapter) -> Workshop:
        listings = self.stores[self.kinds.listings.collection]
        state = self.database.collection(f"{self.marketplace}_state")
        leases = self.database.collection(f"{self.marketplace}_leases")
        return Workshop(
            self.marketplace,
            adapter,
            self.kinds,
            listings,
            UnsentOutputs(listings, self.publisher),
            self.speaker,
            Requirements(
                self.marketplace,
                entry.dealer,
                adapter,
                state,
                self._announcer(entry.dealer),
                self.settings.requirements_poll_seconds,
            ),
            Lease(
                leases,
                f"{entry.dealer}/{entry.account}",
                call_seconds=self.settings.call_seconds,
            ),
            Skus(listings, entry.dealer),
            self.settings.call_seconds,
            entry.dealer,
        )

    def _announcer(self, dealer: str) -> Announce:
        async def announce(event: RequirementsChanged, id_: str) -> None:
            envelope = Envelope(
                id=id_,
                source=sources.worker(self.marketplace),
                type=event.TYPE,
                time=datetime.now(UTC),
                subject=self.marketplace,
                dealer=dealer,
            )
            await self.publisher.send(envelope, event)

        return announce

    def _sweep(self, entry: AccountEntry, adapter: Adapter, deliveries: Deliveries) -> Sweep:
        listings = self.stores[self.kinds.listings.collection]
        return Sweep(
            self.marketplace,
            entry.dealer,
            adapter,
            self.database.collection(f"{self.marketplace}_state"),
            self.matcher,
            self.publisher,
            self.speaker,
            deliveries,
            Comparison(entry.dealer, self.kinds, listings, self.speaker),
        )

    def _deliveries(self, entry: AccountEntry, adapter: Adapter) -> Deliveries:
        webhooks = self.stores[self.kinds.deliveries.collection]
        return Deliveries(
            self.marketplace,
            entry.dealer,
            adapter,
            self.kinds,
            webhooks,
            self.stores[self.kinds.listings.collection],
            UnsentOutputs(webhooks, self.publisher),
            self.speaker,
            self.matcher,
        )
