"""The loop of one account: holds the lease, works what is due, sweeps, polls requirements."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import structlog

from brocante.contracts.listings import MarketplaceStatusChanged
from brocante.documents.store import DocumentStore
from brocante.messaging.deciding import Outgoing
from brocante.messaging.progress import Progress
from brocante.messaging.unsent import UnsentOutputs, recorded
from marketplace_sync.documents import BLOCKED, DUE, OFF_DUE
from marketplace_sync.domain import intake
from marketplace_sync.domain.account import AccountState, Status
from marketplace_sync.marketplaces.contract import Unauthorized
from marketplace_sync.reconcile.delivered import Deliveries
from marketplace_sync.reconcile.sweeping import Sweep
from marketplace_sync.reconcile.working import Workshop

log = structlog.get_logger()
LOOK_SECONDS = 0.25
AFTER_ERROR_SECONDS = 1.0
PROBE = timedelta(seconds=30)
MOST_DUE = 100


@dataclass(slots=True)
class AccountLoop:
    """Everything about one (dealer, marketplace) account, owned by one replica at a time."""

    account_id: str
    workshop: Workshop
    sweeper: Sweep
    deliveries: Deliveries
    accounts: DocumentStore
    unsent_accounts: UnsentOutputs
    progress: Progress
    sweep_seconds: float
    poll_seconds: float
    concurrency: int = 8
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    _busy: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _stopping: bool = False

    async def start(self) -> None:
        """Begin."""
        self._tasks = [
            asyncio.create_task(self._forever(self._look, LOOK_SECONDS)),
            asyncio.create_task(self._forever(self._sweep, self.sweep_seconds)),
            asyncio.create_task(self._forever(self._poll, self.poll_seconds)),
        ]

    async def stop(self) -> None:
        """Finish the calls under way, then give the lease to whoever comes next."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*self._busy.values(), return_exceptions=True)
        with suppress(Exception):
            await self.workshop.lease.release()

    def status_changed(self, status: str, detail: str) -> None:
        """The breaker opened or closed: said, and waiting work is due at once when it closed."""
        task = asyncio.ensure_future(self._say_status(status, detail))
        self._busy[f"status/{status}"] = task
        task.add_done_callback(lambda _: self._busy.pop(f"status/{status}", None))

    async def _look(self) -> None:
        lease = self.workshop.lease
        if not await lease.hold():
            return
        state = await self._state()
        now = datetime.now(UTC)
        held = state.status == "unauthorized" and (state.probe_at or now) > now
        if state.paused or held:
            return
        await self.deliveries.work()
        for due_field in (OFF_DUE, DUE):
            await self._begin(due_field, now)
        self.progress.note()

    async def _begin(self, due_field: str, now: datetime) -> None:
        """Start work on what is due; off sale first, and a fifth of the places is its own."""
        reserve = 0 if due_field == OFF_DUE else max(1, self.concurrency // 5)
        free = self.concurrency - reserve - len(self._busy)
        if free <= 0:
            return
        dealer = self.account_id.split("/", 1)[0]
        for document in await self.workshop.store.find_due(due_field, now, MOST_DUE):
            own = document.id.startswith(f"{dealer}/")
            if not own or document.id in self._busy:
                continue
            if free <= 0:
                # There is more to do: look again as soon as one is finished.
                return
            free -= 1
            self._busy[document.id] = asyncio.create_task(self._work(document.id))

    async def _work(self, document_id: str) -> None:
        try:
            outcome = await self.workshop.work(document_id)
            if isinstance(outcome, Unauthorized):
                await self._say_status("unauthorized", outcome.detail)
            elif (await self._state()).status == "unauthorized":
                await self._say_status("up", "")
            await self._replay_linked(document_id)
        except Exception:
            log.exception("work_failed", document=document_id)
            await asyncio.sleep(AFTER_ERROR_SECONDS)
        finally:
            self._busy.pop(document_id, None)
            self.wake.set()

    async def _replay_linked(self, document_id: str) -> None:
        document = (await self.workshop.store.load([document_id]))[document_id]
        if document.state is None:
            return
        listing = self.workshop.kinds.listings.state.validate_json(document.state)
        if listing.link is not None and listing.link.external_id is not None:
            names = [listing.link.external_id, listing.link.external_sku]
            await self.deliveries.linked(name for name in names if name)

    async def _sweep(self) -> None:
        if self.workshop.lease.outlasts(0) and not (await self._state()).paused:
            await self.sweeper.sweep()

    async def _poll(self) -> None:
        if not self.workshop.lease.outlasts(0):
            return
        if await self.workshop.requirements.poll():
            await self._unblock()

    async def _unblock(self) -> None:
        """Requirements changed: what was blocked may be tried again (rule 7)."""
        store, kind = self.workshop.store, self.workshop.kinds.listings
        now = datetime.now(UTC)
        freed = []
        for document in await store.find_due(BLOCKED, now):
            if document.state is not None:
                listing = intake.retry(kind.state.validate_json(document.state), None, now)
                freed.append(recorded(document, kind, listing, [], self.workshop.speaker, now))
        await store.save(freed)

    async def _state(self) -> AccountState:
        document = (await self.accounts.load([self.account_id]))[self.account_id]
        if document.state is None:
            return AccountState()
        return self.workshop.kinds.accounts.state.validate_json(document.state)

    async def _say_status(self, status: str, detail: str) -> None:
        kind = self.workshop.kinds.accounts
        document = (await self.accounts.load([self.account_id], fresh=True))[self.account_id]
        state = AccountState()
        if document.state is not None:
            state = kind.state.validate_json(document.state)
        now = datetime.now(UTC)
        named: Status = status  # type: ignore[assignment]
        probe = now + PROBE if status == "unauthorized" else None
        changed = replace(state, status=named, since=now, detail=detail, probe_at=probe)
        says = [self._status_event(changed)] if state.status != status else []
        speaker = self.workshop.speaker
        following = recorded(document, kind, changed, says, speaker, now)
        if not await self.accounts.save([following]):
            await self.unsent_accounts.flush([following])

    def _status_event(self, state: AccountState) -> Outgoing:
        return Outgoing(
            MarketplaceStatusChanged(
                marketplace=self.workshop.marketplace,
                status=state.status,
                since=state.since or datetime.now(UTC),
                detail=state.detail[:500],
            )
        )

    async def _forever(self, work: Callable[[], Awaitable[None]], seconds: float) -> None:
        while not self._stopping:
            try:
                await work()
            except Exception as error:  # noqa: BLE001 - tried again; the database may be away
                log.warning("reconcile_failed", work=work.__name__, error=repr(error))
                await asyncio.sleep(AFTER_ERROR_SECONDS)
            await self._pause(work, seconds)

    async def _pause(self, work: Callable[[], Awaitable[None]], seconds: float) -> None:
        if work.__name__ != "_look":
            await asyncio.sleep(seconds)
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(self.wake.wait(), seconds)
        self.wake.clear()
