"""A Shopify product export as items to create, and what is wrong with each row, by its line.

One row is one item; further rows of a handle add images. A second variant is refused by name: a
piece is one of its kind, and Shopify lists both variants as one product. What can be read only in
one way is read and reported as a warning; what could be read in two ways is refused.
"""

from dataclasses import dataclass, field, replace

from gateway.domain.csv_columns import Columns, columns
from gateway.domain.csv_records import Record, records

LONGEST_SKU = 128
LONGEST_TITLE = 500
MOST_IMAGES = 250
STATUSES = frozenset({"", "active", "draft", "archived", "unlisted"})


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
    """What earlier rows had: products by handle (None: refused), first lines of SKUs."""

    drafts: dict[str, Draft | None] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    skus: dict[str, int] = field(default_factory=dict)


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
    product = any(row.cells[name] for name in ("title", "sku", "price"))
    if not product:
        return _image_row(row, seen)
    if handle in seen.drafts:
        return [_second(row, seen)]
    draft, findings = _product(row, currency, seen)
    if handle:
        seen.drafts[handle] = draft
        seen.lines[handle] = row.line
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
    draft = seen.drafts[handle]
    images, findings = _images(row)
    if draft is not None:
        merged = tuple(dict.fromkeys((*draft.images, *images)))
        seen.drafts[handle] = replace(draft, images=merged[:MOST_IMAGES])
    return findings


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
    return row.finding(
        "handle_taken",
        f'The handle "{handle}" was already used on line {first}.',
        "Give this product a handle of its own.",
        "/item_id",
    )
