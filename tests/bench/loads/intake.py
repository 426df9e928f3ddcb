"""A worker's intake: targets are recorded; nothing is called."""

from collections.abc import Sequence

from brocante.contracts import sources
from brocante.contracts.marketplace import (
    Content,
    ListingActivate,
    ListingDeactivate,
    Target,
)
from brocante.contracts.topics import MARKETPLACE_COMMANDS, MARKETPLACE_EVENTS
from brocante.messaging.deciding import ServiceTable
from marketplace_sync.documents import kinds
from marketplace_sync.handlers import table
from tests.bench.loads.load import Load, Sent
from tests.bench.loads.pieces import catalogue
from tests.support.tables import finds_nothing

PER_DOCUMENT = 2


def messages(count: int, marketplace: str = "ebay") -> Sequence[Sent]:
    """Every listing is to be put on sale, then taken off: the second overtakes the first."""
    listings = max(1, count // PER_DOCUMENT)
    topic = MARKETPLACE_COMMANDS.format(marketplace=marketplace)
    contents = _contents()
    sent = []
    for n in range(listings):
        wanted = ListingActivate(
            item_id=f"piece-{n}",
            marketplace=marketplace,
            intent=1,
            reason="requested",
            target=Target(desired="active", content=contents[n % len(contents)], quantity=1),
        )
        sent.append(Sent(f"a{n}", topic, wanted, sources.INVENTORY))
    for n in range(listings):
        wanted_off = ListingDeactivate(
            item_id=f"piece-{n}",
            marketplace=marketplace,
            intent=2,
            reason="sold",
            target=Target(desired="inactive", content=contents[n % len(contents)], quantity=0),
        )
        # It answers the first as superseded; what it leads to is said by the reconcile loop, later.
        sent.append(Sent(f"d{n}", topic, wanted_off, sources.INVENTORY, answered=False))
    return sent


def _contents() -> list[Content]:
    names = set(Content.model_fields)
    return [Content.model_validate(c.model_dump(include=names)) for c in catalogue()]


def intake_table(marketplace: str) -> ServiceTable:
    """The intake of one marketplace's worker."""
    return table(marketplace, kinds(marketplace), finds_nothing)


INTAKE = Load(
    "intake",
    "marketplace-sync intake: listing.activate, overtaken by listing.deactivate",
    intake_table("ebay"),
    (MARKETPLACE_EVENTS,),
    messages,
    PER_DOCUMENT,
)
