"""I11: of concurrent sales of one piece exactly one is not oversold, and the dealer is told."""

from tests.chaos.evidence import Evidence


def one_sale_is_not_oversold(evidence: Evidence) -> list[str]:
    """Of a piece sold twice: one on hand less for each sale, `item.oversold` naming all of them."""
    told: dict[str, set[str]] = {}
    for record in evidence.records:
        if record.type == "item.oversold" and record.dealer == "main":
            named = set(map(str, record.facts.get("sales", ())))
            told[record.subject] = max(told.get(record.subject, set()), named, key=len)
    wrong = []
    for name, piece in evidence.pieces.items():
        open_sales = {s for s in piece.sales if evidence.sales[s].canceled_at is None}
        if not piece.double or len(open_sales) < 2:
            continue
        item = evidence.items.get(name)
        oversold = -item["on_hand"] if item else 0
        if oversold != len(open_sales) - 1:
            wrong.append(f"{name} was sold {len(open_sales)} times, {oversold} are oversold")
        if not open_sales <= told.get(name, set()):
            wrong.append(f"{name} was sold {len(open_sales)} times and nobody was told")
    return wrong
