"""eBay's errors -> issues and outcomes.

Numbers follow the error tables of the Inventory API (OAS 1.18.4). `25002` says "a user error": its
parameters hold the real text. `25029` names the field. `25001` and `25025` pass by themselves.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from brocante.contracts.values import Issue, IssueCategory
from marketplace_sync.marketplaces.calls import Response
from marketplace_sync.marketplaces.contract import Invalid, Outcome, RetryLater, Unknown

TRANSIENT = frozenset({25001, 25025})
ALREADY_EXISTS = "offerId"
FIRST_SERVER_ERROR = 500

DEALER_ERRORS: dict[int, str | None] = {
    25003: "/price",
    25004: "/quantity",
    25005: "/category",
    25007: None,
    25008: None,
    25009: None,
    25012: None,
    25014: "/images",
    25016: "/title",
    25020: "/attributes/weight",
    20403: None,
}
MARKETPLACE_ERRORS = frozenset({25026})
FIELD_WORDS = {
    "title": "/title",
    "description": "/description",
    "condition": "/condition",
    "price": "/price",
    "pictures": "/images",
    "category": "/category",
}
_REQUIRED = re.compile(r"^(?P<name>.+?) is required for this category")


def outcome(answer: Response) -> Outcome:
    """What a refusal means for the call that met it."""
    errors = list(errors_of(answer.body))
    if any(e.get("errorId") in TRANSIENT for e in errors) and answer.status >= FIRST_SERVER_ERROR:
        issue = to_issue(errors[0])
        return RetryLater(None, "retrying", issue)
    if answer.status >= FIRST_SERVER_ERROR:
        return Unknown(f"status {answer.status}: {answer.text[:200]}")
    return Invalid(tuple(to_issue(e, answer.status) for e in errors) or (_nameless(answer),))


def errors_of(body: Any) -> Iterable[Mapping[str, Any]]:
    """Every error of an answer, those of single entries of a bulk answer (207) included."""
    if not isinstance(body, Mapping):
        return
    yield from body.get("errors") or ()
    for entry in body.get("responses") or ():
        yield from entry.get("errors") or ()


def error_ids(answer: Response) -> set[int]:
    """The numbers of an answer's errors."""
    return {int(error.get("errorId", 0)) for error in errors_of(answer.body)}


def parameter(error: Mapping[str, Any], name: str) -> str | None:
    """The value of a named parameter of an error."""
    for entry in error.get("parameters") or ():
        if entry.get("name") == name:
            return str(entry.get("value"))
    return None


def to_issue(error: Mapping[str, Any], status: int = 400) -> Issue:
    """One of eBay's errors in words a dealer can act on."""
    number = int(error.get("errorId", 0))
    text = str(error.get("message") or "eBay refused without a reason.")
    category, field, retryable = _classified(number, error, text, status)
    return Issue(
        marketplace="ebay",
        code=f"ebay_{number}",
        category=category,
        field=field,
        message=parameter(error, "0") or text if number == 25002 and field else text,  # noqa: PLR2004 - eBay's number
        action=_action(category, field),
        retryable=retryable,
        marketplace_code=str(number),
    )


def _classified(
    number: int, error: Mapping[str, Any], text: str, status: int
) -> tuple[IssueCategory, str | None, bool]:
    special = {25001: _system_error, 25002: _user_error, 25029: _required}.get(number)
    if special is not None:
        return special(error, text)
    if number in TRANSIENT or number == 2001:  # noqa: PLR2004 - eBay's number for too many calls
        return "marketplace", None, True
    if number in DEALER_ERRORS:
        return "dealer", DEALER_ERRORS[number], False
    if number in MARKETPLACE_ERRORS:
        return "marketplace", None, False
    if number == 1001 or status == 401:  # noqa: PLR2004 - an expired token
        return "system", None, True
    return "system", _named_in(error, text), False


def _system_error(_error: Mapping[str, Any], text: str) -> tuple[IssueCategory, str | None, bool]:
    if "cannot be null or empty" in text:
        return "dealer", f"/{text.split('cannot be', maxsplit=1)[0].rsplit(maxsplit=1)[-1]}", False
    return "marketplace", None, True


def _user_error(error: Mapping[str, Any], text: str) -> tuple[IssueCategory, str | None, bool]:
    if parameter(error, ALREADY_EXISTS) is not None:
        return "system", "/offerId", False
    name = parameter(error, "2")
    if name is None:
        match = re.search(r"item specific (?P<name>.+?) is missing", text)
        name = match["name"] if match else None
    return "dealer", pointer(name) if name else None, False


def _required(_error: Mapping[str, Any], text: str) -> tuple[IssueCategory, str | None, bool]:
    match = _REQUIRED.match(text)
    return "dealer", pointer(match["name"]) if match else None, False


def _named_in(error: Mapping[str, Any], text: str) -> str | None:
    reason = parameter(error, "reason") or text
    match = re.search(r"\[(?P<field>[\w.]+)\]|header (?P<header>[\w-]+)", reason)
    if match is None:
        return None
    return "/" + str(match["field"] or match["header"]).replace(".", "/")


def pointer(name: str) -> str:
    """Where eBay's name for a field stands in an item's content."""
    known = FIELD_WORDS.get(name.lower())
    return known or f"/attributes/{name.replace('~', '~0').replace('/', '~1')}"


def _action(category: IssueCategory, field: str | None) -> str:
    if category != "dealer":
        return "Nothing for you to do; an operator has been told."
    if field is None:
        return "Put it right in your eBay account, then activate again."
    return f"Fill in or correct {field.rsplit('/', 1)[-1]}, then activate again."


def _nameless(answer: Response) -> Issue:
    return Issue(
        marketplace="ebay",
        code=f"ebay_status_{answer.status}",
        category="system",
        message=f"eBay refused with status {answer.status}.",
        action=_action("system", None),
    )
