"""A row of a product export by our names, and what its single cells say."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from gateway.domain import csv_values as values
from gateway.domain.csv_columns import Columns
from gateway.domain.csv_records import Record

LONGEST_SKU = 128
LONGEST_TITLE = 500
STATUSES = frozenset({"", "active", "draft", "archived", "unlisted"})
PUBLISHED = frozenset({"", "true", "false"})


@dataclass(frozen=True, slots=True)
class Draft:
    """An item to create, as the row has it. `amount` is in the import's currency."""

    line: int
    item_id: str
    sku: str
    title: str
    description: str | None
    amount: str
    quantity: int
    category: str | None
    condition: str | None
    images: tuple[str, ...]
    attributes: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a row; with severity `warning` the row went in all the same.

    `field` is a JSON Pointer into `item.create`'s payload, or None.
    """

    line: int
    code: str
    message: str
    action: str
    field: str | None = None
    sku: str | None = None
    severity: Literal["error", "warning"] = "error"


@dataclass(frozen=True, slots=True)
class Row:
    """One record by the names of our columns, text put right and trimmed."""

    record: Record
    columns: Columns
    cells: Mapping[str, str]

    @property
    def line(self) -> int:
        return self.record.line

    @property
    def sku(self) -> str | None:
        return self.cells["sku"] or None

    def raw(self, name: str) -> str:
        return self.columns.cell(self.record.cells, name)

    def finding(
        self, code: str, message: str, action: str, pointer: str | None = None, **more: str
    ) -> Finding:
        severity: Literal["error", "warning"] = "warning" if more.get("warning") else "error"
        return Finding(self.line, code, message, action, pointer, self.sku, severity)


def row_of(record: Record, places: Columns) -> Row:
    names = ("handle", "title", "sku", "price", "quantity", "vendor", "category", "type", "tags")
    others = ("status", "condition", "barcode", "image", "option_name", "option_value", "body")
    cells = {name: places.cell(record.cells, name) for name in (*names, *others)}
    texts = {name: values.repaired(text).strip() for name, text in cells.items()}
    texts["title"] = values.unescaped(texts["title"])
    return Row(record, places, texts)
