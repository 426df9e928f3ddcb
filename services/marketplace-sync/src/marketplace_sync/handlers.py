"""Intake as a table: targets and deliveries are recorded, nothing is called here."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from brocante.contracts import sources
from brocante.contracts.answers import CommandRejected
from brocante.contracts.listings import MarketplaceStatusChanged, WebhookProcessed, WebhookReceived
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
    Decision,
    Outgoing,
    Resolver,
    Route,
    Said,
    SayAgain,
    ServiceTable,
)
from brocante.messaging.wire import Received
from marketplace_sync import outgoing
from marketplace_sync.deciding_deliveries import received as webhook_received
from marketplace_sync.documents import Kinds
from marketplace_sync.domain import intake
from marketplace_sync.domain.account import AccountState
from marketplace_sync.domain.listing import Cause, Listing, Operation, Wanted

OPERATIONS: dict[type[ListingCommand], Operation] = {
    ListingActivate: "activate",
    ListingUpdate: "update",
    ListingHold: "hold",
    ListingDeactivate: "deactivate",
}
ACCOUNT = "account"


def cause_of(received: Received) -> Cause:
    """The command being handled, as the cause of what it leads to later."""
    at = received.envelope
    return Cause(at.id, at.correlation_id or at.id, at.actor, at.traceparent)


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
        )
        taken = intake.want(state, command.item_id, wanted, now)
        says = (outgoing.of_intake(taken.listing, one, self.marketplace) for one in taken.says)
        return Decision(taken.listing, tuple(says))

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
            return Decision(state, (_unknown_listing(received),))
        return Decision(intake.check(state, cause_of(received), "read_back", now))

    def retry(self, state: Any, received: Received, now: datetime) -> Decision[Any]:
        """`listing.retry`, of one listing or of all that failed alike."""
        command = received.message
        assert isinstance(command, ListingRetry)  # noqa: S101 - the table routes by class
        if state is None or state.wanted is None:
            return Decision(state, (_unknown_listing(received),))
        return Decision(intake.retry(state, cause_of(received), now))

    def pause(
        self, state: AccountState | None, received: Received, now: datetime
    ) -> Decision[AccountState]:
        """`marketplace.pause` and `marketplace.resume`."""
        command = received.message
        assert isinstance(command, MarketplacePause | MarketplaceResume)  # noqa: S101 - the table routes by class
        paused = isinstance(command, MarketplacePause)
        changed = replace(
            state or AccountState(),
            paused=paused,
            status="paused" if paused else "up",
            since=now,
            detail=command.reason,
            probe_at=None,
        )
        return Decision(changed, (self._status(changed, now),))

    def task(self, state: Any, received: Received, _now: datetime) -> Decision[Any]:
        """`task.complete`: no marketplace here needs people yet."""
        return Decision(state, (_rejected(received, "unknown_task", "There is no such task."),))

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

    def _status(self, state: AccountState, now: datetime) -> Outgoing:
        return Outgoing(
            MarketplaceStatusChanged(
                marketplace=self.marketplace,
                status=state.status,
                since=state.since or now,
                detail=state.detail,
            )
        )


def table(marketplace: str, kinds: Kinds, resolve: Resolver) -> ServiceTable:
    """The table of one marketplace's worker."""
    decide = Intake(marketplace)
    listings, accounts = kinds.listings, kinds.accounts
    targets = tuple(
        Route(command, listings, _of_item, decide.want, decide.answer) for command in OPERATIONS
    )
    return ServiceTable(
        name=f"marketplace-sync-{marketplace}",
        source=sources.worker(marketplace),
        events_topic=MARKETPLACE_EVENTS,
        topics=(
            MARKETPLACE_COMMANDS.format(marketplace=marketplace),
            MARKETPLACE_WEBHOOKS.format(marketplace=marketplace),
        ),
        routes=(
            *targets,
            Route(ListingLink, listings, _of_item, decide.link),
            Route(ListingCheck, listings, _of_item, decide.check),
            Route(ListingRetry, listings, _of_item, decide.retry),
            Route(MarketplacePause, accounts, _of_account, decide.pause),
            Route(MarketplaceResume, accounts, _of_account, decide.pause),
            Route(TaskComplete, accounts, _of_account, decide.task),
            Route(
                WebhookReceived,
                kinds.deliveries,
                _of_delivery,
                partial(webhook_received, marketplace),
                remember=False,
            ),
        ),
        say_again=(SayAgain(listings, decide.say),),
        resolve=resolve,
    )


PUBLISHES = (WebhookProcessed, MarketplaceStatusChanged, CommandRejected)


def _unknown_listing(received: Received) -> Outgoing:
    return _rejected(received, "unknown_listing", "This item has no listing there yet.")


def _rejected(received: Received, code: str, message: str) -> Outgoing:
    at = received.envelope
    return Outgoing(
        CommandRejected(command_id=at.id, command_type=at.type, code=code, message=message),
        subject=received.message.subject,
    )


def _of_item(received: Received) -> str:
    return f"{received.dealer}/{getattr(received.message, 'item_id', None) or '@all'}"


def _of_account(received: Received) -> str:
    return f"{received.dealer}/{ACCOUNT}"


def _of_delivery(received: Received) -> str:
    return f"{received.dealer}/{getattr(received.message, 'webhook_id', '')}"
