"""One listing's work: ask for the next step, do it, record what came of it. One step at a time."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog
from msgspec.structs import replace

from brocante.contracts.requirements import check
from brocante.contracts.values import DEFAULT_DEALER, Issue
from brocante.documents.document import Document
from brocante.documents.store import DocumentStore
from brocante.messaging.deciding import Outgoing
from brocante.messaging.outputs import Speaker
from brocante.messaging.unsent import UnsentOutputs, recorded
from marketplace_sync import outgoing
from marketplace_sync.documents import Kinds
from marketplace_sync.domain import outcomes, setbacks
from marketplace_sync.domain.facts import After, At
from marketplace_sync.domain.listing import Listing
from marketplace_sync.domain.steps import Step, next_step
from marketplace_sync.marketplaces.contract import (
    Adapter,
    Done,
    Notices,
    Outcome,
    Progress,
    Unauthorized,
    Unknown,
)
from marketplace_sync.reconcile import calling, measuring
from marketplace_sync.reconcile.gate import CallGate
from marketplace_sync.reconcile.judging import after
from marketplace_sync.reconcile.lease import Lease
from marketplace_sync.reconcile.requirements import Requirements
from marketplace_sync.reconcile.skus import Skus

log = structlog.get_logger()
MOST_STEPS = 12
Answered = Outcome | Notices | None


@dataclass(slots=True)
class Workshop:
    """What working on an account's listings needs."""

    marketplace: str
    adapter: Adapter
    kinds: Kinds
    store: DocumentStore
    unsent: UnsentOutputs
    speaker: Speaker
    requirements: Requirements
    lease: Lease
    skus: Skus
    call_seconds: float
    dealer: str = DEFAULT_DEALER
    gate: CallGate | None = None
    _linked: dict[str, list[str]] = field(default_factory=dict)

    async def work(self, document_id: str, *, just_written: bool = False) -> Outcome | None:
        """Bring one listing as far as it goes now; Unauthorized is handed up.

        `just_written`: what this process remembers is the newest, as it was written this moment.
        """
        self.skus.chosen.discard(document_id.rpartition("/")[2])
        for step_number in range(MOST_STEPS):
            remembered = just_written and step_number == 0
            document = await self._newest(document_id, remembered=remembered)
            listing = self.kinds.listings.read(document)
            if listing is None or not self.lease.outlasts(self.call_seconds):
                return None
            if self.gate is not None:
                self.gate.recall_revisions(listing)
            step = next_step(listing, self.adapter.capabilities.satisfies_on_hold)
            if step == "nothing":
                await self._put_aside(document, listing)
                return None
            step, outcome, following = await self._do(step, listing)
            kept = await self._record(document, step, listing, following, outcome)
            if isinstance(outcome, Unauthorized):
                return outcome
            if kept and not self._goes_on(following.listing):
                return None
        return None

    def newly_linked(self, document_id: str) -> list[str]:
        """External id and SKU of a link just learnt or asked for: sales may have waited for it."""
        return self._linked.pop(document_id, [])

    async def _newest(self, document_id: str, *, remembered: bool = False) -> Document:
        """Read again: another replica's intake may have written since (rule 2)."""
        document = (await self.store.load([document_id], fresh=not remembered))[document_id]
        known = self.store.known([document_id]).get(document_id)
        # The same version as remembered here knows, too, what has been published of it.
        return known if known is not None and known.version == document.version else document

    async def _do(self, step: Step, listing: Listing) -> tuple[Step, Answered, After]:
        """Do a step; checking the content is followed at once by the call it was for."""
        at = self._at()
        if step == "settle":
            return step, None, outcomes.settled(listing)
        if step == "choose_sku":
            return step, None, After(await self.skus.choose(listing, at.now))
        if step == "find" and listing.item_id in self.skus.chosen:
            self.skus.chosen.discard(listing.item_id)
            step = "check_content"
        if step == "check_content":
            issues = await self._issues(listing)
            if issues:
                return step, None, setbacks.refused(listing, issues, at)
            step = "activate"
        outcome = await calling.call(self.adapter, step, listing)
        return step, outcome, self._after(step, listing, outcome)

    def _after(self, step: Step, listing: Listing, outcome: Outcome | Notices) -> After:
        at = self._at()
        if isinstance(outcome, Done | Progress | Unknown) and not self.lease.outlasts(0):
            link = None if isinstance(outcome, Unknown) else calling.linked(outcome.link)
            return setbacks.late(listing, link, at)
        return after(step, listing, outcome, at)

    async def _record(
        self,
        document: Document,
        step: Step,
        before: Listing,
        following: After,
        outcome: Answered,
    ) -> bool:
        """One guarded write with its events; after losing, what was learnt goes on top."""
        if await self._saved(document, before, following):
            self._log(step, following.listing, outcome)
            return True
        if isinstance(outcome, Done | Progress | Unknown):
            await self._learn(document.id, step, before, outcome)
        return False

    async def _learn(
        self, document_id: str, step: Step, before: Listing, outcome: Done | Progress | Unknown
    ) -> None:
        """Another write came first: what the call led to is never dropped (rule 2)."""
        while True:
            document = (await self.store.load([document_id], fresh=True))[document_id]
            newest = self.kinds.listings.read(document)
            if newest is None:
                return
            same = newest.wanted == before.wanted and newest.open == before.open
            learnt = self._after(step if same else "read", newest, outcome)
            if not same:
                learnt = _overtaken(newest, learnt.listing, self._at().now)
            if await self._saved(document, newest, learnt):
                return

    async def _saved(self, document: Document, before: Listing, following: After) -> bool:
        now = datetime.now(UTC)
        listing, says = self._spoken(following, now)
        if self.gate is not None:
            # In the write there is anyway; only a crash before it forgets the call it followed.
            listing = self.gate.with_revisions(listing)
        kept = recorded(document, self.kinds.listings, listing, says, self.speaker, now)
        if await self.store.save([kept]):
            return False
        measuring.note(self.marketplace, before, following)
        if _may_be_waited_for(before, listing):
            self._linked[document.id] = _names(listing)
        await self.unsent.flush([kept])
        return True

    def _spoken(self, following: After, now: datetime) -> tuple[Listing, list[Outgoing]]:
        listing = following.listing
        groups = [outgoing.of_fact(listing, f, self.marketplace, now) for f in following.facts]
        says = [message for group in groups for message in group]
        outcome = outgoing.outcome_of(says)
        return (replace(listing, outcome=outcome) if outcome else listing), says

    async def _issues(self, listing: Listing) -> Sequence[Issue]:
        """Everything the marketplace would miss or refuse in the content, before any call."""
        content = (listing.wanted.content if listing.wanted else None) or {}
        asked = await self.requirements.of(content.get("category"))
        now = datetime.now(UTC)
        found = check(content, asked.fields, self.marketplace, now) if asked else []
        return [issue for issue in found if issue.severity == "error"]

    async def _put_aside(self, document: Document, listing: Listing) -> None:
        if listing.due_at is not None:
            aside = replace(listing, due_at=None)
            now = datetime.now(UTC)
            kept = recorded(document, self.kinds.listings, aside, [], self.speaker, now)
            await self.store.save([kept])

    def _goes_on(self, listing: Listing) -> bool:
        return listing.due_at is not None and listing.due_at <= datetime.now(UTC) + timedelta(
            milliseconds=5
        )

    def _at(self) -> At:
        can = self.adapter.capabilities
        draw = random.random()  # noqa: S311 - jitter
        return At(datetime.now(UTC), draw, can.satisfies_on_hold, can.idempotent_activation)

    def _log(self, step: Step, listing: Listing, outcome: Answered) -> None:
        log.info(
            "listing_worked",
            item=listing.item_id,
            marketplace=self.marketplace,
            step=step,
            outcome=type(outcome).__name__ if outcome is not None else "Settled",
            observed=listing.seen.observed,
            correlation=listing.wanted.cause.correlation if listing.wanted else None,
        )


def _overtaken(newest: Listing, learnt: Listing, now: datetime) -> After:
    """The newer target goes on from what the call left behind, doubt included."""
    trouble = replace(newest.trouble, doubt=learnt.trouble.doubt)
    kept = replace(newest, link=learnt.link, seen=learnt.seen, tried=True, due_at=now)
    return After(replace(kept, trouble=trouble, shown_content=None))


def _may_be_waited_for(before: Listing, after: Listing) -> bool:
    """A link that is new, or that someone just asked to look at (`listing.link` does)."""
    if after.link is None or after.link.external_id is None:
        return False
    old = before.link.external_id if before.link else None
    return bool(before.checks) or after.link.external_id != old


def _names(listing: Listing) -> list[str]:
    link = listing.link
    return [name for name in (link.external_id, link.external_sku) if name] if link else []
