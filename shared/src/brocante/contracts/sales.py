"""What can be asked of sales, and what sales says."""

from typing import Annotated

from pydantic import AfterValidator, Field

from brocante.contracts.message import Command, Event
from brocante.contracts.topics import SALES_COMMANDS, SALES_EVENTS
from brocante.contracts.values import (
    Availability,
    CancelOrigin,
    CancelReason,
    ItemId,
    Line,
    Marketplace,
    Money,
    Relist,
    SaleId,
    Text,
    Time,
    within_64_bits,
)

Quantity = Annotated[int, Field(ge=1, le=1_000_000)]
SaleVersion = Annotated[int, Field(ge=1), AfterValidator(within_64_bits)]


class SaleRecord(Command, type="sale.record", topics=(SALES_COMMANDS,), key=("sale_id",)):
    """Record a sale; `sale_id` of a marketplace sale is `<marketplace>:<order line id>`."""

    sale_id: SaleId
    item_id: ItemId
    marketplace: Marketplace
    quantity: Quantity = 1
    price: Money | None = None
    sold_at: Time
    external_order_id: Line | None = None
    note: Text | None = None


class SaleCancel(Command, type="sale.cancel", topics=(SALES_COMMANDS,), key=("sale_id",)):
    """Cancel a sale here; the order on the marketplace is neither canceled nor refunded.

    `origin: marketplace` counts only when the envelope's source is a worker: then the cancellation
    of a sale not seen yet is kept until the sale comes.
    """

    sale_id: SaleId
    origin: CancelOrigin = "app"
    external_order_id: Line | None = None
    reason: CancelReason | None = None
    relist: Relist | None = None
    note: Text | None = None


class SaleMerge(Command, type="sale.merge", topics=(SALES_COMMANDS,), key=("sale_id",)):
    """Say that a sale is another one seen twice: it is folded into `into`."""

    sale_id: SaleId
    into: SaleId


class SaleSplit(Command, type="sale.split", topics=(SALES_COMMANDS,), key=("sale_id",)):
    """Undo a merge: the sale stands on its own again."""

    sale_id: SaleId


class SaleRecorded(
    Event, type="sale.recorded", topics=(SALES_EVENTS,), key=("item_id",), subject=("sale_id",)
):
    """A sale was recorded; `recorded_at` is when Brocante took it, `sold_at` when it was sold."""

    sale_id: SaleId
    sale_version: SaleVersion
    item_id: ItemId
    marketplace: Marketplace
    quantity: Quantity = 1
    price: Money | None = None
    sold_at: Time
    recorded_at: Time
    external_order_id: str | None = None


class SaleCanceled(
    Event, type="sale.canceled", topics=(SALES_EVENTS,), key=("item_id",), subject=("sale_id",)
):
    """A sale was canceled; `relist` and `availability` are resolved (rule R4).

    `relist_chosen` is true where somebody chose the relisting: it then wins over an item that is
    unavailable for another reason. Left out, the reason decided.
    """

    sale_id: SaleId
    sale_version: SaleVersion
    item_id: ItemId
    marketplace: Marketplace
    quantity: Quantity = 1
    reason: CancelReason | None = None
    relist: Relist
    availability: Availability
    relist_chosen: bool | None = None
    canceled_at: Time
    note: str | None = None


class SaleMerged(
    Event, type="sale.merged", topics=(SALES_EVENTS,), key=("item_id",), subject=("sale_id",)
):
    """A sale turned out to be another one, `into`; it no longer counts."""

    sale_id: SaleId
    sale_version: SaleVersion
    item_id: ItemId
    into: SaleId


class SaleSplitOff(
    Event, type="sale.split_off", topics=(SALES_EVENTS,), key=("item_id",), subject=("sale_id",)
):
    """A merged sale counts on its own again; `into` is the one it had been folded into."""

    sale_id: SaleId
    sale_version: SaleVersion
    item_id: ItemId
    into: SaleId
