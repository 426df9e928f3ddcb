"""Many sales at one moment, and many cancellations: one batch holds messages of them all."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

from brocante.contracts.sales import SaleCancel, SaleRecord
from tests.chaos.books import Sale
from tests.chaos.chapters import NOWHERE, PATIENCE, Told, once_canceled
from tests.chaos.outside import Order

Relist = Literal["origin", "as_before", "none"]


def to_sell(wanted: Sequence[tuple[str, str]], place: str) -> list[Order]:
    """The commands for these sales: the id of each and its piece."""
    return [
        Order(
            f"{sale_id}/record",
            SaleRecord(
                sale_id=sale_id,
                item_id=piece,
                marketplace=place,
                sold_at=datetime.now(UTC),
                external_order_id=sale_id,
            ),
            piece,
        )
        for sale_id, piece in wanted
    ]


async def sell(told: Told, wanted: Sequence[tuple[str, str]], place: str) -> list[Sale]:
    """Tell of sales by the id of each and its piece; those that became sales, and are booked."""
    began = time.time()
    orders = to_sell(wanted, place)
    outcomes = await told.outside.told_all(orders)
    sales = []
    for (sale_id, name), order in zip(wanted, orders, strict=True):
        piece = told.books.pieces[name]
        if outcomes[order.id] != "done":
            told.books.skip(piece, f"its sale {sale_id} is {outcomes[order.id]}")
        # What a broker acknowledged is a sale, however late the answer comes.
        if outcomes[order.id] == "rejected" or order.id not in told.books.accepted:
            continue
        sale = Sale(sale_id, name, place, began, "till", told.phase)
        told.books.sell(sale)
        sales.append(sale)
        if piece.quantity == 1 and piece.shown is not None:
            piece.shown = dict(NOWHERE)
    return sales


async def cancel(told: Told, sales: Sequence[Sale], relist: Relist) -> None:
    """Cancel these, and wait until inventory knows."""
    orders = [
        Order(f"{s.sale_id}/cancel", SaleCancel(sale_id=s.sale_id, relist=relist), s.piece)
        for s in sales
    ]
    outcomes = await told.outside.told_all(orders)
    for sale, order in zip(sales, orders, strict=True):
        piece = told.books.pieces[sale.piece]
        if order.id in told.books.accepted and outcomes[order.id] != "rejected":
            sale.canceled_at = time.time()
        if outcomes[order.id] == "done":
            if piece.quantity == 1 and piece.shown is not None:
                piece.shown = once_canceled(sale.place, relist)
        else:
            told.books.skip(piece, f"the cancellation of {sale.sale_id} is {outcomes[order.id]}")

    def known() -> bool:
        return all(told.recorder.applied(sale.sale_id) for sale in sales)

    if not await told.recorder.until(known, PATIENCE):
        for sale in sales:
            told.books.skip(told.books.pieces[sale.piece], "inventory does not say that it knows")
