"""I5: no sold item is knowingly put on sale, and in the end none is; nothing is resurrected."""

from tests.chaos.evidence import Evidence
from tests.chaos.fair import as_shown


def sold_is_off_sale(evidence: Evidence) -> list[str]:
    """Never wanted on sale while sold; nothing sold shown active; shown as the story has it."""
    return [*_wanted(evidence), *_active(evidence), *_story(evidence)]


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


def _active(evidence: Evidence) -> list[str]:
    open_sales: dict[str, int] = {}
    for sale in evidence.sales.values():
        if sale.canceled_at is None:
            open_sales[sale.piece] = open_sales.get(sale.piece, 0) + 1
    return [
        f"{sku} is sold and can still be bought on {marketplace}"
        for (marketplace, sku), state in evidence.shown.items()
        if state == "active" and open_sales.get(sku, 0) > 0
    ]


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
