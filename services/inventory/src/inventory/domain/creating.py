"""Creating an item; a placeholder's sales are folded in as if creating had come first."""

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from msgspec import to_builtins
from msgspec.structs import replace

from inventory.domain.facts import Change, Fact, change
from inventory.domain.item import Content, Item
from inventory.domain.listing import Details, Listing
from inventory.domain.refusals import Refused, not_deleted
from inventory.domain.selling import applied
from inventory.domain.sizes import not_too_large


def create(
    item: Item | None,
    item_id: str,
    content: Content,
    quantity: int,
    drafts: Mapping[str, Details],
    now: datetime,
) -> Change:
    """Create an item with a draft on each marketplace named.

    The same id with the same content is answered; with other content it is `item_id_taken`.
    """
    not_too_large(content, drafts)
    created = fingerprint(content, quantity, drafts)
    if item is None or not item.known:
        return _new(item, Item(item_id, content, quantity, created=created), drafts, now)
    not_deleted(item)
    if created not in {item.created, _as_now(item)}:
        raise Refused("item_id_taken", "Another item already has this item_id.", "/item_id")
    return Change(item)


def fingerprint(content: Content, quantity: int, drafts: Mapping[str, Details]) -> str:
    """What tells the same creation from another."""
    parts = to_builtins((content, quantity, drafts))
    return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _as_now(item: Item) -> str:
    details = {m: listing.details for m, listing in item.listings.items()}
    return fingerprint(item.content, item.quantity, details)


def _new(
    placeholder: Item | None, item: Item, drafts: Mapping[str, Details], now: datetime
) -> Change:
    item = replace(item, listings={m: Listing(details=details) for m, details in drafts.items()})
    facts: list[Fact] = []
    for event in placeholder.waiting if placeholder else ():
        item, found = applied(item, event, now)
        facts = [*facts, *found]
    revision = placeholder.revision if placeholder else 0
    return change(placeholder, replace(item, revision=revision), *facts)
