"""Many items at once: what stands in the way of each before, and what became of each after."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from brocante.contracts.values import Issue
from gateway.domain.problems import TITLES

Row = dict[str, Any]
EVERYWHERE = "*"
PUT_ASIDE = {
    "sold": ("item_sold", "Cancel the sale first."),
    "unavailable": ("item_unavailable", "Make it available first."),
    "out_of_stock": ("item_out_of_stock", "Raise its quantity first."),
    "deleted": ("item_deleted", "Leave it out: only its history is left."),
}
"""What inventory answers to an activation or a hold of an item with this status (R5, R6)."""
FOR_SALE_ONLY = frozenset({"activate", "hold"})
CONNECTS = frozenset({"activate"})
FINAL = frozenset({"done", "refused", "rejected"})


def meant(item: Mapping[str, Any], marketplaces: Sequence[str]) -> list[str]:
    """The marketplaces that are meant of an item: `*` is every connected one."""
    connected = item["listings"] if EVERYWHERE in marketplaces else ()
    return list(dict.fromkeys([*sorted(connected), *(m for m in marketplaces if m != EVERYWHERE)]))


def refused_before(
    item_id: str, item: Mapping[str, Any] | None, action: str, marketplaces: Sequence[str]
) -> list[Issue]:
    """What inventory would refuse, going by the snapshot: the item itself, then its connections."""
    if item is None:
        return [_issue("unknown_item", f"There is no item {item_id}.", "Leave it out.")]
    aside = PUT_ASIDE.get(item["status"]) if action in FOR_SALE_ONLY else None
    if aside is not None:
        code, remedy = aside
        return [_issue(code, f"{TITLES[code][1]}.", remedy)]
    if action == "delete":
        return []
    if EVERYWHERE in marketplaces and not item["listings"]:
        return [_issue("not_connected", "The item is connected nowhere.", "Name marketplaces.")]
    return [
        _issue("not_connected", f"The item has no listing on {m}.", "Leave it out.", m)
        for m in marketplaces
        if action not in CONNECTS and m != EVERYWHERE and m not in item["listings"]
    ]


def foreseen(item_id: str, places: Iterable[str], issues: Sequence[Issue]) -> Row:
    """A row of a dry run: `ready`, `partly` (some marketplaces would refuse) or `blocked`."""
    errors = [issue for issue in issues if issue.severity == "error"]
    refusing = {issue.marketplace for issue in errors}
    standing = {m: "blocked" if {m, None} & refusing else "ready" for m in places}
    going = "ready" in standing.values()
    result = "ready" if not errors else "partly" if going else "blocked"
    said = [issue.model_dump(mode="json") for issue in issues]
    return {"item_id": item_id, "result": result, "marketplaces": standing, "issues": said}


def counted(rows: Sequence[Row]) -> dict[str, int]:
    """How many rows have each result."""
    return dict(sorted(Counter(str(row["result"]) for row in rows).items()))


def counted_by_marketplace(rows: Sequence[Row]) -> dict[str, dict[str, int]]:
    """Of a dry run: how many listings of each marketplace are ready, how many blocked."""
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        for marketplace, standing in row["marketplaces"].items():
            of_one = found.setdefault(marketplace, {"ready": 0, "blocked": 0})
            of_one[standing] += 1
    return dict(sorted(found.items()))


def so_far(report: Row, rows: Sequence[Row]) -> Row:
    """The report with its rows as they are now; done once nothing waits any more."""
    done = sum(row["result"] in FINAL for row in rows)
    status = "done" if done == len(rows) else "running"
    return {**report, "status": status, "done": done, "counts": counted(rows), "rows": list(rows)}


def _issue(code: str, message: str, action: str, marketplace: str | None = None) -> Issue:
    return Issue(
        code=code, category="dealer", message=message, action=action, marketplace=marketplace
    )
