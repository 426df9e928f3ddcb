"""From the bytes of a CSV file to records with their line numbers, tolerantly.

Real exports mix encodings within one file, end lines in two ways and leave quotes open. Each line
is decoded by itself, and a record that cannot be read does not take the others with it.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

BOM = b"\xef\xbb\xbf"
DELIMITERS = (",", ";", "\t")


@dataclass(frozen=True, slots=True)
class Record:
    """One record: the line it starts at (from 1), its cells, whether it was not UTF-8.

    `broken` says why it could not be read; then there are no cells.
    """

    line: int
    cells: tuple[str, ...]
    windows_1252: bool = False
    broken: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One physical line with its end."""

    text: str
    windows_1252: bool


def lines(content: bytes) -> list[Line]:
    """Physical lines, each decoded as UTF-8 or else as Windows-1252."""
    body = content.removeprefix(BOM)
    parts = body.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    return [_line(part) for part in parts]


def records(content: bytes, delimiter: str | None = None) -> Iterator[Record]:
    """Every record that is not blank; the first is the header."""
    physical = lines(content)
    chosen = delimiter or _delimiter(physical)
    start = 0
    while start < len(physical):
        record, following = _record(physical, start, chosen)
        start = following
        if record is not None:
            yield record


def _line(part: bytes) -> Line:
    try:
        return Line(part.decode() + "\n", windows_1252=False)
    except UnicodeDecodeError:
        pass
    try:
        return Line(part.decode("cp1252") + "\n", windows_1252=True)
    except UnicodeDecodeError:
        # Five bytes mean nothing in Windows-1252; they stay visible as control characters.
        return Line(part.decode("latin-1") + "\n", windows_1252=True)


def _delimiter(physical: Sequence[Line]) -> str:
    header = next((line.text for line in physical if line.text.strip()), "")
    return max(DELIMITERS, key=header.count)


def _record(physical: Sequence[Line], start: int, delimiter: str) -> tuple[Record | None, int]:
    """The record beginning at a line (None: it is blank), and where the next one begins."""
    # No slice: copying what is left of the file for every record takes time by its square.
    following_lines = (physical[place].text for place in range(start, len(physical)))
    reader = csv.reader(following_lines, delimiter=delimiter, strict=True)
    try:
        cells = next(reader)
    except csv.Error as error:
        return Record(start + 1, (), broken=str(error)), start + 1
    following = start + reader.line_num
    if not any(cell.strip() for cell in cells):
        return None, following
    odd = any(one.windows_1252 for one in physical[start:following])
    return Record(start + 1, tuple(cells), odd), following
