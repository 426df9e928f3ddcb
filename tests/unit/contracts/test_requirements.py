"""Checking an item's content against what a marketplace asks for."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from brocante.contracts.pointers import at_pointer
from brocante.contracts.requirements import check
from brocante.contracts.values import Issue, Requirement

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def asked(field: str = "/attributes/period", **rules: Any) -> Requirement:
    return Requirement.model_validate({"field": field, "label": "Period", **rules})


def codes(value: Any, **rules: Any) -> list[str]:
    found = check({"attributes": {"period": value}}, [asked(**rules)], "etsy", NOW)
    return [issue.code for issue in found]


def only(value: Any, **rules: Any) -> Issue:
    (found,) = check({"attributes": {"period": value}}, [asked(**rules)], "etsy", NOW)
    return found


def test_every_missing_and_wrong_field_is_reported_at_once() -> None:
    content = {"title": "x" * 141, "price": {"amount": "0.10", "currency": "EUR"}, "images": []}
    requirements = [
        asked("/title", type="string", max_length=140),
        asked("/price", type="money", min=0.2),
        asked("/images", type="list", required=True),
        asked("/attributes/period", required=True),
        asked("/description"),
    ]
    found = check(content, requirements, "etsy", NOW)
    assert [(issue.field, issue.code) for issue in found] == [
        ("/title", "too_long"),
        ("/price", "too_small"),
        ("/images", "required_field_missing"),
        ("/attributes/period", "required_field_missing"),
    ]


def test_an_issue_says_what_is_wrong_and_what_to_do() -> None:
    issue = only(None, required=True, why="Etsy asks when it was made.")
    assert issue.message == "Period is missing. Etsy asks when it was made."
    assert issue.action == "Fill in Period."
    assert (issue.marketplace, issue.category, issue.severity) == ("etsy", "dealer", "error")
    assert not issue.retryable


@pytest.mark.parametrize("value", [None, "", "  ", [], {}])
def test_what_is_empty_is_missing_only_where_it_is_required(value: Any) -> None:
    assert codes(value, required=True) == ["required_field_missing"]
    assert codes(value) == []


@pytest.mark.parametrize("value", [0, False])
def test_nought_and_no_are_values(value: Any) -> None:
    assert codes(value, required=True, type="boolean" if value is False else "integer") == []


@pytest.mark.parametrize(
    ("kind", "fits", "does_not"),
    [
        ("string", ["oak", 1790, 1.5], [True, ["oak"], {"a": 1}]),
        ("number", [88, "88.5", 1e3], ["tall", True, "NaN", "Infinity", [1]]),
        ("integer", [88, "88", 88.0], [88.5, "88.5", "tall"]),
        ("boolean", [True, "true", "False"], ["yes", 1]),
        ("list", [["oak"], "oak"], [1, True]),
        ("money", [{"amount": "1.50", "currency": "EUR"}, "1.50"], [{"currency": "EUR"}, "dear"]),
    ],
)
def test_a_value_has_the_type_asked_for(kind: str, fits: list[Any], does_not: list[Any]) -> None:
    assert [value for value in fits if codes(value, type=kind)] == []
    assert [value for value in does_not if codes(value, type=kind) != ["wrong_type"]] == []


def test_length_counts_characters_of_text_and_entries_of_a_list() -> None:
    assert codes("oakoak", max_length=6) == []
    assert codes("oakoako", max_length=6) == ["too_long"]
    assert codes(["a" * 9] * 2, type="list", max_length=2) == []
    assert "3 entries" in only(["a"] * 3, type="list", max_length=2).message


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, ["too_small"]), (1, []), (10, []), ("10.01", ["too_large"]), ("9.99", [])],
)
def test_both_ends_of_a_range_belong_to_it(value: Any, expected: list[str]) -> None:
    assert codes(value, type="number", min=1, max=10) == expected


def test_a_range_is_exact_in_hundredths() -> None:
    assert codes({"amount": "0.30", "currency": "EUR"}, type="money", min=0.3) == []
    assert codes({"amount": "0.29", "currency": "EUR"}, type="money", min=0.3) == ["too_small"]


def test_only_the_allowed_values_are_taken_and_each_other_one_is_named() -> None:
    rules = {"type": "list", "allowed": ["Oak", "Beech"]}
    assert codes(["Oak", "Beech"], **rules) == []
    issue = only(["Oak", "Teak", "Gold"], **rules)
    assert issue.code == "not_allowed"
    assert "Teak, Gold" in issue.message
    assert issue.action == "Choose one of: Oak, Beech."


def test_a_long_list_of_choices_is_cut() -> None:
    action = only("other", allowed=[f"choice {n}" for n in range(40)]).action
    assert "choice 9" in action
    assert "choice 10" not in action
    assert "…" in action


def test_a_pattern_is_searched_and_a_foreign_one_left_to_the_marketplace() -> None:
    assert codes("1780-1789", pattern=r"^[0-9]{4}-[0-9]{4}$") == []
    assert codes("about 1790", pattern=r"^[0-9]{4}-[0-9]{4}$") == ["wrong_pattern"]
    assert codes("about 1790", pattern=r"(?<period>[") == []


def test_a_coming_requirement_warns_until_it_is_there() -> None:
    later = NOW + timedelta(days=52)
    warning = only(None, required=True, effective_at=later)
    assert warning.severity == "warning"
    assert "from 2027-01-15 on" in warning.message
    assert only(None, required=True, effective_at=NOW).severity == "error"
    (unknown_now,) = check({}, [asked(required=True, effective_at=later)], "etsy")
    assert unknown_now.severity == "error"


def test_a_pointer_leads_through_objects_and_lists_and_unescapes() -> None:
    content = {"images": ["a", "b"], "attributes": {"w/h": {"~": 1}}}
    assert at_pointer(content, "/images/1") == "b"
    assert at_pointer(content, "/attributes/w~1h/~0") == 1
    for nowhere in ("/images/2", "/images/x", "/title/x", "/attributes/none"):
        assert at_pointer(content, nowhere) is None
