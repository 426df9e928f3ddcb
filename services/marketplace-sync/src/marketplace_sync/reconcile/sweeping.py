"""The sweep: orders and listings, a page at a time from a durable cursor (rule 10).

Sales found here that no webhook told of are announced like any other: `sale_id` tells them apart.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog

from brocante.contracts.envelope import Envelope
from brocante.documents.driver import Collection
from brocante.documents.store import DocumentStore
from brocante.messaging.deciding import Outgoing
from brocante.messaging.outputs import Speaker, wires
from brocante.messaging.publisher import Publisher
from brocante.messaging.unsent import recorded
from marketplace_sync.deciding_deliveries import Match, sort_notices
from marketplace_sync.documents import EXTERNAL_IDS, Kinds
from marketplace_sync.domain import intake
from marketplace_sync.marketplaces.contract import Adapter, ListingSeen, Notice, Notices
from marketplace_sync.matching import Matcher

log = structlog.get_logger()
MOST_PAGES = 50


@dataclass(slots=True)
class Sweep:
    """Sweeps one account."""

    marketplace: str
    dealer: str
    adapter: Adapter
    kinds: Kinds
    store: DocumentStore
    cursors: Collection
    matcher: Matcher
    publisher: Publisher
    speaker: Speaker
    told: set[str] = field(default_factory=set)

    async def sweep(self) -> None:
        """Orders first: a missed sale matters most."""
        await self._orders()
        await self._listings()

    async def announce(self, says: Sequence[Outgoing]) -> None:
        """Publish what notices say, each once per process; ids are made of what is said."""
        outputs = []
        fresh = []
        for outgoing in says:
            id_ = self._id(outgoing)
            if id_ in self.told:
                continue
            fresh.append(id_)
            message = outgoing.message
            envelope = Envelope(
                id=id_,
                source=self.speaker.source,
                type=message.TYPE,
                time=datetime.now(UTC),
                subject=outgoing.subject or message.subject,
                dealer=self.dealer,
                causation_id=outgoing.causation,
                actor="sweep",
            )
            outputs.append(self.speaker.encoded(envelope, outgoing))
        await self.publisher.send_all(wires(outputs))
        self.told.update(fresh)

    async def _orders(self) -> None:
        document = f"sweep/{self.dealer}/orders"
        stored = await self.cursors.find_one({"_id": document})
        cursor = stored["cursor"] if stored else None
        found = 0
        for _ in range(MOST_PAGES):
            page = await self.adapter.order_changes(cursor)
            if not isinstance(page, Notices):
                log.info("sweep_stopped", marketplace=self.marketplace, outcome=repr(page))
                return
            found += await self._take(page.notices)
            cursor = page.cursor or page.resume
            kept = {"_id": document, "cursor": cursor, "at": datetime.now(UTC)}
            await self.cursors.replace_one({"_id": document}, kept, upsert=True)
            if page.cursor is None:
                break
        if found:
            log.info("sales_found_by_sweep", marketplace=self.marketplace, sales=found)

    async def _take(self, notices: Sequence[Notice]) -> int:
        found = await self.matcher.by_dealer(notices)
        matches: dict[str, Match] = found.get(self.dealer, {})
        sorted_ = sort_notices(self.marketplace, notices, matches, "sweep")
        before = len(self.told)
        await self.announce(sorted_.says)
        return len(self.told) - before

    async def _listings(self) -> None:
        cursor = None
        for _ in range(MOST_PAGES):
            page = await self.adapter.listing_changes(cursor)
            if not isinstance(page, Notices):
                return
            seen = [notice for notice in page.notices if isinstance(notice, ListingSeen)]
            await self._compare(seen)
            cursor = page.cursor
            if cursor is None:
                return

    async def _compare(self, seen: Sequence[ListingSeen]) -> None:
        """Listings that show something else than we know are read."""
        shown = {one.external_id: one.observation.observed for one in seen}
        changed = []
        now = datetime.now(UTC)
        for document in await self.store.find_by(EXTERNAL_IDS, shown):
            if document.state is None or not document.id.startswith(f"{self.dealer}/"):
                continue
            listing = self.kinds.listings.state.validate_json(document.state)
            known = listing.seen.observed
            now_shown = shown.get(listing.link.external_id or "") if listing.link else None
            if listing.due_at is None and now_shown not in (None, known):
                looked = intake.check(listing, None, "sweep", now)
                changed.append(
                    recorded(document, self.kinds.listings, looked, [], self.speaker, now)
                )
        await self.store.save(changed)

    def _id(self, outgoing: Outgoing) -> str:
        message = outgoing.message
        text = f"{self.dealer}|{message.TYPE}|{message.model_dump_json()}"
        return hashlib.sha256(text.encode()).hexdigest()[:40]
