"""How many are left, and what that makes of the item."""

from typing import Literal

from inventory.domain.item import Item

Status = Literal["available", "sold", "out_of_stock", "unavailable", "deleted"]


def on_hand(item: Item) -> int:
    """Owned less sold; never clamped: below zero the item is oversold."""
    left = item.quantity
    for sale in item.sales.values():
        left -= sale.quantity
    return left


def sold_out(item: Item) -> bool:
    """Nothing is left, and a sale is the reason: nothing of it may be on sale (R9)."""
    return bool(item.sales) and on_hand(item) <= 0


def status(item: Item) -> Status:
    """The one word for the item. A sold item stays `sold` even if it is also unavailable."""
    if item.deleted:
        return "deleted"
    if sold_out(item):
        return "sold"
    if item.unavailable:
        return "unavailable"
    return "available" if on_hand(item) > 0 else "out_of_stock"


def settled(item: Item) -> bool:
    """Whether every listing is."""
    return all(listing.settled for listing in item.listings.values())
