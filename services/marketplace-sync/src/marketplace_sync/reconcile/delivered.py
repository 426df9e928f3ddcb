"""The other half of deliveries: orders that must be read first, listings to look at, late links."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from brocante.documents.document import Document
from brocante.documents.store import DocumentStore
from brocante.messaging.deciding import Outgoing
from brocante.messaging.outputs import Speaker
from brocante.messaging.unsent import UnsentOutputs, recorded
from marketplace_sync.deciding_deliveries import Match, Sorted, processed, sort_notices
from marketplace_sync.documents import DUE, KEYS, Kinds
from marketplace_sync.domain import intake
from marketplace_sync.domain.backoff import delay
from marketplace_sync.domain.delivery import Delivery, Sold
from marketplace_sync.marketplaces.contract import Adapter, Gone, Notice, Notices, SaleSeen
from marketplace_sync.matching import Matcher
from marketplace_sync.outgoing import sale_record, sold_observation

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

    async def work(self) -> None:
        """Everything due now."""
        for document in await self.store.find_due(DUE, datetime.now(UTC), MOST):
            if document.state is not None and document.id.startswith(f"{self.dealer}/"):
                state = self.kinds.deliveries.state.validate_json(document.state)
                await self._one(document, state)

    async def linked(self, names: Iterable[str]) -> None:
        """A link appeared: sales that waited for it are announced now."""
        for document in await self.store.find_by(KEYS, names):
            if document.state is None or not document.id.startswith(f"{self.dealer}/"):
                continue
            delivery = self.kinds.deliveries.state.validate_json(document.state)
            await self._finish(document, delivery, Sorted(unmatched=list(delivery.unmatched)))

    async def _one(self, document: Document, delivery: Delivery) -> None:
        await self._look_at(delivery.changed)
        found = Sorted(unmatched=list(delivery.unmatched))
        notices: list[Notice] = []
        for order in delivery.orders:
            read = await self.adapter.read_order(order)
            if isinstance(read, Notices):
                notices.extend(read.notices)
            elif not isinstance(read, Gone):
                await self._postpone(document, delivery)
                return
        matches = (await self.matcher.by_dealer(notices)).get(self.dealer, {})
        sorted_ = sort_notices(self.marketplace, notices, matches, "webhook")
        sorted_.unmatched += found.unmatched
        await self._finish(document, delivery, sorted_)

    async def _finish(self, document: Document, delivery: Delivery, found: Sorted) -> None:
        matches = await self._matches(found.unmatched)
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
        found.unmatched, found.orders = left, []
        result = found.result if found.says or left else delivery.result or "ignored"
        done = replace(
            delivery,
            result=result,
            orders=(),
            changed=(),
            unmatched=tuple(left),
            due_at=None,
        )
        answer = processed(self.marketplace, delivery.webhook_id, result or "ignored", found.sales)
        says = [*found.says, replace(answer, causation=delivery.cause_id or None)]
        await self._save(document, done, says if done != delivery else [])

    async def _matches(self, unmatched: list[Sold]) -> dict[str, Match]:
        notices = [_notice(sold) for sold in unmatched]
        return (await self.matcher.by_dealer(notices)).get(self.dealer, {})

    async def _look_at(self, changed: Iterable[str]) -> None:
        now = datetime.now(UTC)
        looked = []
        for document in await self.listings.find_by("external_ids", changed):
            if document.state is not None and document.id.startswith(f"{self.dealer}/"):
                listing = self.kinds.listings.state.validate_json(document.state)
                if listing.due_at is None:
                    after = intake.check(listing, None, "webhook", now)
                    looked.append(
                        recorded(document, self.kinds.listings, after, [], self.speaker, now)
                    )
        await self.listings.save(looked)

    async def _postpone(self, document: Document, delivery: Delivery) -> None:
        attempts = delivery.attempts + 1
        wait = timedelta(seconds=delay(attempts, off_sale=True, draw=1.0))
        due = datetime.now(UTC) + wait
        await self._save(document, replace(delivery, attempts=attempts, due_at=due), [])

    async def _save(self, document: Document, delivery: Delivery, says: list[Outgoing]) -> None:
        now = datetime.now(UTC)
        kind = self.kinds.deliveries
        following = recorded(document, kind, delivery, says, self.speaker, now)
        if not await self.store.save([following]):
            await self.unsent.flush([following])


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
