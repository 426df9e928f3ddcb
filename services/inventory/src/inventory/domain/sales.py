"""What inventory knows of sales: the open ones, the merged ones, and the events about them."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

Relist = Literal["origin", "as_before", "none"]
RELISTS: tuple[Relist, ...] = ("origin", "as_before", "none")


class OpenSale(Struct, frozen=True):
    """A sale that counts. `into`: it will stop counting once that sale has been seen."""

    sale_id: str
    version: int
    marketplace: str
    quantity: int
    sold_at: datetime
    external_order_id: str | None = None
    into: str | None = None
    recorded_at: datetime | None = None

    @property
    def by_marketplace(self) -> bool:
        """Whether the marketplace itself reported it (docs/messages.md, sales: `sale_id`)."""
        own = self.sale_id.startswith(f"{self.marketplace}:")
        return own or self.external_order_id is not None

    @property
    def known_since(self) -> datetime:
        """From when on its item must be on sale nowhere (R9): by hand, when it was recorded."""
        return self.sold_at if self.by_marketplace else self.recorded_at or self.sold_at


class MergedSale(Struct, frozen=True):
    """A sale folded into another, kept so that a split can count it again.

    `confirmed` is False between inventory asking for the merge and sales having made it.
    """

    sale: OpenSale
    into: str
    confirmed: bool = True


class Recorded(Struct, frozen=True, tag_field="kind", tag="recorded"):
    """A sale was recorded, or its missing fields were filled in."""

    sale: OpenSale

    @property
    def sale_id(self) -> str:
        """The sale it is about."""
        return self.sale.sale_id

    @property
    def version(self) -> int:
        """The sale's version after it."""
        return self.sale.version


class Canceled(Struct, frozen=True, tag_field="kind", tag="canceled"):
    """A sale was canceled; the sale is in it, so that it can be understood by itself.

    `relist` is resolved. `unavailable`: the piece is damaged or missing (R4). `chosen`: somebody
    chose the relisting, so that it wins over an unavailable item.
    """

    sale: OpenSale
    relist: Relist = "origin"
    unavailable: bool = False
    chosen: bool = False

    @property
    def sale_id(self) -> str:
        """The sale it is about."""
        return self.sale.sale_id

    @property
    def version(self) -> int:
        """The sale's version after it."""
        return self.sale.version


class Merged(Struct, frozen=True, tag_field="kind", tag="merged"):
    """A sale turned out to be another one."""

    sale_id: str
    version: int
    into: str


class SplitOff(Struct, frozen=True, tag_field="kind", tag="split_off"):
    """A merged sale counts on its own again."""

    sale_id: str
    version: int


SaleEvent = Recorded | Canceled | Merged | SplitOff
