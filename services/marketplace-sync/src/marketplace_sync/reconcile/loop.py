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
from marketplace_sync.domain import backoff, intake
from marketplace_sync.domain.account import AccountState, Status
from marketplace_sync.marketplaces.contract import Unauthorized
from marketplace_sync.reconcile.delivered import Deliveries
from marketplace_sync.reconcile.sweeping import Sweep
from marketplace_sync.reconcile.working import Workshop

log = structlog.get_logger()
LOOK_SECONDS = 0.25
BREATH_SECONDS = 0.01
AFTER_ERROR_SECONDS = 1.0
PROBE = timedelta(seconds=30)
MOST_DUE = 100
MOST_WAITING = 1000
LONGEST_WAIT = timedelta(seconds=backoff.LONGEST)
WAITED_FOR_IT = frozenset({"circuit_open", "retrying"})


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
    _waiting: list[tuple[str, bool]] = field(default_factory=list)
    _known: AccountState = field(default_factory=AccountState)
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
        task = asyncio.ensure_future(self._status_changed(status, detail))
        self._busy[f"status/{status}"] = task
        task.add_done_callback(lambda _: self._busy.pop(f"status/{status}", None))

    async def _status_changed(self, status: str, detail: str) -> None:
        await self._say_status(status, detail)
        if status == "up":
            await self._hurry()

    async def _hurry(self) -> None:
        """What waited for the marketplace to come back is due now (rule 8)."""
        store, kind = self.workshop.store, self.workshop.kinds.listings
        own = self.account_id.split("/", 1)[0] + "/"
        now = datetime.now(UTC)
        sooner = []
        for due_field in (OFF_DUE, DUE):
            for document in await store.find_due(due_field, now + LONGEST_WAIT, MOST_WAITING):
                if document.state is None or not document.id.startswith(own):
                    continue
                listing = kind.state.validate_json(document.state)
                if listing.trouble.why in WAITED_FOR_IT and listing.trouble.doubt is None:
                    due = listing.due(now)
                    sooner.append(recorded(document, kind, due, [], self.workshop.speaker, now))
        await store.save(sooner)
        self.wake.set()

    async def _look(self) -> None:
        lease = self.workshop.lease
        if not await lease.hold():
            return
        state = self._known = await self._state()
        now = datetime.now(UTC)
        held = state.status == "unauthorized" and (state.probe_at or now) > now
        if state.paused or held:
            return
        await self.deliveries.work()
        # Found anew each time, so that what must go off sale never queues behind other work.
        self._waiting = [*await self._due(OFF_DUE, now), *await self._due(DUE, now)]
        self._fill()
        self.progress.note()

    async def _due(self, due_field: str, now: datetime) -> list[tuple[str, bool]]:
        """The due listings of this account, and whether they go off sale."""
        own = self.account_id.split("/", 1)[0] + "/"
        found = await self.workshop.store.find_due(due_field, now, MOST_DUE)
        return [(one.id, due_field == OFF_DUE) for one in found if one.id.startswith(own)]

    def _fill(self) -> None:
        """Start work while there is room; a fifth of the places is kept for going off sale."""
        reserve = min(max(1, self.concurrency // 5), self.concurrency - 1)
        left: list[tuple[str, bool]] = []
        for document_id, off_sale in self._waiting:
            room = self.concurrency - (0 if off_sale else reserve)
            if document_id in self._busy:
                continue
            if len(self._busy) < room:
                self._busy[document_id] = asyncio.create_task(self._work(document_id))
            else:
                left.append((document_id, off_sale))
        self._waiting = left

    async def _work(self, document_id: str) -> None:
        try:
            outcome = await self.workshop.work(document_id)
            if isinstance(outcome, Unauthorized):
                await self._say_status("unauthorized", outcome.detail)
            elif self._known.status == "unauthorized":
                await self._say_status("up", "")
            if document_id in self.workshop.linked:
                self.workshop.linked.discard(document_id)
                await self._replay_linked(document_id)
        except Exception:
            log.exception("work_failed", document=document_id)
            await asyncio.sleep(AFTER_ERROR_SECONDS)
        finally:
            self._busy.pop(document_id, None)
            if self._waiting:
                self._fill()
            elif not self._stopping:
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
        # Another replica's intake may have paused it.
        document = (await self.accounts.load([self.account_id], fresh=True))[self.account_id]
        if document.state is None:
            return AccountState()
        return self.workshop.kinds.accounts.state.validate_json(document.state)

    async def _say_status(self, status: str, detail: str) -> None:
        kind = self.workshop.kinds.accounts
        document = (await self.accounts.load([self.account_id], fresh=True))[self.account_id]
        state = AccountState()
        if document.state is not None:
            state = kind.state.validate_json(document.state)
        if state.paused and status == "up":
            # Calls stay paused: only the operator who paused them says otherwise.
            return
        now = datetime.now(UTC)
        named: Status = status  # type: ignore[assignment]
        probe = now + PROBE if status == "unauthorized" else None
        changed = replace(state, status=named, since=now, detail=detail, probe_at=probe)
        says = [self._status_event(changed)] if state.status != status else []
        speaker = self.workshop.speaker
        following = recorded(document, kind, changed, says, speaker, now)
        if not await self.accounts.save([following]):
            self._known = changed
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
            await self._rest(work, seconds)

    async def _rest(self, work: Callable[[], Awaitable[None]], seconds: float) -> None:
        if work.__name__ != "_look":
            await asyncio.sleep(seconds)
            return
        await asyncio.sleep(BREATH_SECONDS)
        with suppress(TimeoutError):
            await asyncio.wait_for(self.wake.wait(), seconds)
        self.wake.clear()
