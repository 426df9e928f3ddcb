"""When a command is refused outright: nothing changes, and the code says why."""

from collections.abc import Iterable, Sequence

from inventory.domain.item import Item
from inventory.domain.stock import Status, status

EVERYWHERE = "*"

_NOT_FOR_SALE: dict[Status, tuple[str, str]] = {
    "deleted": ("item_deleted", "This item was deleted."),
    "sold": ("item_sold", "This item is sold: cancel the sale first."),
    "unavailable": ("item_unavailable", "This item is unavailable: make it available first."),
    "out_of_stock": ("item_out_of_stock", "Nothing of this item is left: raise its quantity."),
}


class Refused(Exception):  # noqa: N818 - a rule's answer, not a failure of the program
    """A command breaks a rule. `field` is a JSON Pointer into its payload, if one is at fault."""

    def __init__(self, code: str, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field


def existing(item: Item | None) -> Item:
    """The item a command is about; a placeholder is none yet."""
    if item is None or not item.known:
        raise Refused("unknown_item", "There is no item with this item_id.", "/item_id")
    return item


def not_deleted(item: Item) -> None:
    """Refuse to change a deleted item."""
    if item.deleted:
        raise Refused(*_NOT_FOR_SALE["deleted"], "/item_id")


def for_sale(item: Item) -> None:
    """Refuse to put on sale what is sold, out of stock, unavailable or deleted (R5)."""
    reason = _NOT_FOR_SALE.get(status(item))
    if reason:
        raise Refused(*reason)


def connected(item: Item, marketplaces: Sequence[str]) -> None:
    """Refuse a marketplace where the item has no listing; `*` needs at least one listing."""
    for n, marketplace in enumerate(marketplaces):
        if marketplace == EVERYWHERE and not item.listings:
            raise Refused(
                "not_connected",
                "This item is not connected to any marketplace.",
                f"/marketplaces/{n}",
            )
        if marketplace != EVERYWHERE and marketplace not in item.listings:
            raise Refused(
                "not_connected",
                f"This item is not connected to {marketplace}.",
                f"/marketplaces/{n}",
            )


def connected_at(item: Item, marketplace: str) -> None:
    """Refuse a command about one listing where there is none."""
    if marketplace not in item.listings:
        raise Refused(
            "not_connected", f"This item is not connected to {marketplace}.", "/marketplace"
        )


def known_marketplaces(
    marketplaces: Iterable[tuple[str, str]], known: frozenset[str] | None
) -> None:
    """Refuse a marketplace this installation does not have; pairs of its field and its slug.

    `known` is None where nothing declares the marketplaces: then every slug will do.
    """
    for field, marketplace in marketplaces:
        if known is not None and marketplace not in known | {EVERYWHERE}:
            raise Refused(
                "unknown_marketplace", f"No marketplace {marketplace} is set up here.", field
            )


def named(item: Item, marketplaces: Sequence[str]) -> dict[str, bool]:
    """The marketplaces meant, and whether each was named itself rather than by `*`."""
    meant = dict.fromkeys(item.listings, False) if EVERYWHERE in marketplaces else {}
    return meant | {m: True for m in marketplaces if m != EVERYWHERE}
