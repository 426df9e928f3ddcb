"""Where all listings stand, for the metrics: kept beside each item's view, looked at now and then.

Nothing is counted while events are applied. How long the oldest listing waits is one indexed
look-up per marketplace. How many listings there are of each kind needs every view: such a walk
reads one small field, and then rests a hundred times as long as it took, so that at any size it
takes a hundredth of the time; a count may be that old. Each replica sees all of it: of several,
take the maximum and not the sum.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import structlog

from brocante.contracts.snapshot import ItemChanged, Listing
from brocante.documents.driver import Collection
from gateway import metrics

log = structlog.get_logger()
AT_WORK = frozenset({"queued", "retrying"})
SHOWS = "shows"
LOOK_SECONDS = 5.0
SHORTEST_REST, REST_FACTOR = 15.0, 100.0
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def waits(marketplace: str) -> str:
    """The field that says since when an item's listing there has been at work."""
    return f"waits_{marketplace}"


def at_work(listing: Listing) -> bool:
    """Whether something is still to come of it by itself; a listing at rest waits for people."""
    return listing.operation in AT_WORK and listing.observed != "pending_review"


def standing(
    message: ItemChanged, said_at: datetime, known: Mapping[str, Any] | None
) -> dict[str, Any]:
    """What is kept beside a view; `known` is what was, so that a wait keeps its beginning."""
    before = known or {}
    since = {
        waits(m): before.get(waits(m)) or said_at
        for m, listing in message.listings.items()
        if at_work(listing)
    }
    shows = [f"{m}|{one.desired}|{one.observed}" for m, one in message.listings.items()]
    return {**since, SHOWS: [] if message.status == "deleted" else shows}


class Standings:
    """Keeps the gauges current."""

    def __init__(
        self,
        items: Collection,
        marketplaces: Sequence[str],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._items = items
        self._marketplaces = marketplaces
        self._clock = clock
        self._count_at = 0.0

    async def prepare(self) -> None:
        """Create the indexes."""
        for marketplace in self._marketplaces:
            await self._items.create_index(waits(marketplace))

    async def look_forever(self) -> None:
        """Look every few seconds; count when it is time."""
        while True:
            try:
                await self.look()
                if monotonic() >= self._count_at:
                    await self.count()
            except Exception as error:  # noqa: BLE001 - tried again; the database may be away
                log.warning("standings_not_seen", error=repr(error))
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """How long the oldest listing of each marketplace has been at work."""
        now = self._clock()
        for marketplace in self._marketplaces:
            field = waits(marketplace)
            # Bounded on both sides: an embedded server reads an open-ended range whole.
            where = {field: {"$gt": LONG_AGO, "$lte": now}}
            oldest = await self._items.find(where, fields=[field], sort=[(field, 1)], limit=1)
            seconds = (now - oldest[0][field]).total_seconds() if oldest else 0.0
            metrics.UNSETTLED.labels(marketplace).set(seconds)

    async def count(self) -> None:
        """Count every listing, page by page; the pauses between them are others' turn."""
        began, counted = monotonic(), Counter[str]()
        async for page in await self._items.batches({}, fields=[SHOWS]):
            for stored in page:
                counted.update(stored.get(SHOWS, ()))
            await asyncio.sleep(0)
        metrics.LISTINGS.clear()
        for shown, number in counted.items():
            metrics.LISTINGS.labels(*shown.split("|")).set(number)
        self._count_at = monotonic() + max(SHORTEST_REST, REST_FACTOR * (monotonic() - began))
