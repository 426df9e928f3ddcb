"""Sales: each sale is recorded, and later canceled."""

from collections.abc import Sequence

from brocante.contracts.sales import SaleCancel, SaleRecord
from brocante.contracts.topics import SALES_COMMANDS, SALES_EVENTS
from brocante.contracts.values import Money
from sales.handlers import TABLE
from tests.bench.loads.load import PREPARED_AT, Load, Sent

PER_DOCUMENT = 2


def messages(count: int) -> Sequence[Sent]:
    """All sales are recorded, then all are canceled."""
    sales = max(1, count // PER_DOCUMENT)
    recorded = [
        Sent(f"r{n}", SALES_COMMANDS, record(f"ebay:{n}", f"piece-{n}")) for n in range(sales)
    ]
    canceled = [
        Sent(f"c{n}", SALES_COMMANDS, SaleCancel(sale_id=f"ebay:{n}", reason="unpaid"))
        for n in range(sales)
    ]
    return [*recorded, *canceled]


def record(sale_id: str, item_id: str) -> SaleRecord:
    """A sale as a worker or an app records it."""
    return SaleRecord(
        sale_id=sale_id,
        item_id=item_id,
        marketplace="ebay",
        price=Money(amount="1250.00", currency="EUR"),
        sold_at=PREPARED_AT,
        external_order_id=f"order-{sale_id}",
    )


SALES = Load(
    "sales",
    "sales: sale.record, later sale.cancel; one event each",
    TABLE,
    (SALES_EVENTS,),
    messages,
    PER_DOCUMENT,
)
