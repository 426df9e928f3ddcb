"""What items and sales are found by, and the one query behind each list.

A list asks for one term and a range of its order: the index `(terms, order)` then reads a page and
the one document that says whether there is another. `has` holds the same terms without an index: it
narrows a search of several words, which begins at the word that looks rarest (docs/lists.md).
Nothing else is asked of the server, because the embedded one reads everything for more.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from typing import Any
from zlib import crc32

from brocante.contracts.snapshot import ItemChanged

MOST = 1000
SHOWN = "shown"
DELETED = "deleted"
OVERSOLD = "oversold"
# Above every digit a moment begins with, and every character an id may have.
AFTER_ALL = "~"
LONGEST_WORD = 64
FENCE, FENCE_EVERY = "fence", 64
"""A term that about one document in 64 has, whatever it is: see paging.py."""
_WORD = re.compile(r"[^\W_]+(?:[.'-][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class ItemQuery:
    """What a list of items is narrowed by; None narrows nothing.

    `status` may also be `oversold`: more of it was sold than there is.
    """

    words: str | None = None
    status: str | None = None
    marketplace: str | None = None
    state: str | None = None
    issue: str | None = None
    cursor: str | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Page:
    """A query for one page of at most `limit`; one more is read, to know whether there is more.

    `fences`: the term by which the dealer's fences are found.
    """

    where: Mapping[str, Any]
    order: tuple[str, int]
    limit: int
    fences: str


def page_of_items(dealer: str, query: ItemQuery) -> Page:
    """Items in the order of their ids, those after the cursor."""
    view = DELETED if query.status == DELETED else SHOWN
    found = [f"{view} {word}" for word in sorted(_whole(query.words or ""), key=_rarest)]
    place = _place(query.marketplace, query.state)
    listed = f"{query.status or SHOWN}/{place}/{query.issue or ''}"
    if not found or listed != f"{view}//":
        found.append(listed)
    after = f"{dealer}/{query.cursor or ''}"
    between = {"$gt": after, "$lt": f"{dealer}/{AFTER_ALL}"}
    where = _where(dealer, found, "_id", between)
    return Page(where, ("_id", 1), _limited(query.limit), f"{dealer}|{FENCE}")


def page_of_sales(dealer: str, where: Mapping[str, str], cursor: str | None, limit: int) -> Page:
    """Sales from the newest on, those before the cursor."""
    found = [f"item {where['item_id']}"] if "item_id" in where else []
    listed = f"{where.get('status', '')}/{where.get('marketplace', '')}"
    if not found or listed != "/":
        found.append(listed)
    between = {"$gt": "", "$lt": cursor or AFTER_ALL}
    where = _where(dealer, found, "order", between)
    return Page(where, ("order", -1), _limited(limit), f"{dealer}|{FENCE}")


def terms_of(key: str, said: set[str]) -> list[str]:
    """What a document (`<dealer>/<id>`) is found by: these terms of its dealer, and as a fence."""
    dealer = key.split("/", 1)[0]
    fence = {FENCE} if crc32(key.encode()) % FENCE_EVERY == 0 else set[str]()
    return sorted(f"{dealer}|{term}" for term in said | fence)


def terms_of_item(message: ItemChanged) -> set[str]:
    """Its words, and every list it is in: one term for each choice of filters that has it."""
    values = " ".join(str(value) for value in message.attributes.values())
    said = words(f"{message.title} {message.sku} {message.item_id} {values}")
    deleted = message.status == DELETED
    statuses = {DELETED} if deleted else {SHOWN, message.status}
    if message.on_hand < 0 and not deleted:
        statuses.add(OVERSOLD)
    lists = product(statuses, _places(message), _issues(message))
    view = DELETED if deleted else SHOWN
    return {f"{view} {word}" for word in said} | {"/".join(one) for one in lists}


def terms_of_sale(sale: Mapping[str, Any]) -> set[str]:
    """Every list a sale is in: by status, by place, of its item."""
    statuses, places = ("", sale["status"]), ("", sale.get("marketplace", ""))
    return {f"item {sale['item_id']}", *("/".join(one) for one in product(statuses, places))}


def newest(sale: Mapping[str, Any]) -> str:
    """What orders sales by when they were sold, to the microsecond, then by id."""
    said = sale.get("sold_at")
    if not said:
        return f"|{sale['sale_id']}"
    at = datetime.fromisoformat(str(said)).astimezone(UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S.%f}|{sale['sale_id']}"


def words(text: str) -> set[str]:
    """The words of a text, without accents and in lower case.

    `91.10` is one word; `side-chair` is three: itself and both its parts.
    """
    found = _whole(text)
    return found | {part for word in found for part in re.split(r"[-']", word) if len(part) > 1}


def _whole(text: str) -> set[str]:
    plain = unicodedata.normalize("NFKD", text)
    bare = "".join(c for c in plain if not unicodedata.combining(c)).lower()
    return {match[0][:LONGEST_WORD] for match in _WORD.finditer(bare)}


def _where(dealer: str, terms: list[str], order: str, between: Mapping[str, str]) -> dict[str, Any]:
    first, *others = (f"{dealer}|{term}" for term in terms)
    narrowed = {"has": {"$all": others}} if others else {}
    return {"terms": first, **narrowed, order: dict(between)}


def _rarest(word: str) -> tuple[bool, int, str]:
    """Numbers first (SKUs, years), then the longest."""
    return not any(c.isdigit() for c in word), -len(word), word


def _place(marketplace: str | None, state: str | None) -> str:
    if marketplace and state:
        return f"at:{marketplace}:{state}"
    if marketplace:
        return f"on:{marketplace}"
    return f"state:{state}" if state else ""


def _places(message: ItemChanged) -> set[str]:
    shows = {(m, listing.observed) for m, listing in message.listings.items()}
    asked = (pair for m, s in shows for pair in ((m, s), (m, None), (None, s)))
    return {"", *(_place(*pair) for pair in asked)}


def _issues(message: ItemChanged) -> set[str]:
    return {"", *_issues_of(message)}


def _issues_of(message: ItemChanged) -> Iterator[str]:
    for marketplace, listing in message.listings.items():
        for issue in listing.issues:
            yield from ("any", issue.code, marketplace)


def _limited(limit: int) -> int:
    return max(1, min(limit, MOST))
