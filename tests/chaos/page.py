"""The report for people: one HTML file that needs nothing else, light and dark."""

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

STYLE = Path(__file__).with_name("page.css")
EXPOSURE_WORDS = (
    "<p>Seconds from a sale to the moment the piece could be bought nowhere else, by the"
    " marketplaces' own clock. <em>Undisturbed</em> leaves out the time in which a fault was in"
    " force or a service was not ready.</p>"
)
FIRST, MOST = 6, 200
ROW, TOP, LEFT, WIDTH = 15, 26, 150, 900
COLORS = {
    "kill": "a",
    "zombie": "a",
    "rolling": "a",
    "scale": "a",
    "broker": "b",
    "database": "c",
    "sandbox": "d",
    "poison": "e",
}


def page(said: Mapping[str, Any]) -> str:
    """The whole file."""
    verdict = "No invariant was violated" if not said["violated"] else "Violated"
    body = [
        f"<h1>{verdict}</h1>",
        _facts(said),
        "<h2>Invariants</h2>",
        _invariants(said),
        "<h2>Exposure</h2>",
        EXPOSURE_WORDS,
        _exposure(said["exposure"]),
        "<h2>Faults</h2>",
        _timeline(said),
        _fault_table(said["faults"]),
        "<h2>Counts</h2>",
        _counts(said["counts"]),
        "<h2>What could not be told as planned</h2>",
        _list(said["skipped"]) or "<p>Nothing.</p>",
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>Chaos, seed {said['seed']}</title><style>{STYLE.read_text()}</style></head>"
        f"<body class='{'bad' if said['violated'] else 'good'}'><main>{''.join(body)}</main>"
        "</body></html>\n"
    )


def _facts(said: Mapping[str, Any]) -> str:
    again = " ".join(word for word in said["arguments"] if word)
    counts = said["counts"]
    words = [
        f"{counts['faults']} faults, {counts['sales']} sales, {counts['pieces']} pieces",
        f"Kafka: {said['kafka']}; database: {said['mongo']}",
        f"seed {said['seed']}, arguments <code>{escape(again)}</code>",
        f"{escape(said['began'])}, {said['seconds']:.0f} s in all",
        f"at rest {said['rest_seconds']:.0f} s after healing",
        f"exposure without faults may be {said['calm_limit']:g} s on a machine as shared as this",
        f"load average of the machine at the end {said['load_average'][0]}",
    ]
    if said["plant"]:
        words.append(f"planted fault: <strong>{escape(said['plant'])}</strong>")
    return "<ul class='facts'>" + "".join(f"<li>{word}</li>" for word in words) + "</ul>"


def _invariants(said: Mapping[str, Any]) -> str:
    rows = []
    for name, words in said["invariants"].items():
        broken = said["violations"].get(name, [])
        verdict = f"<b class='no'>{len(broken)} violations</b>" if broken else "kept"
        rows.append(
            f"<tr><th>{name}</th><td>{escape(words)}</td><td>{verdict}{_list(broken)}</td></tr>"
        )
    return f"<table>{''.join(rows)}</table>"


def _exposure(exposure: Mapping[str, Any]) -> str:
    rows = ["<tr><th></th><th>sales</th><th>p50</th><th>p99</th><th>longest</th></tr>"]
    for phase, figures in exposure.items():
        for how in ("wall", "undisturbed"):
            found = figures[how]
            if found:
                cells = "".join(f"<td>{found[name]:.2f}</td>" for name in ("p50", "p99", "most"))
                name = f"{phase}, {'in all' if how == 'wall' else how}"
                rows.append(f"<tr><th>{name}</th><td>{figures['sales']}</td>{cells}</tr>")
    return f"<table class='figures'>{''.join(rows)}</table>"


def _timeline(said: Mapping[str, Any]) -> str:
    """Faults over time, a row for each kind of target."""
    faults = said["faults"]
    if not faults:
        return "<p>None.</p>"
    rows = sorted({fault["target"] for fault in faults})
    start, end = said["moments"]["storm"], max(fault["until"] for fault in faults) + 1
    scale = WIDTH / max(1.0, end - start)
    height = TOP + ROW * len(rows)
    drawn = [_ticks(start, end, scale, height)]
    for number, name in enumerate(rows):
        drawn.append(f"<text x='{LEFT - 6}' y='{TOP + ROW * number + 11}'>{escape(name)}</text>")
    for fault in faults:
        x = LEFT + (fault["at"] - start) * scale
        width = max(2.0, (fault["until"] - fault["at"]) * scale)
        y = TOP + ROW * rows.index(fault["target"]) + 2
        color = COLORS.get(fault["kind"].split("-")[0], "f")
        title = escape(f"{fault['kind']} at {fault['at']} s: {fault['note']}")
        drawn.append(
            f"<rect class='{color}' x='{x:.1f}' y='{y}' width='{width:.1f}' height='{ROW - 4}'>"
            f"<title>{title}</title></rect>"
        )
    return (
        f"<svg viewBox='0 0 {LEFT + WIDTH + 10} {height}' role='img'"
        f" aria-label='Faults over time'>{''.join(drawn)}</svg>"
    )


def _ticks(start: float, end: float, scale: float, height: int) -> str:
    step = max(10, round((end - start) / 12 / 10) * 10)
    lines = []
    for second in range(0, int(end - start) + 1, step):
        x = LEFT + second * scale
        lines.append(
            f"<line x1='{x:.1f}' x2='{x:.1f}' y1='{TOP - 6}' y2='{height}'/>"
            f"<text class='tick' x='{x:.1f}' y='14'>{second} s</text>"
        )
    return "".join(lines)


def _fault_table(faults: list[Mapping[str, Any]]) -> str:
    rows = ["<tr><th>#</th><th>at</th><th>for</th><th>fault</th><th>where</th><th></th></tr>"]
    for one in faults:
        cells = (
            str(one["number"]),
            f"{one['at']:.1f}",
            f"{one['until'] - one['at']:.1f}",
            escape(one["kind"]),
            escape(one["target"]),
            escape(one["note"]),
        )
        rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    table = f"<table class='figures'>{''.join(rows)}</table>"
    return f"<details><summary>Each fault ({len(faults)})</summary>{table}</details>"


def _counts(counts: Mapping[str, Any]) -> str:
    rows = []
    for name, value in counts.items():
        shown = value
        if isinstance(value, Mapping):
            shown = ", ".join(f"{key} {number}" for key, number in value.items())
        rows.append(f"<tr><th>{name.replace('_', ' ')}</th><td>{escape(str(shown))}</td></tr>")
    return f"<table>{''.join(rows)}</table>"


def _list(words: list[str]) -> str:
    if not words:
        return ""
    shown = [f"<li>{escape(one)}</li>" for one in words[:MOST]]
    first = f"<ul>{''.join(shown[:FIRST])}</ul>"
    if len(words) <= FIRST:
        return first
    rest = f"<ul>{''.join(shown[FIRST:])}</ul>"
    return f"{first}<details><summary>and {len(words) - FIRST} more</summary>{rest}</details>"
