"""Inventory: real pieces on sale on three marketplaces are sold, and their sales canceled, twice.

As many messages over as many documents as the bar was set with: 12,000 over 3,000.
"""

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
from brocante.contracts.values import Relist
from inventory.handlers import TABLE
from tests.bench.loads.load import PREPARED_AT, Load, Sent
from tests.bench.loads.pieces import MARKETPLACES, pieces

PER_DOCUMENT = 4


def messages(count: int) -> Sequence[Sent]:
    """All pieces are sold on eBay, then all sales are canceled; and once more.

    Where two meet in one write, the later one speaks for both.
    """
    sold = range(max(1, count // PER_DOCUMENT))
    return [
        *(_sent(f"r{n}", recorded(n)) for n in sold),
        *(_sent(f"c{n}", canceled(n, "as_before")) for n in sold),
        *(_sent(f"R{n}", recorded(n, "again")) for n in sold),
        *(_sent(f"C{n}", canceled(n, "origin", "again"), spoken_for=False) for n in sold),
    ]


def recorded(n: int, time: str = "first") -> SaleRecorded:
    """Four outputs: the snapshot and a target for each of three marketplaces."""
    return SaleRecorded(
        sale_id=f"ebay:{n}-{time}",
        sale_version=1,
        item_id=f"piece-{n}",
        marketplace="ebay",
        sold_at=PREPARED_AT,
        recorded_at=PREPARED_AT,
        external_order_id=f"order-{n}-{time}",
    )


def canceled(n: int, relist: Relist, time: str = "first") -> SaleCanceled:
    """The snapshot and a target where it goes back on sale: as before that is everywhere."""
    return SaleCanceled(
        sale_id=f"ebay:{n}-{time}",
        sale_version=2,
        item_id=f"piece-{n}",
        marketplace="ebay",
        relist=relist,
        availability="available",
        canceled_at=PREPARED_AT,
    )


def _sent(id_: str, message: Message, *, spoken_for: bool = True) -> Sent:
    return Sent(id_, SALES_EVENTS, message, sources.SALES, spoken_for=spoken_for)


INVENTORY = Load(
    "inventory",
    "inventory: catalogue pieces on three marketplaces, sold and canceled twice; all they say",
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
