"""Where a sweep stands in eBay's lists. Pure.

Neither list has an order that can be relied on while it changes: pages of orders overlap, and what
is seen twice is told apart by its ids. Times are eBay's own; this machine's clock is only used for
how far back a first sweep goes.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

ORDERS, ITEMS = 100, 25
FIRST_SWEEP = timedelta(days=30)
LATE = timedelta(minutes=2)
"""A change may show up in the list this much after the time it bears."""


@dataclass(frozen=True, slots=True)
class OrdersAt:
    """Orders changed since `since`, from `offset` on; `newest` is the latest change seen so far."""

    since: str
    offset: int
    newest: str

    def after(
        self, orders: Sequence[Mapping[str, Any]], total: int
    ) -> tuple[str | None, str | None]:
        """The cursor of the next page, or where the next sweep starts: one of them is None."""
        changes = [
            str(order["lastModifiedDate"]) for order in orders if "lastModifiedDate" in order
        ]
        newest = max([self.newest, *changes], key=_moment)
        if orders and self.offset + ORDERS < total:
            # An order that changes meanwhile moves the ones behind it: some are read twice.
            offset = self.offset + ORDERS - ORDERS // 10
            return json.dumps({"since": self.since, "offset": offset, "newest": newest}), None
        start = max(_moment(self.since), _moment(newest) - LATE)
        return None, json.dumps({"since": _stamp(start)})


def orders_at(cursor: str | None, now: datetime) -> OrdersAt:
    """What a cursor says; without one a first sweep looks back 30 days."""
    at = json.loads(cursor) if cursor else {}
    since = str(at.get("since") or _stamp(now - FIRST_SWEEP))
    return OrdersAt(since, int(at.get("offset") or 0), str(at.get("newest") or since))


def next_items(body: Mapping[str, Any], offset: int) -> str | None:
    """The next page's `offset`, as eBay itself writes it: it counts pages, not items."""
    link = body.get("next")
    if not link or not body.get("inventoryItems"):
        return None
    given = parse_qs(urlsplit(str(link)).query).get("offset", [""])[0]
    return given if given.isdigit() and int(given) > offset else None


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _stamp(moment: datetime) -> str:
    whole = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return whole.replace("+00:00", "Z")
