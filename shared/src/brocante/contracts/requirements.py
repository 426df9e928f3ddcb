"""Checking an item's content against what a marketplace asks for. Pure; all issues at once.

Used by the worker before any call and by the gateway's pre-flight check alike.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from brocante.contracts.pointers import at_pointer
from brocante.contracts.values import Issue, Requirement

Problem = tuple[str, str, str]
"""Code, what is wrong (after the field's label), what to do."""


def check(
    content: Mapping[str, Any],
    requirements: Iterable[Requirement],
    marketplace: str,
    now: datetime | None = None,
) -> list[Issue]:
    """Every missing or wrong field of `content` (an item's payload, as JSON values).

    A requirement that takes effect after `now` is a warning, so that it can be met in time.
    """
    issues = []
    for requirement in requirements:
        value = at_pointer(content, requirement.field)
        problem = _problem(value, requirement)
        if problem is not None:
            issues.append(_issue(requirement, problem, marketplace, now))
    return issues


def _problem(value: Any, requirement: Requirement) -> Problem | None:
    label = requirement.label
    if _is_missing(value):
        missing = ("required_field_missing", "is missing", f"Fill in {label}")
        return missing if requirement.required else None
    checks: tuple[Callable[[Any, Requirement], Problem | None], ...] = (
        _wrong_type,
        _too_long,
        _out_of_range,
        _not_allowed,
        _wrong_pattern,
    )
    return next((found for one in checks if (found := one(value, requirement))), None)


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip()) or value in ([], {})


def _wrong_type(value: Any, requirement: Requirement) -> Problem | None:
    fits = {
        "string": isinstance(value, str | int | float) and not isinstance(value, bool),
        "number": _number(value) is not None,
        "integer": (number := _number(value)) is not None and number == number.to_integral_value(),
        "boolean": isinstance(value, bool) or str(value).lower() in ("true", "false"),
        "list": isinstance(value, list | str),
        "money": _number(value) is not None,
    }[requirement.type]
    if fits:
        return None
    kind = {"list": "a list", "integer": "a whole number", "money": "an amount of money"}.get(
        requirement.type, f"a {requirement.type}"
    )
    return "wrong_type", f"must be {kind}", f"Give {requirement.label} as {kind}"


def _too_long(value: Any, requirement: Requirement) -> Problem | None:
    limit = requirement.max_length
    if limit is None or len(value if isinstance(value, list | str) else str(value)) <= limit:
        return None
    many = isinstance(value, list)
    unit = "entries" if many else "characters"
    given = len(value if isinstance(value, list | str) else str(value))
    text = f"has {given} {unit}; at most {limit} are allowed"
    return "too_long", text, f"Shorten {requirement.label} to {limit} {unit}"


def _out_of_range(value: Any, requirement: Requirement) -> Problem | None:
    number = _number(value)
    if number is None or requirement.type not in ("number", "integer", "money"):
        return None
    low, high = requirement.min, requirement.max
    if low is not None and number < Decimal(str(low)):
        return "too_small", f"must be at least {low:g}", f"Raise {requirement.label} to {low:g}"
    if high is not None and number > Decimal(str(high)):
        return "too_large", f"must be at most {high:g}", f"Lower {requirement.label} to {high:g}"
    return None


def _not_allowed(value: Any, requirement: Requirement) -> Problem | None:
    if not requirement.allowed:
        return None
    given = value if isinstance(value, list) else [value]
    wrong = [str(one) for one in given if str(one) not in requirement.allowed]
    if not wrong:
        return None
    choices = ", ".join(requirement.allowed[:10])
    more = " …" if len(requirement.allowed) > 10 else ""  # noqa: PLR2004 - enough to choose from
    return (
        "not_allowed",
        f"must not be {', '.join(wrong)}",
        f"Choose one of: {choices}{more}",
    )


def _wrong_pattern(value: Any, requirement: Requirement) -> Problem | None:
    if requirement.pattern is None:
        return None
    try:
        fits = re.search(requirement.pattern, str(value)) is not None
    except re.error:
        # A pattern in another dialect: the marketplace itself will judge.
        return None
    if fits:
        return None
    return (
        "wrong_pattern",
        "is not in the form the marketplace asks for",
        f"Write {requirement.label} so that it fits {requirement.pattern}",
    )


def _number(value: Any) -> Decimal | None:
    amount = value.get("amount") if isinstance(value, Mapping) else value
    if isinstance(amount, bool) or amount is None:
        return None
    try:
        number = Decimal(str(amount))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _issue(
    requirement: Requirement, problem: Problem, marketplace: str, now: datetime | None
) -> Issue:
    code, text, action = problem
    later = (
        requirement.effective_at is not None and now is not None and requirement.effective_at > now
    )
    why = f" {requirement.why}" if requirement.why else ""
    when = f" from {requirement.effective_at:%Y-%m-%d} on" if later else ""
    return Issue(
        marketplace=marketplace,
        code=code,
        category="dealer",
        field=requirement.field,
        message=f"{requirement.label} {text}{when}.{why}",
        action=f"{action}.",
        severity="warning" if later else "error",
    )
