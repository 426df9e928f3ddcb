"""The sweep: orders and listings, a page at a time from a durable cursor (rule 10).

Sales found here that no webhook told of are announced like any other: `sale_id` tells them apart.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from brocante.contracts.envelope import Envelope
from brocante.documents.driver import Collection
from brocante.messaging.deciding import Outgoing
from brocante.messaging.outputs import Speaker, wires
from brocante.messaging.publisher import Publisher
from marketplace_sync.deciding_deliveries import Match, sort_notices
from marketplace_sync.domain.account import AccountState
from marketplace_sync.marketplaces.contract import (
    Adapter,
    ListingSeen,
    Notice,
    Notices,
    Outcome,
    Unauthorized,
)
from marketplace_sync.matching import Matcher
from marketplace_sync.reconcile.comparing import Comparison
from marketplace_sync.reconcile.delivered import Deliveries

log = structlog.get_logger()
MOST_PAGES = 50
MOST_TOLD = 10_000
TRAIL = 200
TRAIL_EVERY = timedelta(minutes=10)


@dataclass(slots=True)
class Sweep:
    """Sweeps one account."""

    marketplace: str
    dealer: str
    adapter: Adapter
    cursors: Collection
    matcher: Matcher
    publisher: Publisher
    speaker: Speaker
    deliveries: Deliveries
    comparison: Comparison
    told: OrderedDict[str, None] = field(default_factory=OrderedDict)
    reached_back_for: str = ""
    """The last resync whose reaching back was begun here; the cursor's document knows if it is."""

    async def sweep(self, resync: AccountState | None = None) -> Outcome | None:
        """Orders first: a missed sale matters most. What stopped it, if anything did."""
        stopped = await self._orders(resync)
        if isinstance(stopped, Unauthorized):
            return stopped
        return await self._listings() or stopped

    async def announce(self, says: Sequence[Outgoing]) -> int:
        """Publish what notices say, each once per process; ids are made of what is said."""
        outputs, fresh = [], []
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
        self.told.update(dict.fromkeys(fresh))
        while len(self.told) > MOST_TOLD:
            self.told.popitem(last=False)
        return len(fresh)

    async def _orders(self, resync: AccountState | None) -> Outcome | None:
        document = f"{self.dealer}/sweep/orders"
        stored = await self.cursors.find_one({"_id": document}) or {}
        if resync is not None:
            self.reached_back_for = resync.resync_id
            if stored.get("resync", "") != resync.resync_id:
                stored = self._reaching_back(stored, resync)
        cursor, found = stored.get("cursor"), 0
        for _ in range(MOST_PAGES):
            page = await self.adapter.order_changes(cursor)
            if not isinstance(page, Notices):
                log.info("sweep_stopped", marketplace=self.marketplace, outcome=repr(page))
                return page
            found += await self._take(page.notices)
            cursor = page.cursor or page.resume
            stored = _advanced(stored, page, datetime.now(UTC))
            kept = {**stored, "_id": document}
            await self.cursors.replace_one({"_id": document}, kept, upsert=True)
            if page.cursor is None:
                break
        if found:
            log.info("news_found_by_sweep", marketplace=self.marketplace, messages=found)
        return None

    def _reaching_back(self, stored: Mapping[str, Any], resync: AccountState) -> dict[str, Any]:
        """From before what was lost; without such a cursor, as far as the adapter goes."""
        self.told.clear()
        since = resync.since
        trail = [step for step in stored.get("trail", ()) if since and step[0] <= since]
        log.info("sweep_reaches_back", marketplace=self.marketplace, steps=len(trail))
        return {
            "cursor": trail[-1][1] if trail else None,
            "trail": trail,
            "resync": resync.resync_id,
        }

    async def _take(self, notices: Sequence[Notice]) -> int:
        found = await self.matcher.by_dealer(notices)
        matches: dict[str, Match] = found.get(self.dealer, {})
        sorted_ = sort_notices(self.marketplace, notices, matches, "sweep")
        await self.deliveries.keep(sorted_.unmatched)
        return await self.announce(sorted_.says)

    async def _listings(self) -> Outcome | None:
        cursor = None
        for _ in range(MOST_PAGES):
            page = await self.adapter.listing_changes(cursor)
            if not isinstance(page, Notices):
                return page
            seen = [notice for notice in page.notices if isinstance(notice, ListingSeen)]
            await self.comparison.compare(seen)
            cursor = page.cursor
            if cursor is None:
                break
        return None

    def _id(self, outgoing: Outgoing) -> str:
        message = outgoing.message
        text = f"{self.dealer}|{message.TYPE}|{message.model_dump_json()}"
        return hashlib.sha256(text.encode()).hexdigest()[:40]


def _advanced(stored: Mapping[str, Any], page: Notices, now: datetime) -> dict[str, Any]:
    """The cursor moved on; now and then it is remembered where a sweep ended and when."""
    trail = list(stored.get("trail", ()))
    ended = page.resume if page.cursor is None else None
    if ended is not None and (not trail or now - trail[-1][0] >= TRAIL_EVERY):
        trail.append([now, ended])
    kept = {"cursor": page.cursor or page.resume, "at": now, "trail": trail[-TRAIL:]}
    return {**kept, "resync": stored.get("resync", "")}
