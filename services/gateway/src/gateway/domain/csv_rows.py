"""A row of a product export by our names, and what its single cells say."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from gateway.domain import csv_values as values
from gateway.domain.csv_columns import NAMES, Columns
from gateway.domain.csv_records import Record


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
        """The line of the file it starts at."""
        return self.record.line

    def raw(self, name: str) -> str:
        """A cell as the file has it."""
        return self.columns.cell(self.record.cells, name)

    def finding(self, code: str, message: str, action: str, field: str | None = None) -> Finding:
        """Why this row does not go in."""
        return Finding(self.line, code, message, action, field, self.cells["sku"] or None)

    def warning(self, code: str, message: str, action: str, field: str | None = None) -> Finding:
        """What to look at although the row goes in."""
        sku = self.cells["sku"] or None
        return Finding(self.line, code, message, action, field, sku, "warning")


def row_of(record: Record, places: Columns) -> Row:
    """Read a record by our columns."""
    cells = {name: places.cell(record.cells, name) for name in NAMES}
    texts = {name: values.repaired(text).strip() for name, text in cells.items()}
    texts["title"] = values.unescaped(texts["title"])
    return Row(record, places, texts)
