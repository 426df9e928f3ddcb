"""The columns of Shopify's product export, in both generations of its header."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

# Ours: theirs, the older name first, the newer (2025 on) after it; compared without case.
NAMES: Mapping[str, tuple[str, ...]] = {
    "handle": ("handle", "url handle"),
    "title": ("title",),
    "body": ("body (html)", "description"),
    "vendor": ("vendor",),
    "category": ("product category",),
    "type": ("type",),
    "tags": ("tags",),
    "published": ("published", "published on online store"),
    "status": ("status",),
    "sku": ("variant sku", "sku"),
    "barcode": ("variant barcode", "barcode"),
    "option_name": ("option1 name",),
    "option_value": ("option1 value",),
    "price": ("variant price", "price"),
    "quantity": ("variant inventory qty", "inventory quantity"),
    "image": ("image src", "product image url"),
    "position": ("image position",),
    "condition": ("google shopping / condition",),
}
NEEDED = ("handle", "title", "sku", "price")
# `Era (product.metafields.custom.era)`: what the shop itself named.
_METAFIELD = re.compile(r"\(product\.metafields\.[^.()]+\.(?P<key>[^()]+)\)\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each column is; `metafields` by the key the shop gave; `ignored` by their names."""

    width: int
    places: Mapping[str, int]
    metafields: Mapping[str, int] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """The names (older generation) of needed columns that are not there."""
        return tuple(NAMES[name][0] for name in NEEDED if name not in self.places)

    def cell(self, cells: Sequence[str], name: str) -> str:
        """The cell of one of our columns; empty when the column is not there."""
        place = self.places.get(name)
        return cells[place] if place is not None and place < len(cells) else ""


def columns(header: Sequence[str]) -> Columns:
    """Find our columns in a header."""
    names = [" ".join(cell.split()).casefold() for cell in header]
    places = {
        ours: names.index(found)
        for ours, theirs in NAMES.items()
        if (found := next((name for name in theirs if name in names), None))
    }
    metafields = {
        match["key"].strip().lower(): place
        for place, cell in enumerate(header)
        if (match := _METAFIELD.search(cell))
    }
    used = {*places.values(), *metafields.values()}
    known = _shopify_others()
    ignored = [cell for place, cell in enumerate(header) if place not in used and cell.strip()]
    return Columns(
        len(header),
        places,
        metafields,
        tuple(cell for cell in ignored if not known.match(" ".join(cell.split()))),
    )


def _shopify_others() -> re.Pattern[str]:
    """Columns of Shopify's own that say nothing about an item's content."""
    return re.compile(
        r"(?i)^(option[123].*|variant .*|image .*|gift card|seo .*|google shopping.*|cost per item"
        r"|.* / international|compare-at price|charge tax|tax code|unit price.*|inventory tracker"
        r"|continue selling when out of stock|weight.*|requires shipping|fulfillment service"
        r"|color .*|included / .*|price / .*|compare at price / .*)$"
    )
