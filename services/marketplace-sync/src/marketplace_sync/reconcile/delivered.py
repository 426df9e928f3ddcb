"""The other half of deliveries: orders that must be read first, listings to look at, late links."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from msgspec.structs import replace

from brocante.documents.document import Document, packed
from brocante.documents.driver import DatabaseError
from brocante.documents.store import DocumentStore
from brocante.messaging.deciding import Outgoing
from brocante.messaging.outputs import Speaker
from brocante.messaging.unsent import UnsentOutputs, recorded
from marketplace_sync.deciding_deliveries import Match, Sorted, processed, sort_notices
from marketplace_sync.documents import DUE, EXTERNAL_IDS, KEYS, Kinds, of_dealer
from marketplace_sync.domain import intake
from marketplace_sync.domain.backoff import delay
from marketplace_sync.domain.delivery import Delivery, Sold
from marketplace_sync.marketplaces.contract import Adapter, Gone, Notice, Notices, SaleSeen
from marketplace_sync.matching import Matcher
from marketplace_sync.outgoing import sale_record, sold_observation

log = structlog.get_logger()
MOST = 50


@dataclass(slots=True)
class Deliveries:
    """Works off the due deliveries of one account."""

    marketplace: str
    dealer: str
    adapter: Adapter
    kinds: Kinds
    store: DocumentStore
    listings: DocumentStore
    unsent: UnsentOutputs
    speaker: Speaker
    matcher: Matcher

    async def work(self, just_written: Collection[str] = ()) -> None:
        """Everything due now, or what is of these; one that fails does not stop the others."""
        now = datetime.now(UTC)
        if just_written:
            due = self.store.known_due(DUE, just_written, now)
        else:
            due = await self.store.find_due(DUE, now, MOST)
        for document, state in of_dealer(self.kinds.deliveries, due, self.dealer):
            try:
                await self._one(document, state)
            except DatabaseError:
                raise
            except Exception:
                log.exception("delivery_failed", delivery=document.id)
                await self._postpone(document, state)

    async def linked(self, names: Iterable[str]) -> None:
        """A link appeared: sales that waited for it are announced now."""
        waiting = await self.store.find_by(KEYS, names)
        for document, delivery in of_dealer(self.kinds.deliveries, waiting, self.dealer):
            await self._finish(document, delivery, Sorted(unmatched=list(delivery.unmatched)))

    async def keep(self, unmatched: Sequence[Sold]) -> None:
        """Sales that only a sweep saw, of listings without a link: they wait for it, too."""
        now = datetime.now(UTC)
        sales = {f"{self.dealer}/sweep:{sold.sale_id}": sold for sold in unmatched}
        known = await self.store.load(sales, fresh=True) if sales else {}
        new = []
        for id_, document in known.items():
            if document.version == 0:
                state = Delivery(id_.partition("/")[2], "", "unmatched", unmatched=(sales[id_],))
                state = replace(state, due_at=state.again_at(now))
                new.append(recorded(document, self.kinds.deliveries, state, [], self.speaker, now))
        await self.store.save(new)

    async def _one(self, document: Document, delivery: Delivery) -> None:
        await self._look_at(delivery.changed)
        notices: list[Notice] = []
        for order in delivery.orders:
            read = await self.adapter.read_order(order)
            if isinstance(read, Notices):
                notices.extend(read.notices)
            elif not isinstance(read, Gone):
                await self._postpone(document, delivery)
                return
        matches = (await self.matcher.by_dealer(notices)).get(self.dealer, {})
        found = sort_notices(self.marketplace, notices, matches, "webhook")
        found.unmatched += delivery.unmatched
        await self._finish(document, delivery, found)

    async def _finish(self, document: Document, delivery: Delivery, found: Sorted) -> None:
        left = await self._matched(found)
        says = bool(found.says)
        result = "unmatched" if left else "applied" if says else delivery.result or "ignored"
        done = replace(
            delivery,
            result=result,
            orders=(),
            changed=(),
            unmatched=tuple(left),
            attempts=delivery.attempts + 1,
            due_at=delivery.again_at(datetime.now(UTC)) if left else None,
        )
        if delivery.cause_id and (says or result != delivery.result):
            said = (result, found.sales, left)
            found.says.append(processed(self.marketplace, delivery.webhook_id, *said))
        await self._save(document, done, found.says)

    async def _matched(self, found: Sorted) -> list[Sold]:
        """Say the sales whose listings are known by now; the others are left."""
        notices = [_notice(sold) for sold in found.unmatched]
        matches: dict[str, Match] = (await self.matcher.by_dealer(notices)).get(self.dealer, {})
        left: list[Sold] = []
        for sold in found.unmatched:
            match = matches.get(sold.external_id or "") or matches.get(sold.external_sku or "")
            if match is None:
                left.append(sold)
                continue
            found.says.append(sale_record(sold, match.item_id, self.marketplace))
            found.says.append(
                sold_observation(sold, match.item_id, self.marketplace, match.intent, "webhook")
            )
            found.sales.append(sold.sale_id)
        return left

    async def _look_at(self, changed: Iterable[str]) -> None:
        now = datetime.now(UTC)
        kind = self.kinds.listings
        known = await self.listings.find_by(EXTERNAL_IDS, changed)
        await self.listings.save(
            [
                recorded(
                    document,
                    kind,
                    intake.check(listing, None, "webhook", now),
                    [],
                    self.speaker,
                    now,
                )
                for document, listing in of_dealer(kind, known, self.dealer)
                if listing.due_at is None
            ]
        )

    async def _postpone(self, document: Document, delivery: Delivery) -> None:
        attempts = delivery.attempts + 1
        wait = timedelta(seconds=delay(attempts, off_sale=True, draw=1.0))
        due = datetime.now(UTC) + wait
        await self._save(document, replace(delivery, attempts=attempts, due_at=due), [])

    async def _save(self, document: Document, delivery: Delivery, says: list[Outgoing]) -> None:
        """What it leads to answers the delivery, and is said again when that comes again."""
        now = datetime.now(UTC)
        cause = delivery.cause_id or None
        caused = [one._replace(causation=cause, correlation=cause) for one in says]
        kind = self.kinds.deliveries
        following = recorded(document, kind, delivery, caused, self.speaker, now)
        following = _repeatable(document, following)
        if not await self.store.save([following]):
            await self.unsent.flush([following])


def _repeatable(before: Document, after: Document) -> Document:
    """The journal remembers these outputs, too, as what the delivery led to.

    After a broker was lost the gateway sends again each delivery whose effect was not seen.
    """
    new = after.unsent[len(before.unsent) :]
    if not new or not after.journal.recent:
        return after
    *earlier, last = after.journal.recent
    last = last._replace(led_to=packed((*last.outputs, *new)))
    return after._replace(journal=after.journal._replace(recent=(*earlier, last)))


def _notice(sold: Sold) -> SaleSeen:
    return SaleSeen(
        sold.sale_id,
        sold.order_id,
        sold.external_id,
        sold.external_sku,
        sold.quantity,
        None,
        sold.sold_at,
    )
