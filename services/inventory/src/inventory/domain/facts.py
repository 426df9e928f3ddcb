"""What an operation leads to beside the new state; handlers turn each into a message."""

from msgspec import Struct
from msgspec.structs import replace

from inventory.domain.item import Item
from inventory.domain.listing import Listing


class TargetChanged(Struct, frozen=True):
    """A listing has a new target (or link) that its worker must be told: see `Listing.told`."""

    marketplace: str


class Oversold(Struct, frozen=True):
    """More was sold than was owned; every open sale is named."""

    sales: tuple[str, ...]


class UnknownItem(Struct, frozen=True):
    """A sale names an item nobody created yet."""

    sale_id: str


class MergeWanted(Struct, frozen=True):
    """A sale recorded by hand is the one the marketplace now reports."""

    sale_id: str
    into: str


class SplitWanted(Struct, frozen=True):
    """A merge that went round in a circle must be undone, or neither sale would count."""

    sale_id: str


Fact = TargetChanged | Oversold | UnknownItem | MergeWanted | SplitWanted


class Change(Struct, frozen=True):
    """The item after an operation (None: there still is none) and what to say about it."""

    item: Item | None
    facts: tuple[Fact, ...] = ()


def change(old: Item | None, new: Item, *facts: Fact) -> Change:
    """Close an operation: the revision rises if anything changed, new targets become facts."""
    if new == old:
        return Change(old, facts)
    revision = (old.revision if old else 0) + 1
    return Change(replace(new, revision=revision), (*facts, *_targets(old, new)))


def _targets(old: Item | None, new: Item) -> list[TargetChanged]:
    """Listings whose worker must be told; taking off sale comes first (R8)."""
    earlier = old.listings if old else {}
    told = [m for m, one in new.listings.items() if _must_be_told(earlier.get(m), one)]
    return [TargetChanged(m) for m in sorted(told, key=lambda m: _off_sale_first(new, m))]


def _must_be_told(old: Listing | None, new: Listing) -> bool:
    return new.told is not None and (old is None or old.intent != new.intent)


def _off_sale_first(item: Item, marketplace: str) -> bool:
    told = item.listings[marketplace].told
    return told is None or told.action != "deactivate"
