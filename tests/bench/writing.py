"""A report as Markdown, which is readable on a terminal too, and as JSON."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from tests.bench.results import Bar, Report, Table


def as_markdown(report: Report) -> str:
    """The whole report; the bars come last."""
    lines = ["# How fast Brocante is", ""]
    lines += [f"* {name}: {value}" for name, value in report.setting.items()]
    for part in report.parts:
        for table in part.tables:
            lines += ["", *_table(table)]
    if report.bars:
        lines += ["", *_table(bars(report.bars))]
    return "\n".join(lines) + "\n"


def as_json(report: Report) -> str:
    """Every sample, and the bars with whether they are met."""
    whole: dict[str, Any] = {
        "setting": dict(report.setting),
        "parts": {part.name: dict(part.data) for part in report.parts},
        "bars": [{**asdict(bar), "met": bar.met} for bar in report.bars],
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def bars(found: Sequence[Bar]) -> Table:
    """Measured, bar, aim."""
    rows = [
        [
            bar.name,
            number(bar.measured),
            f"{bar.sign} {number(bar.bar)}",
            "" if bar.aim is None else f"{bar.sign} {number(bar.aim)}",
            "met" if bar.met else "MISSED",
        ]
        for bar in found
    ]
    return Table("Bars", ("what", "measured", "bar", "aim", ""), rows)


def number(value: float) -> str:
    """Three figures, or whole ones from 100 up, with commas."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _table(table: Table) -> Iterator[str]:
    yield f"## {table.title}"
    yield ""
    widths = [
        max(len(row[n]) for row in (table.header, *table.rows)) for n in range(len(table.header))
    ]
    yield _row(table.header, widths)
    yield "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    for row in table.rows:
        yield _row(row, widths)
    if table.note:
        yield ""
        yield table.note


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return "| " + " | ".join(padded) + " |"
