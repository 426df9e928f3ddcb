"""The worker's documents; each marketplace has its own collections."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from msgspec import json

from brocante.documents.document import Document
from brocante.messaging.deciding import DocumentType
from marketplace_sync.domain.account import AccountState
from marketplace_sync.domain.delivery import Delivery
from marketplace_sync.domain.listing import Listing

OFF_DUE, DUE = "off_due_at", "due_at"
EXTERNAL_IDS, EXTERNAL_SKUS, KEYS, FAILURE = "external_ids", "external_skus", "keys", "failure"
BLOCKED = "blocked_at"
S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Kinds:
    """The document types of one marketplace."""

    listings: DocumentType[Listing]
    deliveries: DocumentType[Delivery]
    accounts: DocumentType[AccountState]


def kinds(marketplace: str) -> Kinds:
    """The document types of a marketplace."""
    return Kinds(
        DocumentType(
            f"{marketplace}_listings",
            json.Decoder(Listing),
            _listing_indexed,
            (OFF_DUE, DUE, EXTERNAL_IDS, EXTERNAL_SKUS, FAILURE, BLOCKED),
        ),
        DocumentType(
            f"{marketplace}_webhooks", json.Decoder(Delivery), _delivery_indexed, (DUE, KEYS)
        ),
        DocumentType(f"{marketplace}_accounts", json.Decoder(AccountState)),
    )


def of_dealer(
    kind: DocumentType[S], documents: Iterable[Document], dealer: str
) -> Iterator[tuple[Document, S]]:
    """Documents of one dealer with what they say; those that say nothing yet are left out."""
    for document in documents:
        state = kind.read(document) if document.id.startswith(f"{dealer}/") else None
        if state is not None:
            yield document, state


def _listing_indexed(listing: Listing) -> Mapping[str, Any]:
    off_sale = listing.wanted is not None and listing.open and listing.wanted.off_sale
    link = listing.link
    return {
        OFF_DUE: listing.due_at if off_sale else None,
        DUE: None if off_sale else listing.due_at,
        EXTERNAL_IDS: [link.external_id] if link and link.external_id else None,
        EXTERNAL_SKUS: [link.external_sku] if link and link.external_sku else None,
        FAILURE: listing.trouble.fingerprint,
        BLOCKED: listing.trouble.since if listing.trouble.blocked else None,
    }


def _delivery_indexed(delivery: Delivery) -> Mapping[str, Any]:
    return {DUE: delivery.due_at, KEYS: list(delivery.keys()) or None}
