"""How much an item may say: every change of it is told whole, to everyone who shows it."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from inventory.domain.item import Content
from inventory.domain.listing import Details
from inventory.domain.refusals import Refused

MOST = 256 * 1024
"""Characters of all texts, pictures' addresses and attributes, those of its listings included."""


def not_too_large(content: Content, details: Mapping[str, Details]) -> None:
    """Refuse more than an item may say, naming the field that says most."""
    fields = {f"/{name}": value for name, value in _said(content)}
    for marketplace, own in details.items():
        fields |= {f"/listings/{marketplace}/{name}": value for name, value in _said(own)}
    sizes = {field: _size(value) for field, value in fields.items()}
    total = sum(sizes.values())
    if total > MOST:
        largest = max(sizes, key=lambda field: sizes[field])
        raise Refused(
            "invalid",
            f"The item has {total} characters, its listings' own details included; {MOST} at most."
            f" Shorten {largest}, which has {sizes[largest]}.",
            largest,
        )


def _said(one: Content | Details) -> Iterable[tuple[str, Any]]:
    for name in ("title", "description", "category", "condition", "images", "attributes"):
        value = getattr(one, name, None)
        if value:
            yield name, value


def _size(value: Any) -> int:
    return len(value) if isinstance(value, str) else len(json.dumps(value))
