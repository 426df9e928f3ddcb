"""Etsy's errors -> issues and outcomes: mostly one string that has to be taken apart."""

import re
from collections.abc import Iterator, Mapping
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

OK, CREATED, FORBIDDEN, NOT_FOUND = 200, 201, 403, 404
TOO_MANY, FIRST_SERVER_ERROR = 429, 500
_PROBLEM = re.compile(r"There was a problem with (?P<field>/[^ ]+) : (?P<what>[^;]+)")
_MISSING = re.compile(r"Missing input parameter: \[(?P<field>\w+)\]")
_EXPECTED = re.compile(r"Expected \w+ value for '(?P<field>\w+)'")
_STATE = re.compile(r"^Cannot (?:de)?activate a listing in this state")
_NOT_FOUND = re.compile(r"Could not find .*?(?P<field>\w+_id) = ")
PROPERTIES = "/properties/"

Found = tuple[IssueCategory, str | None, str, bool]
"""Category, field, text, retryable."""


def outcome(answer: Response, *, write: bool, names_one: bool) -> Outcome | None:
    """What an answer means for the call that met it; None when it is the JSON asked for.

    `write`: it may have had an effect. `names_one`: its path names a listing or receipt, so that a
    404 in Etsy's own words says that this one is gone (any other 404 is a wrong address).
    """
    if answer.status in (OK, CREATED) and isinstance(answer.body, Mapping):
        return None
    if answer.status >= FIRST_SERVER_ERROR or answer.status < 400:  # noqa: PLR2004 - no refusal
        detail = f"status {answer.status}: {answer.text[:200]}"
        return Unknown(detail) if write else RetryLater(None, "retrying")
    if answer.status == NOT_FOUND and names_one and _in_etsys_words(answer.body):
        return Gone()
    if answer.status == FORBIDDEN:
        # Too few scopes, or another shop's token: nothing goes on before people reconnect.
        return Unauthorized(answer.text[:500])
    return Invalid(tuple(issues(answer.status, answer.body)))


def _in_etsys_words(body: Any) -> bool:
    return isinstance(body, Mapping) and bool(body.get("error"))


def no_category() -> Invalid:
    """Etsy knows no such taxonomy node, or none is given."""
    text = "Etsy has no category with this number"
    return Invalid((_issue(NOT_FOUND, "dealer", "/category", text, retryable=False),))


def sold_unseen() -> RetryLater:
    """Sold there, and its order not seen yet: writing now would put a sold piece on sale."""
    text = "Sold on Etsy; its order has not been read yet"
    return RetryLater(None, "retrying", _issue(OK, "marketplace", None, text, retryable=True))


def issues(status: int, body: Any) -> list[Issue]:
    """Every problem an answer names."""
    return [
        _issue(status, category, field, text, retryable=retryable)
        for category, field, text, retryable in _found(status, body)
    ]


def _found(status: int, body: Any) -> Iterator[Found]:
    if isinstance(body, list):
        for entry in (one for one in body if isinstance(one, Mapping)):
            yield "dealer", _pointer(str(entry.get("path"))), str(entry.get("message")), False
        return
    text = str(body.get("error") or "") if isinstance(body, Mapping) else ""
    detail = str(body.get("error_description") or text) if isinstance(body, Mapping) else ""
    problems = list(_PROBLEM.finditer(text))
    for match in problems:
        yield "dealer", _pointer(match["field"]), match["what"].strip(), False
    if not problems:
        yield _one(status, text, detail)


def _one(status: int, text: str, detail: str) -> Found:
    if status == TOO_MANY or status >= FIRST_SERVER_ERROR:
        return "marketplace", None, detail or f"Etsy answered {status}", True
    if text == "invalid_token":
        return "system", None, detail, True
    if text == "invalid_grant":
        return "dealer", None, "Etsy no longer accepts the connection", False
    if _STATE.match(text):
        return "marketplace", "/state", text, False
    for pattern in (_MISSING, _EXPECTED, _NOT_FOUND):
        match = pattern.search(text)
        if match:
            return "system", f"/{match['field']}", text, False
    category: IssueCategory = "system" if status in (FORBIDDEN, NOT_FOUND) else "marketplace"
    return category, None, detail or f"Etsy answered {status}", False


def _issue(
    status: int, category: IssueCategory, field: str | None, text: str, *, retryable: bool
) -> Issue:
    name = field.rsplit("/", 1)[-1] if field else None
    named = name is not None and category == "dealer" and not text[:1].isupper()
    message = f"{str(name).capitalize()} {text}." if named else f"{text}."
    return Issue(
        marketplace="etsy",
        code=f"etsy_{status}_{name or category}",
        category=category,
        field=field,
        message=message.replace("..", "."),
        action=_action(category, name),
        retryable=retryable,
        marketplace_code=str(status),
    )


def _pointer(path: str) -> str:
    """Etsy's own pointers, with item properties as attributes."""
    if path.startswith(PROPERTIES):
        return f"/attributes/{path.removeprefix(PROPERTIES)}"
    return path.rstrip("0123456789").rstrip("/") or path


def _action(category: IssueCategory, name: str | None) -> str:
    if category != "dealer":
        return "Nothing for you to do; an operator has been told."
    if name is None:
        return "Connect your Etsy shop again."
    return f"Fill in or correct {name}, then activate again."
