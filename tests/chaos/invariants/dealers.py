"""I10: no dealer ever sees another's data, though both use the same ids."""

from tests.chaos.evidence import Evidence

TITLES = {"main": "First dealer", "second": "Second dealer"}


def dealers_never_meet(evidence: Evidence) -> list[str]:
    """Snapshots under each dealer are of that dealer's pieces; views show the first's only."""
    wrong = set()
    for record in evidence.records:
        title = record.facts.get("title")
        if record.type == "item.changed" and not _own(record.dealer, title):
            wrong.add(f"item {record.subject} of {record.dealer} is called {title!r}")
        if _strange_sale(record.dealer, str(record.facts.get("sale_id", ""))) and record.type:
            wrong.add(f"{record.type} of {record.dealer} names {record.facts['sale_id']}")
    wrong |= {
        f"the first dealer is shown {name}, {item['title']!r}"
        for name, item in evidence.items.items()
        if not _own("main", item["title"])
    }
    wrong |= {
        f"the first dealer is shown sale {sale}"
        for sale in evidence.sales_shown
        if _strange_sale("main", sale)
    }
    return sorted(wrong)


def _own(dealer: str, title: object) -> bool:
    return str(title).startswith(TITLES.get(dealer, "nobody"))


def _strange_sale(dealer: str, sale: str) -> bool:
    return bool(sale) and sale.startswith("second-sale-") != (dealer == "second")
