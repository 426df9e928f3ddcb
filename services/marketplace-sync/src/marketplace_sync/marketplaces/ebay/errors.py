"""eBay's errors -> issues and outcomes.

Numbers follow the error tables of the Inventory API (OAS 1.18.4), Fulfillment API (1.20.7) and
Taxonomy API (1.1.0). `25002` says "a user error": its parameters hold the real text. `25029` names
the field. `25001` and `25025` pass by themselves.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
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

SYSTEM_ERROR, USER_ERROR, CONCURRENT, FIELD_REQUIRED = 25001, 25002, 25025, 25029
TOO_MANY, BAD_TOKEN, UNKNOWN_SKU = 2001, 1001, 25702
NO_QUANTITY = 25004
TRANSIENT = frozenset({SYSTEM_ERROR, CONCURRENT, TOO_MANY, 30500, 62000})
NOT_THERE = frozenset({25701, UNKNOWN_SKU, 25710, 25713, 32100})
MARKETPLACE_ERRORS = frozenset({25019, 25026, 25038, 25039, 25040})
"""Rules, limits and states of eBay: nothing in the content is wrong."""

DEALER_NUMBERS = range(25003, 25124)
"""What publishing checks: content and the seller's account, unless another set names it."""

DEALER_ERRORS: dict[int, str | None] = {
    20403: None,
    25003: "/price",
    NO_QUANTITY: "/quantity",
    25005: "/category",
    25014: "/images",
    25015: "/images",
    25020: "/attributes/weight",
    25021: "/condition",
    25050: "/title",
    25052: "/images",
    25501: "/images",
    25502: None,
    25503: None,
    25604: None,
    25715: "/attributes/weight",
    25759: None,
    62005: "/category",
    62006: "/category",
    62008: "/category",
    62009: "/category",
}
FIELD_WORDS = {
    "title": "/title",
    "description": "/description",
    "listingdescription": "/description",
    "condition": "/condition",
    "price": "/price",
    "quantity": "/quantity",
    "pictures": "/images",
    "picture": "/images",
    "imageurls": "/images",
    "category": "/category",
    "categoryid": "/category",
}
ANY_ATTRIBUTE = frozenset({25022, FIELD_REQUIRED, 25031, 25032, 25601})
"""Errors whose field, when it is no word of ours, is an item specific."""

_FIELD_IN: tuple[re.Pattern[str], ...] = (
    re.compile(r"^(?:The item specific )?(?P<name>.+?) is required for this category"),
    re.compile(r"^(?P<name>.+?) is not valid\b"),
    re.compile(r"^(?P<name>.+?) is an invalid attribute"),
    re.compile(r"^Invalid attribute\. (?P<name>.+?)\.?$"),
    re.compile(r"^The (?:value of the )?(?P<name>[\w.]+)(?: field| value) is invalid"),
    re.compile(r"item specific (?P<name>.+?) is missing"),
)
_EMPTY = "cannot be null or empty"
_PREFIX = re.compile(r"^A user error has occurred\.\s*")
MULTI_STATUS, FIRST_REDIRECT, BAD_REQUEST = 207, 300, 400
UNAUTHORIZED, FORBIDDEN, FIRST_SERVER_ERROR = 401, 403, 500


def outcome(answer: Response, *, write: bool) -> Outcome | None:
    """What an answer with errors means; None when it is a success.

    `write`: the call is not idempotent, so after a fault of eBay's it may have had an effect.
    """
    errors = list(errors_of(answer.body))
    if answer.status < FIRST_REDIRECT and not (answer.status == MULTI_STATUS and errors):
        return None
    if answer.status == FORBIDDEN:
        return Unauthorized(answer.text[:500])
    issues = tuple(to_issue(error, answer.status) for error in errors)
    if issues and all(issue.retryable for issue in issues):
        return _passes(answer, errors, issues[0], write=write)
    if answer.status >= FIRST_SERVER_ERROR:
        detail = f"status {answer.status}: {answer.text[:200]}"
        return Unknown(detail) if write else RetryLater(None, "retrying")
    if errors and _ids(errors) <= NOT_THERE:
        return Gone()
    return Invalid(issues or (_nameless(answer),))


def _passes(
    answer: Response, errors: list[Mapping[str, Any]], issue: Issue, *, write: bool
) -> Outcome:
    # 25025 is refused before anything is done; a system error may come after the effect.
    if write and answer.status >= FIRST_SERVER_ERROR and _ids(errors) != {CONCURRENT}:
        return Unknown(f"status {answer.status}: {issue.message[:200]}")
    return RetryLater(None, "rate_limited" if TOO_MANY in _ids(errors) else "retrying", issue)


def errors_of(body: Any) -> Iterator[Mapping[str, Any]]:
    """Every error of an answer, those of single entries of a bulk answer (207) included."""
    if not isinstance(body, Mapping):
        return
    for part in (body, *_mappings(body.get("responses"))):
        yield from _mappings(part.get("errors"))


def error_ids(answer: Response) -> set[int]:
    """The numbers of an answer's errors."""
    return _ids(errors_of(answer.body))


def parameter(error: Mapping[str, Any], name: str) -> str | None:
    """The value of a named parameter of an error."""
    for entry in _mappings(error.get("parameters")):
        if entry.get("name") == name and entry.get("value") is not None:
            return str(entry["value"])
    return None


def to_issue(error: Mapping[str, Any], status: int = BAD_REQUEST) -> Issue:
    """One of eBay's errors in words a dealer can act on."""
    number = _number(error)
    text = str(error.get("message") or error.get("longMessage") or "eBay refused without a reason.")
    category, field, retryable = _classified(number, error, text, status)
    return Issue(
        marketplace="ebay",
        code=f"ebay_{number}",
        category=category,
        field=field,
        message=_words(number, error, text),
        action=_action(category, field),
        retryable=retryable,
        marketplace_code=str(number),
    )


def pointer(name: str) -> str:
    """Where eBay's name for a field stands in an item's content."""
    return FIELD_WORDS.get(name.lower()) or attribute(name)


def attribute(name: str) -> str:
    """Where an item specific stands in an item's content: by eBay's own name for it."""
    return f"/attributes/{name.replace('~', '~0').replace('/', '~1')}"


def our_issue(code: str, category: IssueCategory, field: str | None, message: str) -> Issue:
    """Something that is known to be wrong before eBay is asked."""
    return Issue(
        marketplace="ebay",
        code=code,
        category=category,
        field=field,
        message=message,
        action=_action(category, field),
    )


def not_found_among(searched: int) -> Issue:
    """A listing linked by hand that is not among the first ones of a large inventory."""
    text = f"eBay's listing is not among the first {searched} of your inventory."
    return our_issue("ebay_listing_not_found", "dealer", None, text)


def sold_unseen() -> RetryLater:
    """Sold there, and its order not seen yet: writing now would put a sold piece on sale."""
    return _passing("ebay_sold", "Sold on eBay; its order has not been read yet.")


def not_taken_up() -> RetryLater:
    """Refused for having none to sell, when at least one was written a moment ago."""
    text = "eBay has not taken up the quantity that it was just given."
    return _passing("ebay_not_taken_up", text)


def _passing(code: str, message: str) -> RetryLater:
    issue = our_issue(code, "marketplace", None, message)
    return RetryLater(None, "retrying", issue.model_copy(update={"retryable": True}))


def _classified(
    number: int, error: Mapping[str, Any], text: str, status: int
) -> tuple[IssueCategory, str | None, bool]:
    if number == USER_ERROR:
        return _user_error(error, text)
    if number == SYSTEM_ERROR and _EMPTY in text:
        return "dealer", f"/{text.split(_EMPTY, maxsplit=1)[0].rsplit(maxsplit=1)[-1]}", False
    category, retryable = _kind(number, status)
    if category == "dealer":
        return category, DEALER_ERRORS.get(number) or _field(number, error, text), retryable
    return category, _named_in(error, text) if category == "system" else None, retryable


def _kind(number: int, status: int) -> tuple[IssueCategory, bool]:
    if number in TRANSIENT:
        return "marketplace", True
    if number in MARKETPLACE_ERRORS:
        return "marketplace", False
    if number in DEALER_ERRORS or number in DEALER_NUMBERS or number in ANY_ATTRIBUTE:
        return "dealer", False
    return "system", number == BAD_TOKEN or status == UNAUTHORIZED


def _user_error(error: Mapping[str, Any], text: str) -> tuple[IssueCategory, str | None, bool]:
    if parameter(error, "offerId") is not None:
        return "system", "/offerId", False
    name = parameter(error, "2") or ""
    # Parameters are numbered anyhow: the third is a field only where the text says so.
    if f"item specific {name}" in text and name:
        return "dealer", attribute(name), False
    return "dealer", FIELD_WORDS.get(name.lower()) or _field(USER_ERROR, error, text), False


def _field(number: int, error: Mapping[str, Any], text: str) -> str | None:
    """The field that an error names, in an item's content; None when it is none of ours."""
    for pattern in _FIELD_IN:
        match = pattern.search(text)
        if match:
            name = match["name"]
            if "item specific" in text:
                return attribute(name)
            anything = number in ANY_ATTRIBUTE
            return pointer(name) if anything else FIELD_WORDS.get(name.rsplit(".", 1)[-1].lower())
    return FIELD_WORDS.get((parameter(error, "0") or "").lower())


def _named_in(error: Mapping[str, Any], text: str) -> str | None:
    reason = parameter(error, "reason") or text
    match = re.search(r"\[(?P<field>[\w.]+)\]|header (?P<header>[\w-]+)", reason)
    if match is None:
        return None
    return "/" + str(match["field"] or match["header"]).replace(".", "/")


def _words(number: int, error: Mapping[str, Any], text: str) -> str:
    """What is wrong, as a sentence: of 25002 the parameters say it shortest."""
    if number != USER_ERROR:
        return text
    short = parameter(error, "0") or ""
    return short if short.endswith(".") and " " in short else _PREFIX.sub("", text) or text


def _action(category: IssueCategory, field: str | None) -> str:
    if category != "dealer":
        return "Nothing for you to do; an operator has been told."
    if field is None:
        return "Put it right in your eBay account, then activate again."
    return f"Fill in or correct {field.rsplit('/', 1)[-1]}, then activate again."


def _nameless(answer: Response) -> Issue:
    text = f"eBay refused with status {answer.status}."
    return our_issue(f"ebay_status_{answer.status}", "system", None, text)


def _number(error: Mapping[str, Any]) -> int:
    text = str(error.get("errorId"))
    return int(text) if text.isdigit() else 0


def _ids(errors: Iterable[Mapping[str, Any]]) -> set[int]:
    return {_number(error) for error in errors}


def _mappings(values: Any) -> Iterator[Mapping[str, Any]]:
    """Those entries of a list that are objects: a body may hold anything."""
    if isinstance(values, list | tuple):
        yield from (one for one in values if isinstance(one, Mapping))
