"""Inventory: real pieces on sale on three marketplaces are sold, and their sales canceled."""

from collections.abc import Sequence

from brocante.contracts import sources
from brocante.contracts.message import Message
from brocante.contracts.sales import SaleCanceled, SaleRecorded
from brocante.contracts.topics import (
    INVENTORY_EVENTS,
    MARKETPLACE_COMMANDS,
    SALES_COMMANDS,
    SALES_EVENTS,
)
from inventory.handlers import TABLE
from tests.bench.loads.load import PREPARED_AT, Load, Sent
from tests.bench.loads.pieces import MARKETPLACES, pieces

PER_DOCUMENT = 2


def messages(count: int) -> Sequence[Sent]:
    """All pieces are sold on eBay, then all sales are canceled."""
    sold = max(1, count // PER_DOCUMENT)
    return [
        *(_sent(f"r{n}", recorded(n)) for n in range(sold)),
        *(_sent(f"c{n}", canceled(n)) for n in range(sold)),
    ]


def recorded(n: int) -> SaleRecorded:
    """Four outputs: the snapshot and a target for each of three marketplaces."""
    return SaleRecorded(
        sale_id=f"ebay:{n}",
        sale_version=1,
        item_id=f"piece-{n}",
        marketplace="ebay",
        sold_at=PREPARED_AT,
        recorded_at=PREPARED_AT,
        external_order_id=f"order-{n}",
    )


def canceled(n: int) -> SaleCanceled:
    """Two outputs: the snapshot, and back on sale where it was sold."""
    return SaleCanceled(
        sale_id=f"ebay:{n}",
        sale_version=2,
        item_id=f"piece-{n}",
        marketplace="ebay",
        relist="origin",
        availability="available",
        canceled_at=PREPARED_AT,
    )


def _sent(id_: str, message: Message) -> Sent:
    return Sent(id_, SALES_EVENTS, message, sources.SALES)


INVENTORY = Load(
    "inventory",
    "inventory: catalogue pieces on three marketplaces, sold and canceled; snapshots and targets",
    TABLE,
    (
        INVENTORY_EVENTS,
        SALES_COMMANDS,
        *(MARKETPLACE_COMMANDS.format(marketplace=m) for m in MARKETPLACES),
    ),
    messages,
    PER_DOCUMENT,
    lambda count: pieces(max(1, count // PER_DOCUMENT)),
)
