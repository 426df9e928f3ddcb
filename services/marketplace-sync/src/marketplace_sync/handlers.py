"""Intake as a table: targets and deliveries are recorded, nothing is called here."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from msgspec import structs

from brocante.contracts import parties, sources
from brocante.contracts.answers import ResyncRequested
from brocante.contracts.listings import WebhookReceived
from brocante.contracts.marketplace import (
    ListingActivate,
    ListingCheck,
    ListingCommand,
    ListingDeactivate,
    ListingHold,
    ListingLink,
    ListingRetry,
    ListingUpdate,
    MarketplacePause,
    MarketplaceResume,
    TaskComplete,
)
from brocante.contracts.topics import (
    MARKETPLACE_COMMANDS,
    MARKETPLACE_EVENTS,
    MARKETPLACE_WEBHOOKS,
)
from brocante.messaging.deciding import (
    Decide,
    Decision,
    Outgoing,
    Resolver,
    Route,
    Said,
    SayAgain,
    ServiceTable,
    always,
)
from brocante.messaging.wire import Received
from marketplace_sync import outgoing
from marketplace_sync.addressing import account_of, item_of, last_resync, webhook_of
from marketplace_sync.deciding_deliveries import received as webhook_received
from marketplace_sync.documents import Kinds
from marketplace_sync.domain import intake
from marketplace_sync.domain.account import AccountState
from marketplace_sync.domain.listing import Cause, Listing, Operation, Wanted
from marketplace_sync.refusing import of_others, rejected, unknown_listing

OPERATIONS: dict[type[ListingCommand], Operation] = {
    ListingActivate: "activate",
    ListingUpdate: "update",
    ListingHold: "hold",
    ListingDeactivate: "deactivate",
}


def cause_of(received: Received) -> Cause:
    """The command being handled, as the cause of what it leads to later.

    A retry that a retry of many sent to ourselves answers the one who asked for many.
    """
    at = received.envelope
    own = sources.is_worker(at.source) and at.causation_id is not None
    id_ = str(at.causation_id) if own else at.id
    return Cause(id_, at.correlation_id or at.id, at.actor, at.traceparent)


@dataclass(frozen=True, slots=True)
class Intake:
    """The deciders of one marketplace's worker."""

    marketplace: str

    def want(self, state: Listing | None, received: Received, now: datetime) -> Decision[Listing]:
        """`listing.activate`, `listing.update`, `listing.hold`, `listing.deactivate`."""
        command = received.message
        assert isinstance(command, ListingCommand)  # noqa: S101 - the table routes by class
        target = command.target
        wanted = Wanted(
            intent=command.intent,
            operation=OPERATIONS[type(command)],
            desired=target.desired,
            quantity=target.quantity,
            reason=command.reason,
            cause=cause_of(received),
            content=target.content.model_dump(mode="json") if target.content else None,
            until=target.until,
            external_order_id=command.external_order_id,
            sale_id=command.sale_id,
            told_at=received.envelope.time,
            sold_at=command.sold_at,
        )
        taken = intake.want(state, command.item_id, wanted, now)
        says = [outgoing.of_intake(taken.listing, one, self.marketplace) for one in taken.says]
        return Decision(taken.listing, tuple(message for group in says for message in group))

    def link(self, state: Listing | None, received: Received, now: datetime) -> Decision[Listing]:
        """`listing.link`."""
        command = received.message
        assert isinstance(command, ListingLink)  # noqa: S101 - the table routes by class
        cause = cause_of(received)
        return Decision(
            intake.link(state, command.item_id, command.external_id, command.intent, cause, now)
        )

    def check(self, state: Listing | None, received: Received, now: datetime) -> Decision[Listing]:
        """`listing.check`."""
        if state is None or state.link is None:
            return Decision(state, (unknown_listing(received),))
        return Decision(intake.check(state, cause_of(received), "read_back", now))

    def retry(self, state: Any, received: Received, now: datetime) -> Decision[Any]:
        """`listing.retry`, of one listing; of all that failed alike by telling each."""
        command = received.message
        assert isinstance(command, ListingRetry)  # noqa: S101 - the table routes by class
        if command.item_id is None:
            return Decision(state, self._retry_each(received))
        if state is None or state.wanted is None:
            return Decision(state, (unknown_listing(received),))
        return Decision(intake.retry(state, cause_of(received), now))

    def _retry_each(self, received: Received) -> tuple[Outgoing, ...]:
        alike: Sequence[str] = received.resolved or ()
        if not alike:
            text = "No listing waits because of this failure."
            return (rejected(received, "unknown_listing", text),)
        return tuple(
            Outgoing(ListingRetry(marketplace=self.marketplace, item_id=item)) for item in alike
        )

    def pause(
        self, state: AccountState | None, received: Received, now: datetime
    ) -> Decision[AccountState]:
        """`marketplace.pause` and `marketplace.resume`."""
        command = received.message
        assert isinstance(command, MarketplacePause | MarketplaceResume)  # noqa: S101 - the table routes by class
        paused = isinstance(command, MarketplacePause)
        changed = structs.replace(
            state or AccountState(),
            paused=paused,
            status="paused" if paused else "up",
            since=now,
            detail=command.reason,
            probe_at=None,
        )
        return Decision(changed, (outgoing.status(changed, self.marketplace, now),))

    def task(self, state: Any, received: Received, _now: datetime) -> Decision[Any]:
        """`task.complete`: no marketplace here needs people yet."""
        return Decision(state, (rejected(received, "unknown_task", "There is no such task."),))

    def answer(self, state: Listing, _received: Received) -> Sequence[Outgoing]:
        """What came of a target, for a command asked again."""
        return [Outgoing(outgoing.remembered(state.outcome))] if state.outcome else []

    def say(
        self, _document: str, state: Listing, changed: datetime, _since: datetime
    ) -> list[Said]:
        """Each listing's observation and last outcome, refusals included."""
        said = [Said("observed", outgoing.observation(state, self.marketplace, changed))]
        if state.outcome is not None:
            said.append(Said(outgoing.LAST, outgoing.remembered(state.outcome)))
        return said


def table(
    marketplace: str, kinds: Kinds, resolve: Resolver, dealers: Collection[str] | None = None
) -> ServiceTable:
    """The table of one marketplace's worker; `dealers` have an account there (None: everyone)."""
    decide = Intake(marketplace)
    return ServiceTable(
        name=parties.worker(marketplace),
        source=sources.worker(marketplace),
        events_topic=MARKETPLACE_EVENTS,
        topics=(
            MARKETPLACE_COMMANDS.format(marketplace=marketplace),
            MARKETPLACE_WEBHOOKS.format(marketplace=marketplace),
        ),
        routes=_routes(decide, kinds, of_others(marketplace, dealers)),
        say_again=(SayAgain(kinds.listings, decide.say),),
        resolve=resolve,
    )


def reaching_back(table: ServiceTable, kinds: Kinds) -> ServiceTable:
    """The table of a worker that sweeps orders, too: a resync is noted for the sweep.

    The runtime answers `resync.requested` itself; this is beside it.
    """
    noted = Route(ResyncRequested, kinds.accounts, last_resync, _note_resync)
    return replace(table, routes=(*table.routes, noted))


def _note_resync(_state: Any, received: Received, _now: datetime) -> Decision[AccountState]:
    request = received.message
    assert isinstance(request, ResyncRequested)  # noqa: S101 - the table routes by class
    return Decision(AccountState(since=request.since, resync_id=request.resync_id))


def _first(received: Received) -> bool:
    """The first target of a listing: its worker has not heard of it before."""
    return getattr(received.message, "intent", 0) == 1


def _routes(decide: Intake, kinds: Kinds, ours: Callable[[Decide], Decide]) -> tuple[Route, ...]:
    listings, accounts = kinds.listings, kinds.accounts
    deliver = partial(webhook_received, decide.marketplace)
    return (
        *(
            Route(one, listings, item_of, ours(decide.want), decide.answer, creates=_first)
            for one in OPERATIONS
        ),
        Route(ListingLink, listings, item_of, ours(decide.link)),
        Route(ListingCheck, listings, item_of, ours(decide.check)),
        Route(ListingRetry, listings, item_of, ours(decide.retry)),
        Route(MarketplacePause, accounts, account_of, ours(decide.pause)),
        Route(MarketplaceResume, accounts, account_of, ours(decide.pause)),
        Route(TaskComplete, accounts, account_of, decide.task),
        Route(
            WebhookReceived, kinds.deliveries, webhook_of, deliver, remember=False, creates=always
        ),
    )
