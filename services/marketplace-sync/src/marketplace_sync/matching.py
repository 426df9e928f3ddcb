"""Which listing an external id or SKU belongs to: one look-up per batch."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from brocante.contracts.listings import WebhookReceived
from brocante.contracts.marketplace import ListingRetry
from brocante.documents.store import DocumentStore
from brocante.messaging.wire import Received
from marketplace_sync.deciding_deliveries import Decoded, Match
from marketplace_sync.documents import EXTERNAL_IDS, EXTERNAL_SKUS, FAILURE, Kinds
from marketplace_sync.marketplaces.contract import Adapter, ListingSeen, Notice, SaleSeen


class Matcher:
    """Finds the listings that notices are about."""

    def __init__(self, kinds: Kinds, store: DocumentStore, adapters: Mapping[str, Adapter]) -> None:
        self._kinds = kinds
        self._store = store
        self._adapters = adapters

    async def resolve(self, batch: Sequence[Received]) -> Mapping[int, Any]:
        """What the deciders need to know beyond their document: one look-up for each kind."""
        return {**await self._deliveries(batch), **await self._alike(batch)}

    async def _alike(self, batch: Sequence[Received]) -> Mapping[int, Sequence[str]]:
        """The items whose listings failed as a retry of many names it."""
        asked = {
            n: (received.dealer, received.message.fingerprint)
            for n, received in enumerate(batch)
            if isinstance(received.message, ListingRetry) and received.message.item_id is None
        }
        named = [fingerprint for _, fingerprint in asked.values() if fingerprint]
        found: dict[tuple[str, str | None], list[str]] = {}
        for document in await self._store.find_by(FAILURE, named):
            dealer, _, item = document.id.partition("/")
            found.setdefault((dealer, document.indexed[FAILURE]), []).append(item)
        return {n: sorted(found.get(which, ())) for n, which in asked.items()}

    async def _deliveries(self, batch: Sequence[Received]) -> Mapping[int, Decoded]:
        """Decode the deliveries of a batch and find their listings."""
        decoded = {
            n: self._decoded(received)
            for n, received in enumerate(batch)
            if isinstance(received.message, WebhookReceived)
        }
        notices = [notice for one in decoded.values() for notice in one.notices]
        found = await self.by_dealer(notices)
        return {
            n: Decoded(one.notices, found.get(batch[n].dealer, {}), one.error)
            for n, one in decoded.items()
        }

    async def by_dealer(self, notices: Iterable[Notice]) -> dict[str, dict[str, Match]]:
        """The listings that notices name, by dealer, then by external id or SKU."""
        ids, skus = _names(notices)
        documents = [
            *await self._store.find_by(EXTERNAL_SKUS, skus),
            *await self._store.find_by(EXTERNAL_IDS, ids),
        ]
        found: dict[str, dict[str, Match]] = {}
        for document in documents:
            listing = self._kinds.listings.read(document)
            if listing is None or listing.link is None:
                continue
            dealer = found.setdefault(document.id.split("/", 1)[0], {})
            for name in (listing.link.external_sku, listing.link.external_id):
                if name:
                    dealer[name] = Match(listing.item_id, listing.intent)
        return found

    def _decoded(self, received: Received) -> Decoded:
        event = received.message
        assert isinstance(event, WebhookReceived)  # noqa: S101 - chosen by class above
        adapter = self._adapters.get(received.dealer)
        if adapter is None:
            return Decoded(error=f"no account of {received.dealer}")
        try:
            body = base64.b64decode(event.body_base64, validate=True)
            return Decoded(tuple(adapter.decode(event.headers, body)))
        except Exception as error:  # noqa: BLE001 - tried again it would raise again: a dead letter
            return Decoded(error=f"the delivery cannot be decoded: {error!r}")


def _names(notices: Iterable[Notice]) -> tuple[list[str], list[str]]:
    ids: list[str] = []
    skus: list[str] = []
    for notice in notices:
        if isinstance(notice, SaleSeen | ListingSeen):
            ids += [notice.external_id] if notice.external_id else []
            skus += [notice.external_sku] if notice.external_sku else []
    return ids, skus
