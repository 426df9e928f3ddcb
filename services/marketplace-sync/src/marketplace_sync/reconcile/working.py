"""One listing's work: ask for the next step, do it, record what came of it. One step at a time."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from brocante.contracts.marketplace import Content
from brocante.contracts.requirements import check
from brocante.contracts.values import DEFAULT_DEALER, Issue
from brocante.documents.document import Document
from brocante.documents.store import DocumentStore
from brocante.messaging.deciding import Outgoing
from brocante.messaging.outputs import Speaker
from brocante.messaging.unsent import UnsentOutputs, recorded
from marketplace_sync import outgoing
from marketplace_sync.documents import EXTERNAL_SKUS, Kinds
from marketplace_sync.domain import outcomes, sku
from marketplace_sync.domain.listing import Linked, Listing, Seen
from marketplace_sync.domain.outcomes import After, At
from marketplace_sync.domain.steps import Step, next_step
from marketplace_sync.marketplaces.contract import (
    Adapter,
    Done,
    Gone,
    Invalid,
    Link,
    Outcome,
    Progress,
    RetryLater,
    Unauthorized,
    Unknown,
)
from marketplace_sync.reconcile import metrics
from marketplace_sync.reconcile.lease import Lease
from marketplace_sync.reconcile.requirements import Requirements

log = structlog.get_logger()
MOST_STEPS = 12
UNAUTHORIZED_SECONDS = 30.0


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
    call_seconds: float
    dealer: str = DEFAULT_DEALER
    linked: set[str] = field(default_factory=set)
    """Documents whose link this process just learnt: sales may have waited for it."""
    chosen: set[str] = field(default_factory=set)
    """Listings whose SKU this process just chose: nothing can have been left there yet."""
    claimed: dict[str, str] = field(default_factory=dict)
    """SKUs this process gave away, by whom: two listings may be choosing at the same moment."""

    async def work(self, document_id: str) -> Outcome | None:
        """Bring one listing as far as it goes now; Unauthorized is handed up."""
        self.chosen.discard(document_id.rpartition("/")[2])
        for _ in range(MOST_STEPS):
            document = await self._newest(document_id)
            if document.state is None or not self.lease.outlasts(self.call_seconds):
                return None
            listing = self.kinds.listings.state.validate_json(document.state)
            step = next_step(listing, self.adapter.capabilities.satisfies_on_hold)
            if step == "nothing":
                await self._put_aside(document, listing)
                return None
            outcome, after = await self._do(step, listing)
            kept = await self._record(document, step, listing, after, outcome)
            if isinstance(outcome, Unauthorized):
                return outcome
            if kept and not self._goes_on(after.listing):
                return None
        return None

    async def _newest(self, document_id: str) -> Document:
        """Read again: another replica's intake may have written since (rule 2)."""
        document = (await self.store.load([document_id], fresh=True))[document_id]
        known = self.store.known([document_id]).get(document_id)
        # The same version as remembered here knows, too, what has been published of it.
        return known if known is not None and known.version == document.version else document

    async def _do(self, step: Step, listing: Listing) -> tuple[Outcome | None, After]:
        at = self._at()
        if step == "settle":
            return None, outcomes.settled(listing)
        if step == "choose_sku":
            return None, After(await self._with_sku(listing, at.now))
        if step == "find" and listing.item_id in self.chosen:
            self.chosen.discard(listing.item_id)
            step = "check_content"
        if step == "check_content":
            issues = await self._issues(listing)
            if issues:
                return None, outcomes.refused(listing, issues, at)
            step = "activate"
        outcome = await self._call(step, listing)
        return outcome, self._after(step, listing, outcome)

    async def _call(self, step: Step, listing: Listing) -> Outcome:
        link = _link(listing)
        wanted = listing.wanted
        content = Content.model_validate((wanted.content if wanted else None) or _NO_CONTENT)
        quantity = wanted.quantity if wanted else 0
        match step:
            case "activate":
                return await self.adapter.activate(content, max(1, quantity), link)
            case "update":
                return await self.adapter.update(content, max(1, quantity), link)
            case "hold":
                return await self.adapter.hold(link, wanted.until if wanted else None)
            case "deactivate":
                return await self.adapter.deactivate(link)
            case "find":
                return await self.adapter.find(content, link)
            case _:
                return await self.adapter.read(link)

    def _after(self, step: Step, listing: Listing, outcome: Outcome) -> After:
        at = self._at()
        match outcome:
            case Done():
                return self._saw(step, listing, outcome, at)
            case Progress(link):
                return outcomes.progressed(listing, _linked(link), at.now)
            case Invalid(issues):
                return outcomes.refused(listing, issues, at)
            case Unknown():
                return outcomes.unknown(listing, at)
            case Gone():
                return outcomes.gone(listing, at)
            case RetryLater() | Unauthorized():
                return _later(listing, outcome, at)

    def _saw(self, step: Step, listing: Listing, done: Done, at: At) -> After:
        source = "call" if step not in ("read", "find") else listing.check_source
        shown = done.observation
        seen = Seen(shown.observed, shown.observed_at, source, shown.changed_by)
        if not listing.open and seen.observed != listing.seen.observed:
            seen = replace(seen, changed_by="dealer")
            metrics.DRIFT.labels(self.marketplace).inc()
        link = _linked(done.link)
        return outcomes.saw(listing, step, link, seen, at, verified=done.verified)

    async def _record(
        self, document: Document, step: Step, before: Listing, after: After, outcome: Any
    ) -> bool:
        """One guarded write with its events; after losing, what was learnt goes on top."""
        now = datetime.now(UTC)
        listing, says = self._spoken(after, now)
        following = recorded(document, self.kinds.listings, listing, says, self.speaker, now)
        if not await self.store.save([following]):
            if _external_id(listing) not in (None, _external_id(before)):
                self.linked.add(document.id)
            await self.unsent.flush([following])
            self._log(step, listing, outcome)
            return True
        await self._learn(document.id, step, before, outcome)
        return False

    async def _learn(self, document_id: str, step: Step, before: Listing, outcome: Any) -> None:
        """Another write came first: what the call led to is never dropped (rule 2)."""
        while isinstance(outcome, Done | Progress | Unknown):
            document = (await self.store.load([document_id], fresh=True))[document_id]
            if document.state is None:
                return
            newest = self.kinds.listings.state.validate_json(document.state)
            same = newest.wanted == before.wanted and newest.open == before.open
            after = self._after(step if same else "read", newest, outcome)
            now = datetime.now(UTC)
            kept = after.listing
            if not same:
                # The newer target goes on from what this call left behind, doubt included.
                trouble = replace(newest.trouble, doubt=kept.trouble.doubt)
                kept = replace(newest, link=kept.link, seen=kept.seen, tried=True, due_at=now)
                after = After(replace(kept, trouble=trouble, shown_content=None))
            listing, says = self._spoken(after, now)
            following = recorded(document, self.kinds.listings, listing, says, self.speaker, now)
            if not await self.store.save([following]):
                await self.unsent.flush([following])
                return

    def _spoken(self, after: After, now: datetime) -> tuple[Listing, list[Outgoing]]:
        says = [
            outgoing.of_fact(after.listing, fact, self.marketplace, now) for fact in after.facts
        ]
        outcome = outgoing.outcome_of(says)
        listing = replace(after.listing, outcome=outcome) if outcome else after.listing
        return listing, says

    async def _with_sku(self, listing: Listing, now: datetime) -> Listing:
        wanted = listing.wanted
        own = str(((wanted.content if wanted else None) or {}).get("sku") or "")
        others = await self.store.find_by(EXTERNAL_SKUS, [sku.external_sku(own, own, taken=False)])
        own_id = f"{self.dealer}/{listing.item_id}"
        taken = any(o.id.startswith(f"{self.dealer}/") and o.id != own_id for o in others)
        wished = sku.external_sku(own, listing.item_id, taken=False)
        taken = taken or self.claimed.setdefault(wished, listing.item_id) != listing.item_id
        chosen = sku.external_sku(own, listing.item_id, taken=taken)
        link = replace(listing.link, external_sku=chosen) if listing.link else Linked(chosen)
        self.chosen.add(listing.item_id)
        # From here on a crash may leave a listing behind: whoever comes next looks for it first.
        return replace(listing, link=link, tried=True, due_at=now)

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

    def _log(self, step: Step, listing: Listing, outcome: Any) -> None:
        log.info(
            "listing_worked",
            item=listing.item_id,
            marketplace=self.marketplace,
            step=step,
            outcome=type(outcome).__name__ if outcome is not None else "Settled",
            observed=listing.seen.observed,
            correlation=listing.wanted.cause.correlation if listing.wanted else None,
        )


_NO_CONTENT = {"sku": "", "title": ""}


def _external_id(listing: Listing) -> str | None:
    return listing.link.external_id if listing.link else None


def _later(listing: Listing, outcome: RetryLater | Unauthorized, at: At) -> After:
    if isinstance(outcome, RetryLater):
        return outcomes.later(listing, outcome.why, outcome.after, at)
    return outcomes.later(listing, "paused", UNAUTHORIZED_SECONDS, at)


def _link(listing: Listing) -> Link:
    link = listing.link or Linked("")
    return Link(listing.item_id, link.external_sku, link.external_id, link.url, link.steps)


def _linked(link: Link) -> Linked:
    return Linked(link.external_sku, link.external_id, link.url, dict(link.steps))
