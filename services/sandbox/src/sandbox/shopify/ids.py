"""Shopify's global ids, connections and user errors."""

import json
from base64 import b64decode, b64encode
from binascii import Error as BadBase64
from collections.abc import Callable
from typing import Any

from sandbox.shopify.graphql import Arguments, Object

FIRST_ID = 9_100_000_000_000_001
"""Above 2^53, so that a client that reads ids as floating point is found out."""

MAX_PAGE = 250
SortKey = tuple[str, str]


def gid(kind: str, number: str | int) -> str:
    """`gid://shopify/Product/1`."""
    return f"gid://shopify/{kind}/{number}"


def digits(global_id: Any) -> str:
    """The number of a global id, as text."""
    return str(global_id).rsplit("/", 1)[-1].partition("?")[0]


def user_error(field: list[str] | None, message: str, code: str | None = None) -> Object:
    """One entry of `userErrors`; only payloads whose errors have codes give one."""
    error: Object = {"__typename": "UserError", "field": field, "message": message}
    return error if code is None else error | {"code": code}


def connection(
    entries: list[tuple[SortKey, Any]], view: Callable[[Any], Object], arguments: Arguments
) -> Object:
    """One page of a connection over entries that are sorted by their keys."""
    entries = list(reversed(entries)) if arguments.get("reverse") else entries
    after, before = arguments.get("after"), arguments.get("before")
    keys = [key for key, _ in entries]
    start = _position(keys, after, arguments) if after else 0
    entries = entries[start:]
    size = int(arguments.get("first") or arguments.get("last") or 50)
    size = min(size, MAX_PAGE)
    page = entries[:size] if not before else entries[: max(0, size)]
    edges = [
        {"__typename": "Edge", "cursor": cursor(key), "node": view(entry)} for key, entry in page
    ]
    info = {
        "__typename": "PageInfo",
        "hasNextPage": len(entries) > size,
        "hasPreviousPage": start > 0,
        "startCursor": edges[0]["cursor"] if edges else None,
        "endCursor": edges[-1]["cursor"] if edges else None,
    }
    return {
        "__typename": "Connection",
        "nodes": [edge["node"] for edge in edges],
        "edges": edges,
        "pageInfo": info,
    }


def cursor(key: SortKey) -> str:
    """An opaque cursor that stays right when entries come and go."""
    return b64encode(json.dumps(key).encode()).decode()


def _position(keys: list[SortKey], after: str, arguments: Arguments) -> int:
    try:
        seen = tuple(json.loads(b64decode(after)))
    except (BadBase64, ValueError):
        return 0
    if arguments.get("reverse"):
        return sum(1 for key in keys if key >= seen)
    return sum(1 for key in keys if key <= seen)


def count(number: int) -> Object:
    """Count."""
    return {"__typename": "Count", "count": number, "precision": "EXACT"}


def numbered(entries: list[Any]) -> list[tuple[tuple[str, str], Any]]:
    """Entries with sort keys that keep their order."""
    return [((f"{place:06d}", ""), entry) for place, entry in enumerate(entries)]
