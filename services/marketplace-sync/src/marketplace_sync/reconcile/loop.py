"""The loop of one account: holds the lease, works what is due, sweeps, polls requirements."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from math import inf
from time import monotonic

import structlog

from brocante.messaging.processor import Written
from brocante.messaging.progress import Progress
from marketplace_sync.documents import DUE, OFF_DUE
from marketplace_sync.marketplaces.contract import Notices, Unauthorized
from marketplace_sync.reconcile.account_status import AccountStatus
from marketplace_sync.reconcile.delivered import Deliveries
from marketplace_sync.reconcile.rescheduling import ENOUGH_DUE, Rescheduling
from marketplace_sync.reconcile.sweeping import Sweep
from marketplace_sync.reconcile.working import Workshop

log = structlog.get_logger()
LOOK_SECONDS = 0.25
LATELY_SECONDS = 1.0
BREATH_SECONDS = 0.01
AFTER_ERROR_SECONDS = 1.0


@dataclass(slots=True)
class AccountLoop:
    """Everything about one (dealer, marketplace) account, owned by one replica at a time."""

    workshop: Workshop
    sweeper: Sweep
    deliveries: Deliveries
    status: AccountStatus
    schedule: Rescheduling
    progress: Progress
    sweep_seconds: float
    poll_seconds: float
    concurrency: int = 8
    take_over: Callable[[], Awaitable[None]] | None = None
    """Done when the account becomes ours, before its first call."""
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    _sweep_now: asyncio.Event = field(default_factory=asyncio.Event)
    _poll_now: asyncio.Event = field(default_factory=asyncio.Event)
    _busy: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _beside: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _waiting: list[tuple[str, bool]] = field(default_factory=list)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _ours: bool = False
    _looked: float = -inf
    _left: bool = False
    _stopping: bool = False

    @property
    def dealer(self) -> str:
        """Whose account it is."""
        return self.workshop.dealer

    async def start(self) -> None:
        """Begin."""
        self._tasks = [
            asyncio.create_task(self._forever(work, seconds, now))
            for work, seconds, now in (
                (self._look, LOOK_SECONDS, self.wake),
                (self._sweep, self.sweep_seconds, self._sweep_now),
                (self._poll, self.poll_seconds, self._poll_now),
            )
        ]

    async def stop(self) -> None:
        """Finish the calls under way, then give the lease to whoever comes next."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        under_way = (*self._busy.values(), *self._beside.values())
        await asyncio.gather(*under_way, return_exceptions=True)
        with suppress(Exception):
            await self.workshop.lease.release()

    def status_changed(self, status: str, detail: str) -> None:
        """The breaker opened or closed: said, and waiting work is due at once when it closed."""
        self._start_beside(f"status/{status}", partial(self._say_status, status, detail))

    async def _say_status(self, status: str, detail: str) -> None:
        await self.status.say(status, detail)
        if status == "up":
            await self.schedule.hurry()
            self.wake.set()

    def go_on(self, written: Written) -> None:
        """Intake has just written these: what must go off sale is begun at once, without a look.

        That is what keeps a sale's way short. Only while a look lately found the account ours and
        open; whatever is not begun here is found by the next look, which comes at once.
        """
        if not self._may_go_on(written):
            self.wake.set()
            return
        kinds = self.workshop.kinds
        deliveries = written.get(kinds.deliveries.collection, ())
        pressing, left = self.schedule.just_due(written.get(kinds.listings.collection, ()))
        for document_id in pressing:
            if document_id in self._busy or len(self._busy) >= self.concurrency:
                left = True
            else:
                work = self._work(document_id, just_written=True)
                self._busy[document_id] = asyncio.create_task(work)
        if deliveries and "deliveries" not in self._beside:
            self._start_beside("deliveries", partial(self.deliveries.work, deliveries))
        elif deliveries:
            left = True
        if left:
            self.wake.set()

    def _may_go_on(self, written: Written) -> bool:
        """Nothing but listings and deliveries was written: a pause would be."""
        kinds = self.workshop.kinds
        plain = written.keys() <= {kinds.listings.collection, kinds.deliveries.collection}
        lately = monotonic() - self._looked < LATELY_SECONDS
        return plain and lately and self._may_call() and not self._stopping

    async def _look(self) -> None:
        if not await self._hold():
            return
        before, state = self.status.known, await self.status.look()
        self._looked = monotonic()
        self._notice_resync()
        now = datetime.now(UTC)
        self.progress.note()
        if state.stopped:
            if state.may_probe(now) and "probe" not in self._beside:
                self._start_beside("probe", self._probe)
            await self.schedule.rest()
            return
        if before.stopped:
            await self.schedule.hurry()
        if "deliveries" not in self._beside:
            self._start_beside("deliveries", self.deliveries.work)
        # Found anew each time, so that what must go off sale never queues behind other work.
        off_sale, other = await self.schedule.due(OFF_DUE, now), await self.schedule.due(DUE, now)
        self._left = max(len(off_sale), len(other)) >= ENOUGH_DUE
        self._waiting = [*((id_, True) for id_ in off_sale), *((id_, False) for id_ in other)]
        self._fill()

    async def _probe(self) -> None:
        """Whether access is still refused; asking for the account's listings takes all of it."""
        answer = await self.workshop.adapter.listing_changes(None)
        if isinstance(answer, Notices):
            await self._say_status("up", "")
        else:
            await self.status.say("unauthorized", self.status.known.detail)

    async def _hold(self) -> bool:
        """Take or renew the lease; a new owner begins with what the others left."""
        if not await self.workshop.lease.hold():
            self._ours = False
            return False
        if not self._ours:
            if self.take_over is not None:
                await self.take_over()
            self._ours = True
            self._sweep_now.set()
            self._poll_now.set()
        return True

    def _notice_resync(self) -> None:
        asked = self.status.resync
        if asked is not None and asked.resync_id != self.sweeper.reached_back_for:
            self._sweep_now.set()

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

    async def _work(self, document_id: str, *, just_written: bool = False) -> None:
        try:
            outcome = await self.workshop.work(document_id, just_written=just_written)
            if isinstance(outcome, Unauthorized):
                self._waiting = []
                await self.status.say("unauthorized", outcome.detail)
            await self.deliveries.linked(self.workshop.newly_linked(document_id))
        except Exception:
            log.exception("work_failed", document=document_id)
            await asyncio.sleep(AFTER_ERROR_SECONDS)
        finally:
            self._busy.pop(document_id, None)
            if self._waiting:
                self._fill()
            elif self._more_is_due(document_id):
                self.wake.set()

    def _more_is_due(self, document_id: str) -> bool:
        """Whether a look would find something now: what the last one left, or this one again."""
        pressing, others = self.schedule.just_due([document_id])
        return self._left or others or bool(pressing)

    async def _sweep(self) -> None:
        if not self._may_call():
            return
        stopped = await self.sweeper.sweep(self.status.resync)
        if isinstance(stopped, Unauthorized):
            await self.status.say("unauthorized", stopped.detail)

    async def _poll(self) -> None:
        if not self._may_call():
            return
        requirements = self.workshop.requirements
        if await requirements.poll():
            await self.schedule.unblock()
            await requirements.acted_on()
            self.wake.set()
        if requirements.refused is not None:
            await self.status.say("unauthorized", requirements.refused.detail)

    def _may_call(self) -> bool:
        ours = self._ours and self.workshop.lease.outlasts(0)
        return ours and not self.status.known.stopped

    def _start_beside(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Run something beside the loop, which must go on renewing the lease meanwhile.

        It is made here, not by the caller: stopped before its turn, there is nothing to await.
        """

        async def guarded() -> None:
            try:
                await work()
            except Exception as error:  # noqa: BLE001 - it is due again; the database may be away
                log.warning("reconcile_failed", work=name, error=repr(error))
                await asyncio.sleep(AFTER_ERROR_SECONDS)

        task = asyncio.ensure_future(guarded())
        self._beside[name] = task
        task.add_done_callback(lambda _: self._beside.pop(name, None))

    async def _forever(
        self, work: Callable[[], Awaitable[None]], seconds: float, now: asyncio.Event
    ) -> None:
        while not self._stopping:
            try:
                await work()
            except Exception as error:  # noqa: BLE001 - tried again; the database may be away
                log.warning("reconcile_failed", work=work.__name__, error=repr(error))
                await asyncio.sleep(AFTER_ERROR_SECONDS)
            await asyncio.sleep(BREATH_SECONDS)
            with suppress(TimeoutError):
                await asyncio.wait_for(now.wait(), seconds)
            now.clear()
