"""A Shopify product export as items to create, and what is wrong with each row, by its line.

One row is one item; further rows of a handle add images. A second variant is refused by name: a
piece is one of its kind, and Shopify lists both variants as one product. What can be read only in
one way is read and reported as a warning; what could be read in two ways is refused.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from gateway.domain.csv_columns import Columns, columns
from gateway.domain.csv_product import product, shown
from gateway.domain.csv_records import Record, records
from gateway.domain.csv_rows import Draft, Finding, Row, row_of

__all__ = ["Draft", "Finding", "Result", "read"]

MOST_IMAGES = 250
LAST = 1_000_000


@dataclass(slots=True)
class Result:
    """Everything read from a file. `missing` columns mean that nothing could be read."""

    drafts: list[Draft] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    rows: int = 0
    missing: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


@dataclass(slots=True)
class _Seen:
    """What earlier rows had: products by handle (None: refused), first lines of SKUs and ids.

    `repeated` are handles whose latest product was refused: the images that follow are that one's.
    `positions` are those of a handle's images.
    """

    drafts: dict[str, Draft | None] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    skus: dict[str, int] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)
    repeated: set[str] = field(default_factory=set)
    positions: dict[str, dict[str, int]] = field(default_factory=dict)


def read(content: bytes, currency: str) -> Result:
    """Read a file; `currency` is what its prices are in (the file never says)."""
    found = records(content)
    header = next(found, Record(1, ()))
    places = columns(header.cells)
    result = Result(missing=places.missing, ignored=places.ignored)
    if places.missing:
        return result
    seen = _Seen()
    for record in found:
        result.rows += 1
        result.findings += _take(record, places, currency, seen)
    result.drafts = [draft for draft in seen.drafts.values() if draft is not None]
    result.findings.sort(key=lambda finding: finding.line)
    return result


def _take(record: Record, places: Columns, currency: str, seen: _Seen) -> list[Finding]:
    row = row_of(record, places)
    shape = _wrong_shape(row)
    if shape is not None:
        return [shape]
    handle = row.cells["handle"]
    if not any(row.cells[name] for name in ("title", "sku", "price")):
        return _image_row(row, seen)
    if handle in seen.drafts:
        return [_second(row, seen)]
    draft, findings = product(row, currency)
    if draft is not None:
        findings += [*_same_sku(row, seen), *(same := list(_same_id(row, draft, seen)))]
        draft = None if same else draft
    if handle:
        seen.drafts[handle] = draft
        seen.lines[handle] = row.line
    if draft is not None:
        seen.ids[draft.item_id] = row.line
        seen.positions[handle] = dict.fromkeys(draft.images, _position(row))
    return findings


def _wrong_shape(row: Row) -> Finding | None:
    got, wanted = len(row.record.cells), row.columns.width
    if row.record.broken is not None:
        return row.finding(
            "unreadable_row",
            f"The row cannot be read: {row.record.broken}.",
            "Look for a quotation mark that is not closed or not doubled.",
        )
    if not any(cell.strip() for cell in row.record.cells[1:]):
        return row.finding(
            "not_a_product", "The row has nothing but its first cell.", "Delete this row."
        )
    if got < wanted:
        return row.finding(
            "row_cut_short",
            f"The row ends after {got} of {wanted} columns; its last value may be cut too.",
            "Export this product again.",
        )
    if got > wanted:
        return row.finding(
            "too_many_columns",
            f"The row has {got} values for {wanted} columns: a comma stands outside quotes.",
            "Put the value with the comma in quotation marks.",
        )
    return None


def _image_row(row: Row, seen: _Seen) -> list[Finding]:
    handle = row.cells["handle"]
    if handle not in seen.drafts:
        return [
            row.finding(
                "no_such_product",
                f'The row adds an image to "{handle}", which is nowhere above it.',
                "Add the product's own row before it, or delete this row.",
            )
        ]
    draft = None if handle in seen.repeated else seen.drafts[handle]
    images, findings = shown(row)
    if draft is not None:
        positions = seen.positions[handle]
        for image in images:
            positions.setdefault(image, _position(row))
        merged = sorted(positions, key=positions.__getitem__)
        seen.drafts[handle] = replace(draft, images=tuple(merged[:MOST_IMAGES]))
    return findings


def _position(row: Row) -> int:
    """Where the shop shows the row's image; without a number after those that have one."""
    position = row.cells["position"]
    return int(position) if re.fullmatch(r"[0-9]{1,6}", position) else LAST


def _second(row: Row, seen: _Seen) -> Finding:
    handle, title = row.cells["handle"], row.cells["title"]
    first = seen.lines[handle]
    if not title:
        variant = row.cells["option_value"] or row.cells["sku"]
        return row.finding(
            "second_variant",
            f'The row is another variant ("{variant}") of the product on line {first}.',
            "Give each piece a product and a handle of its own.",
        )
    seen.repeated.add(handle)
    return row.finding(
        "handle_taken",
        f'The handle "{handle}" was already used on line {first}.',
        "Give this product a handle of its own.",
        "/item_id",
    )


def _same_sku(row: Row, seen: _Seen) -> Iterator[Finding]:
    sku = row.cells["sku"]
    first = seen.skus.setdefault(sku, row.line)
    if first != row.line:
        yield row.warning(
            "sku_used_twice",
            f'The SKU "{sku}" is also on line {first}.',
            "If one of them is a slip (a spreadsheet drops the last zero of 91.10), correct it.",
            "/sku",
        )


def _same_id(row: Row, draft: Draft, seen: _Seen) -> Iterator[Finding]:
    """Two handles can become one id once they are written as Shopify would write them."""
    taken = seen.ids.get(draft.item_id)
    if taken is not None:
        yield row.finding(
            "handle_taken",
            f'The handle becomes "{draft.item_id}", which line {taken} has.',
            "Give this product a handle of its own.",
            "/item_id",
        )
