"""A gateway's views of so many items and sales, in a state a dealer's shop is in."""

from collections.abc import Iterator
from datetime import timedelta

from brocante.contracts.envelope import Decoded, Envelope
from brocante.contracts.message import Message
from brocante.contracts.sales import SaleRecorded
from brocante.contracts.snapshot import ItemChanged, Listing, OpenSale
from brocante.contracts.values import Issue
from brocante.documents.driver import Database
from gateway.records.history import History, Numbered
from gateway.records.views import Views
from tests.bench.loads.load import PREPARED_AT
from tests.bench.loads.pieces import MARKETPLACES, catalogue
from tests.bench.preparing import chunks

SOLD_EVERY, REFUSED_EVERY = 10, 25
AT_ONCE = 500
MISSING = Issue(
    marketplace="etsy",
    code="required_field_missing",
    category="dealer",
    field="/attributes/period",
    message="Period is missing.",
    action="Fill in Period.",
)


async def seed(database: Database, items: int) -> None:
    """Store the views of so many items, a sale of every tenth, and a word of history of each."""
    views, history = Views(database, MARKETPLACES), History(database)
    await views.prepare()
    await history.prepare()
    for start, some in enumerate(chunks(said(items), AT_ONCE)):
        await views.take(some)
        first = start * AT_ONCE * 2
        await history.take([Numbered(first + n, event) for n, event in enumerate(some)])


def said(items: int) -> Iterator[Decoded]:
    """What inventory and sales last said of every item."""
    for n in range(items):
        yield _event(n, snapshot(n))
        if n % SOLD_EVERY == 0:
            yield _event(n, _sale(n))


def snapshot(n: int) -> ItemChanged:
    """Item `piece-000007`: real content; every tenth sold, every 25th refused by a marketplace."""
    patterns = catalogue()
    create = patterns[n % len(patterns)]
    sold = n % SOLD_EVERY == 0
    sale = _sale(n)
    open_sale = OpenSale(
        sale_id=sale.sale_id,
        sale_version=1,
        marketplace=sale.marketplace,
        quantity=1,
        sold_at=sale.sold_at,
        plans={"origin": {}, "as_before": {}, "none": {}},
    )
    return ItemChanged.model_validate(
        {
            **create.model_dump(exclude={"listings", "item_id", "sku"}),
            "item_id": _item_id(n),
            "sku": f"{n // 100}.{n % 100}",
            "revision": 4,
            "status": "sold" if sold else "available",
            "on_hand": 0 if sold else 1,
            "open_sales": [open_sale] if sold else [],
            "listings": {m: _listing(n, m, sold=sold) for m in MARKETPLACES},
            "settled": True,
        }
    )


def _listing(n: int, marketplace: str, *, sold: bool) -> Listing:
    refused = n % REFUSED_EVERY == 1 and marketplace == MISSING.marketplace
    state = "sold" if sold and marketplace == "ebay" else "inactive" if sold or refused else None
    return Listing.model_validate(
        {
            "desired": state or "active",
            "observed": state or "active",
            "intent": 2,
            "observed_at": PREPARED_AT,
            "source": "call",
            "operation": "needs_dealer" if refused else "idle",
            "issues": [MISSING] if refused else [],
            "external_id": f"{marketplace}-{n}",
        }
    )


def _sale(n: int) -> SaleRecorded:
    sold_at = PREPARED_AT + timedelta(minutes=n)
    return SaleRecorded(
        sale_id=f"ebay:{n}",
        sale_version=1,
        item_id=_item_id(n),
        marketplace="ebay",
        sold_at=sold_at,
        recorded_at=sold_at,
    )


def _item_id(n: int) -> str:
    return f"piece-{n:06d}"


def _event(n: int, message: Message) -> Decoded:
    source = f"brocante/{message.TYPE}"
    return Decoded(Envelope(f"e{n}", source, message.TYPE, PREPARED_AT, message.subject), message)
