"""Sales of one piece that cannot all stand: which they are, and what may be one sale seen twice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Sale = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Double:
    """An item of which more was sold than there is, with its open sales, the earliest first."""

    item: Mapping[str, Any]
    sales: tuple[Sale, ...]
    merged: tuple[Sale, ...]

    @property
    def by_hand(self) -> list[Sale]:
        """Those recorded by hand: they have no order at the marketplace."""
        return [sale for sale in self.sales if not sale.get("external_order_id")]


def double_of(item: Mapping[str, Any], sales: Sequence[Sale]) -> Double | None:
    """What has to be decided about an item, if anything; `sales` are all of the item's."""
    opened = sorted(
        (sale for sale in sales if sale["status"] == "open"), key=lambda one: str(one["sold_at"])
    )
    merged = tuple(sale for sale in sales if sale["status"] == "merged")
    too_many = item["on_hand"] < 0 and len(opened) > 1
    return Double(item, tuple(opened), merged) if too_many or merged else None
