"""I5: no sold item is knowingly put on sale, and in the end none is; nothing is resurrected."""

from collections.abc import Mapping
from typing import Any

from tests.chaos.evidence import Evidence
from tests.chaos.fair import as_shown
from tests.chaos.invariants.exposure import seconds, undisturbed

KNOWN_SECONDS = 4.0
"""By then a sale has reached every worker, when nothing is in the way."""


def sold_is_off_sale(evidence: Evidence) -> list[str]:
    """Never wanted on sale while sold; nothing sold shown active; shown as the story has it."""
    return [
        *_wanted(evidence),
        *_put_on_sale(evidence),
        *_active(evidence),
        *_twice(evidence),
        *_story(evidence),
    ]


def _wanted(evidence: Evidence) -> list[str]:
    wrong = set()
    for record in evidence.records:
        if record.type != "item.changed" or int(record.facts["on_hand"]) > 0:
            continue
        active = sorted(m for m, how in record.facts["desired"].items() if how == "active")
        if active:
            wrong.add(
                f"revision {record.facts['revision']} of {record.subject} is"
                f" {record.facts['status']} and wanted active on {', '.join(active)}"
            )
    return sorted(wrong)


def _put_on_sale(evidence: Evidence) -> list[str]:
    """Long after a sale was known, with nothing to excuse it: a call for an old target."""
    active: dict[str, list[Mapping[str, Any]]] = {}
    for state in evidence.ledger.get("states", ()):
        if state["state"] == "active":
            active.setdefault(state["sku"], []).append(state)
    wrong = []
    for sale in evidence.sales.values():
        if _quantity(evidence, sale.piece) > 1:
            continue
        for state in active.get(sale.piece, ()):
            since = seconds(state["since"])
            back = sale.canceled_at is not None and since > sale.canceled_at - KNOWN_SECONDS
            if back or since < sale.known_by:
                continue
            late = undisturbed(sale.known_by, since, evidence.disturbed)
            if late > KNOWN_SECONDS:
                wrong.append(
                    f"{sale.piece} was put on sale on {state['marketplace']}"
                    f" {late:.1f} undisturbed seconds after it was sold"
                )
    return wrong


def _twice(evidence: Evidence) -> list[str]:
    shown: dict[tuple[str, str], set[str]] = {}
    for state in evidence.ledger.get("states", ()):
        if state["until"] is None:
            where = (state["marketplace"], state["sku"])
            shown.setdefault(where, set()).add(state["external_id"])
    return [
        f"{sku or 'what has no SKU'} has {len(ids)} listings on {marketplace}"
        for (marketplace, sku), ids in shown.items()
        if len(ids) > 1
    ]


def _active(evidence: Evidence) -> list[str]:
    open_sales: dict[str, int] = {}
    for sale in evidence.sales.values():
        if sale.canceled_at is None:
            open_sales[sale.piece] = open_sales.get(sale.piece, 0) + 1
    return [
        f"{sku} is sold and can still be bought on {marketplace}"
        for (marketplace, sku), state in evidence.shown.items()
        if state == "active" and open_sales.get(sku, 0) >= _quantity(evidence, sku)
    ]


def _quantity(evidence: Evidence, sku: str) -> int:
    piece = evidence.pieces.get(sku)
    return piece.quantity if piece is not None else 1


def _story(evidence: Evidence) -> list[str]:
    wrong = []
    for name, piece in evidence.pieces.items():
        for marketplace, wanted in (piece.shown or {}).items():
            shown = as_shown(evidence.shown.get((marketplace, name)))
            if shown != wanted and not _excused(evidence, name, marketplace, wanted):
                wrong.append(f"{name} is {shown} on {marketplace}, it should be {wanted}")
    return wrong


def _excused(evidence: Evidence, name: str, marketplace: str, wanted: str) -> bool:
    """A marketplace that lied about putting on sale is not fought: it is shown as drift."""
    listing = evidence.items.get(name, {}).get("listings", {}).get(marketplace, {})
    lied = any(s.kind == "lie" and s.target == marketplace for s in evidence.struck)
    return wanted == "active" and lied and bool(listing.get("drift"))
