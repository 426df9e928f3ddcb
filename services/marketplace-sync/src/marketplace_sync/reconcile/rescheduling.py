"""Which listings of an account are due, and making many due sooner or later at once."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from brocante.documents.document import Document
from brocante.documents.store import DocumentStore
from brocante.messaging.deciding import Outgoing
from brocante.messaging.outputs import Speaker
from brocante.messaging.unsent import UnsentOutputs, recorded
from marketplace_sync import outgoing
from marketplace_sync.documents import BLOCKED, DUE, OFF_DUE, Kinds
from marketplace_sync.domain import backoff, intake, setbacks
from marketplace_sync.domain.facts import After
from marketplace_sync.domain.listing import Listing

MOST_DUE, ENOUGH_DUE = 100, 50
MOST_LOOKED_AT = 20_000
MOST_WAITING = 1000
LONGEST_WAIT = timedelta(seconds=backoff.LONGEST)
REST = timedelta(seconds=30)
WAITED_FOR_IT = frozenset({"circuit_open", "retrying", "paused"})


@dataclass(frozen=True, slots=True)
class Rescheduling:
    """The due times of one dealer's listings on one marketplace."""

    marketplace: str
    dealer: str
    kinds: Kinds
    store: DocumentStore
    unsent: UnsentOutputs
    speaker: Speaker

    async def due(self, due_field: str, now: datetime) -> list[str]:
        """Due listings of this account, the oldest first; all, or `ENOUGH_DUE` and more."""
        return [document.id for document in await self._due(due_field, now)]

    def just_due(self, ids: Collection[str]) -> tuple[list[str], bool]:
        """Of listings this process wrote last: those that press, and whether others are due now.

        What goes off sale presses. Not where it was sold: there the marketplace has ended it
        itself, so looking at it leaves the way to those that are still on sale.
        """
        now = datetime.now(UTC)
        off_sale = self._own(self.store.known_due(OFF_DUE, ids, now))
        pressing = [one.id for one in off_sale if not self._was_sold_here(one)]
        return pressing, bool(self._own(self.store.known_due(DUE, ids, now)))

    async def rest(self) -> None:
        """No call is made for now: what is due waits, and whoever asked is told so once."""
        now = datetime.now(UTC)

        def resting(listing: Listing) -> After:
            return setbacks.rest(listing, now + REST)

        for due_field in (OFF_DUE, DUE):
            await self._change(await self._due(due_field, now), resting)

    async def hurry(self) -> None:
        """What waited for the marketplace to come back is due now (rule 8)."""
        now = datetime.now(UTC)

        def sooner(listing: Listing) -> After | None:
            waited = listing.trouble.why in WAITED_FOR_IT and listing.trouble.doubt is None
            return After(listing.due(now)) if waited else None

        for due_field in (OFF_DUE, DUE):
            waiting = await self.store.find_due(due_field, now + LONGEST_WAIT, MOST_WAITING)
            await self._change(self._own(waiting), sooner)

    async def unblock(self) -> None:
        """Requirements changed: what was blocked may be tried again (rule 7)."""
        now = datetime.now(UTC)
        blocked = await self.store.find_due(BLOCKED, now, MOST_WAITING)
        await self._change(self._own(blocked), lambda one: After(intake.retry(one, None, now)))

    async def _due(self, due_field: str, now: datetime) -> list[Document]:
        """Other dealers' listings share the index: look further while they crowd ours out."""
        limit = MOST_DUE
        while True:
            found = await self.store.find_due(due_field, now, limit)
            own = self._own(found)
            if len(found) < limit or len(own) >= ENOUGH_DUE or limit >= MOST_LOOKED_AT:
                return own
            limit *= 4

    def _was_sold_here(self, document: Document) -> bool:
        listing = self.kinds.listings.read(document)
        return (
            listing is not None and listing.wanted is not None and listing.wanted.desired == "sold"
        )

    def _own(self, documents: list[Document]) -> list[Document]:
        own = f"{self.dealer}/"
        return [one for one in documents if one.state is not None and one.id.startswith(own)]

    async def _change(
        self, documents: list[Document], change: Callable[[Listing], After | None]
    ) -> None:
        """One guarded write for all; a document someone else wrote meanwhile is left to them."""
        now = datetime.now(UTC)
        kind = self.kinds.listings
        following = []
        for document in documents:
            after = change(kind.state.decode(document.state or ""))
            if after is not None:
                says = self._says(after, now)
                following.append(recorded(document, kind, after.listing, says, self.speaker, now))
        lost = await self.store.save(following)
        await self.unsent.flush([one for one in following if one.id not in lost])

    def _says(self, after: After, now: datetime) -> list[Outgoing]:
        says = [
            outgoing.of_fact(after.listing, fact, self.marketplace, now) for fact in after.facts
        ]
        return [message for group in says for message in group]
