"""Shopify's user errors and GraphQL errors -> issues and outcomes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from brocante.contracts.values import Issue, IssueCategory
from marketplace_sync.marketplaces.calls import Response
from marketplace_sync.marketplaces.contract import Invalid, Outcome, RetryLater, Unknown

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
CUSTOM = "custom."


def outcome(answer: Response, *, write: bool) -> Outcome | None:
    """What an answer with errors means; None when it has none."""
    body = answer.body if isinstance(answer.body, Mapping) else {}
    top = body.get("errors")
    if isinstance(top, Sequence) and not isinstance(top, str) and top:
        return _graphql(top, body, write=write)
    if answer.status != 200:  # noqa: PLR2004 - GraphQL answers 200 to everything it understood
        issue = _issue("system", None, f"Shopify answered {answer.status}", str(answer.status))
        return Unknown(answer.text[:200]) if answer.status >= 500 else Invalid((issue,))  # noqa: PLR2004 - server error
    found = list(user_errors(body.get("data")))
    if not found:
        return None
    return Invalid(tuple(to_issue(error) for error in found))


def user_errors(data: Any) -> Iterator[Mapping[str, Any]]:
    """Every user error of every root of a mutation."""
    roots: Iterable[Any] = data.values() if isinstance(data, Mapping) else ()
    for root in roots:
        if isinstance(root, Mapping):
            yield from root.get("userErrors") or ()


def issues(body: Mapping[str, Any]) -> list[Issue]:
    """Every problem a body names, of either kind."""
    top = [_top_issue(error) for error in body.get("errors") or ()]
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
    code = str((errors[0].get("extensions") or {}).get("code") or "")
    if code == "THROTTLED":
        return RetryLater(_throttled_for(body), "rate_limited")
    if code == "INTERNAL_SERVER_ERROR":
        text = str(errors[0].get("message"))[:200]
        return Unknown(text) if write else RetryLater(None, "retrying")
    return Invalid(tuple(_top_issue(error) for error in errors))


def _throttled_for(body: Mapping[str, Any]) -> float | None:
    """Seconds until the bucket holds what the query costs."""
    cost = (body.get("extensions") or {}).get("cost") or {}
    status = cost.get("throttleStatus") or {}
    rate = float(status.get("restoreRate") or 0)
    missing = float(cost.get("requestedQueryCost") or 0) - float(
        status.get("currentlyAvailable") or 0
    )
    return max(1.0, missing / rate) if rate else None


def _top_issue(error: Mapping[str, Any]) -> Issue:
    code = str((error.get("extensions") or {}).get("code") or "")
    text = str(error.get("message"))
    passing = code in ("THROTTLED", "INTERNAL_SERVER_ERROR")
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
