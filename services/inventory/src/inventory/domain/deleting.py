"""Deleting an item: hidden and off sale everywhere; its history stays (R7)."""

from msgspec.structs import replace

from inventory.domain.facts import Change, change
from inventory.domain.item import Item
from inventory.domain.refusals import existing
from inventory.domain.targeting import INACTIVE, aim_all


def delete(item: Item | None) -> Change:
    """Hide an item, sold or not, and make every listing inactive; asked again, it is answered.

    A later cancel of its sale is recorded and reactivates nothing.
    """
    item = existing(item)
    if item.deleted:
        return Change(item)
    after = replace(item, deleted=True, before={})
    return change(item, aim_all(after, dict.fromkeys(item.listings, INACTIVE), "deleted"))
