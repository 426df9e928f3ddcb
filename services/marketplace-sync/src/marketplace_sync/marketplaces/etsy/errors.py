"""Etsy's errors -> issues and outcomes: mostly one string that has to be taken apart."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from brocante.contracts.values import Issue, IssueCategory
from marketplace_sync.marketplaces.calls import Response
from marketplace_sync.marketplaces.contract import Invalid, Outcome, RetryLater, Unknown

FIRST_SERVER_ERROR = 500
_PROBLEM = re.compile(r"There was a problem with (?P<field>/[^ ]+) : (?P<what>[^;]+)")
_MISSING = re.compile(r"Missing input parameter: \[(?P<field>\w+)\]")
_EXPECTED = re.compile(r"Expected \w+ value for '(?P<field>\w+)'")
_STATE = re.compile(r"^Cannot (?:de)?activate a listing in this state")
_NOT_FOUND = re.compile(r"Could not find .*?(?P<field>\w+_id) = ")
PROPERTIES = "/properties/"

Found = tuple[IssueCategory, str | None, str, bool]
"""Category, field, text, retryable."""


def outcome(answer: Response) -> Outcome:
    """What a refusal means for the call that met it."""
    if answer.status >= FIRST_SERVER_ERROR:
        return Unknown(f"status {answer.status}: {answer.text[:200]}")
    if answer.status == 429:  # noqa: PLR2004 - too many requests
        return RetryLater(None, "rate_limited")
    return Invalid(tuple(issues(answer.status, answer.body)))


def issues(status: int, body: Any) -> list[Issue]:
    """Every problem an answer names."""
    return [_issue(status, *found) for found in _found(status, body)]


def _found(status: int, body: Any) -> Iterator[Found]:
    if isinstance(body, list):
        for entry in body:
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
    if status == 429 or status >= FIRST_SERVER_ERROR:  # noqa: PLR2004 - too many requests
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
    category: IssueCategory = "system" if status in (403, 404) else "marketplace"
    return category, None, detail or f"Etsy answered {status}", False


def _issue(
    status: int, category: IssueCategory, field: str | None, text: str, retryable: bool
) -> Issue:
    name = field.rsplit("/", 1)[-1] if field else None
    message = f"{name.capitalize()} {text}." if name and category == "dealer" else f"{text}."
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
