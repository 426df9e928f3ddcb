"""Shopify's user errors and GraphQL errors -> issues and outcomes."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from brocante.contracts.values import Issue, IssueCategory
from marketplace_sync.marketplaces.calls import Response
from marketplace_sync.marketplaces.contract import (
    Gone,
    Invalid,
    Outcome,
    RetryLater,
    Unauthorized,
    Unknown,
)

FIELDS = {
    "title": "/title",
    "descriptionHtml": "/description",
    "price": "/price",
    "quantity": "/quantity",
    "availableQuantity": "/quantity",
    "files": "/images",
    "originalSource": "/images",
    "productType": "/category",
    "category": "/category",
}
SYSTEM_FIELDS = frozenset(
    {"id", "inventoryItemId", "locationId", "publicationId", "type", "changeFromQuantity"}
)
STALE = "CHANGE_FROM_QUANTITY_STALE"
DENIED = "ACCESS_DENIED"
PASSING = frozenset({"THROTTLED", "INTERNAL_SERVER_ERROR", "TIMEOUT", "SERVICE_UNAVAILABLE"})
OK, BAD_REQUEST, FORBIDDEN, FIRST_SERVER_ERROR = 200, 400, 403, 500
CUSTOM = "custom."


def outcome(answer: Response, *, write: bool) -> Outcome | None:
    """What an answer with errors means; None when it holds data and no errors.

    `write`: it may have had an effect.
    """
    body = answer.body if isinstance(answer.body, Mapping) else {}
    top = body.get("errors")
    if isinstance(top, Sequence) and not isinstance(top, str) and top:
        return _graphql(top, body, write=write)
    if answer.status == FORBIDDEN:
        return Unauthorized(answer.text[:500])
    if BAD_REQUEST <= answer.status < FIRST_SERVER_ERROR:
        text = f"Shopify answered {answer.status}"
        return Invalid((_issue("system", None, text, str(answer.status)),))
    return _of_data(answer, body, write=write)


def _of_data(answer: Response, body: Mapping[str, Any], *, write: bool) -> Outcome | None:
    data = body.get("data")
    if answer.status != OK or not isinstance(data, Mapping):
        # A server error, or a page of someone in between: never taken for "not there".
        return _in_doubt(f"status {answer.status}: {answer.text[:200]}", write=write)
    found = list(user_errors(data))
    if any(error.get("code") == STALE for error in found):
        # Something was sold in between: the target is looked at again first.
        return RetryLater(None, "retrying", to_issue(found[0]))
    if any(_is_gone(error) for error in found):
        return Gone()
    return Invalid(tuple(to_issue(error) for error in found)) if found else None


def _is_gone(error: Mapping[str, Any]) -> bool:
    path: Sequence[Any] = error.get("field") or ()
    return bool(path) and path[-1] == "id" and "does not exist" in str(error.get("message"))


def _in_doubt(detail: str, *, write: bool) -> Outcome:
    return Unknown(detail) if write else RetryLater(None, "retrying")


def not_set_up(name: str) -> Invalid:
    """The account lacks a setting that every call of this kind needs."""
    text = f"The shop's account here has no {name}"
    return Invalid((_issue("system", None, text, "not_set_up"),))


def sold_unseen() -> RetryLater:
    """Sold there, and its order not seen yet: writing now would put a sold piece on sale."""
    text = "Sold on Shopify; its order has not been read yet"
    issue = _issue("marketplace", None, text, "sold", retryable=True)
    return RetryLater(None, "retrying", issue)


def user_errors(data: Any) -> Iterator[Mapping[str, Any]]:
    """Every user error of every root of a mutation."""
    roots: Iterable[Any] = data.values() if isinstance(data, Mapping) else ()
    for root in roots:
        if isinstance(root, Mapping):
            yield from root.get("userErrors") or ()


def issues(body: Mapping[str, Any]) -> list[Issue]:
    """Every problem a body names, of either kind."""
    errors = body.get("errors") or ()
    top = [_top_issue(error) for error in ([errors] if isinstance(errors, str) else errors)]
    return top or [to_issue(error) for error in user_errors(body.get("data"))]


def to_issue(error: Mapping[str, Any]) -> Issue:
    """One user error in words a dealer can act on."""
    path = [str(part) for part in error.get("field") or ()]
    code = str(error.get("code") or "") or None
    category: IssueCategory = "system" if path and path[-1] in SYSTEM_FIELDS else "dealer"
    return _issue(category, pointer(path), str(error.get("message")), code)


def pointer(path: Sequence[str]) -> str | None:
    """Where a user error's field stands in an item's content; else Shopify's own path."""
    for part in reversed(path):
        if part in FIELDS:
            return FIELDS[part]
        if part.startswith(CUSTOM):
            name = part.removeprefix(CUSTOM)
            return "/condition" if name == "condition" else f"/attributes/{name}"
    return "/" + "/".join(path) if path else None


def _graphql(errors: Sequence[Any], body: Mapping[str, Any], *, write: bool) -> Outcome:
    code = _code(errors[0])
    if code == "THROTTLED":
        return RetryLater(_throttled_for(body), "rate_limited")
    if code in PASSING:
        return _in_doubt(_text(errors[0])[:200], write=write)
    if code == DENIED:
        return Unauthorized(_text(errors[0])[:500])
    return Invalid(tuple(_top_issue(error) for error in errors))


def _code(error: Any) -> str:
    extensions = error.get("extensions") if isinstance(error, Mapping) else None
    return str((extensions or {}).get("code") or "")


def _text(error: Any) -> str:
    return str(error.get("message")) if isinstance(error, Mapping) else str(error)


def _throttled_for(body: Mapping[str, Any]) -> float | None:
    """Whole seconds until the bucket holds what the query costs."""
    cost = (body.get("extensions") or {}).get("cost") or {}
    status = cost.get("throttleStatus") or {}
    rate = float(status.get("restoreRate") or 0)
    missing = float(cost.get("requestedQueryCost") or 0) - float(
        status.get("currentlyAvailable") or 0
    )
    return float(max(1, math.ceil(missing / rate))) if rate else None


def _top_issue(error: Any) -> Issue:
    code, text = _code(error), _text(error)
    passing = code in PASSING
    category: IssueCategory = "marketplace" if passing else "system"
    field = "/changeFromQuantity" if "changeFromQuantity" in text else None
    return _issue(category, field, text, code, retryable=passing)


def _issue(
    category: IssueCategory,
    field: str | None,
    text: str,
    code: str | None,
    *,
    retryable: bool = False,
) -> Issue:
    name = field.rsplit("/", 1)[-1] if field else None
    action = "Nothing for you to do; an operator has been told."
    if category == "dealer":
        action = f"Fill in or correct {name or 'the listing'}, then activate again."
    return Issue(
        marketplace="shopify",
        code=f"shopify_{(code or name or category).lower()}",
        category=category,
        field=field,
        message=text if text.endswith(".") else f"{text}.",
        action=action,
        retryable=retryable,
        marketplace_code=code,
    )
