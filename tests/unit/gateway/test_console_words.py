"""Every state in words, and the dot of the reference article beside it."""

from typing import Any

import pytest

from gateway.console import words
from gateway.console.drawings import OUTLINES, TAG, outline, shape
from gateway.console.pages import own_path


def listing(observed: str, desired: str, operation: str = "idle") -> dict[str, Any]:
    return {"observed": observed, "desired": desired, "operation": operation}


def missing(*fields: str) -> list[dict[str, Any]]:
    code = "required_field_missing"
    return [{"severity": "error", "code": code, "field": field} for field in fields]


@pytest.mark.parametrize(
    ("observed", "desired", "dot", "said"),
    [
        ("active", "active", "", "eBay: active"),
        ("inactive", "inactive", "blue", "eBay: inactive"),
        ("ended", "inactive", "blue", "eBay: ended"),
        ("sold", "sold", "blue", "eBay: sold"),
        ("on_hold", "on_hold", "yellow", "eBay: on hold"),
        ("draft", "draft", "red", "eBay: draft"),
        ("none", "draft", "red", "eBay: draft"),
        ("none", "inactive", "blue", "eBay: inactive"),
        ("pending_review", "active", "grey", "eBay: in review, to become active"),
        ("unknown", "active", "grey", "eBay: state unknown, to become active"),
        ("active", "inactive", "", "eBay: active, to become inactive"),
        ("active", "on_hold", "", "eBay: active, to go on hold"),
        ("inactive", "on_hold", "blue", "eBay: inactive, on hold"),
        ("ended", "on_hold", "blue", "eBay: ended, on hold"),
    ],
)
def test_a_state_has_its_dot_and_its_words(
    observed: str, desired: str, dot: str, said: str
) -> None:
    fact = listing(observed, desired)
    assert words.dot(fact) == dot
    assert words.listing("ebay", fact) == said


def test_missing_fields_are_counted_in_the_name() -> None:
    fact = listing("inactive", "inactive", "needs_dealer")
    assert words.listing("etsy", fact, missing("/title")) == "Etsy: inactive, 1 field missing"
    two = missing("/title", "/attributes/maker")
    assert words.listing("ebay", fact, two) == "eBay: inactive, 2 fields missing"
    wrong = {"severity": "error", "code": "too_long", "field": "/title"}
    later = {"severity": "warning", "code": "required_field_missing", "field": "/price"}
    assert words.listing("ebay", fact, [wrong, later]) == "eBay: inactive, 1 field wrong"


def test_what_is_not_settled_is_marked() -> None:
    assert words.trouble(listing("inactive", "active", "queued")) == "working"
    assert words.trouble(listing("inactive", "active")) == "working"
    assert words.trouble(listing("inactive", "inactive", "needs_dealer")) == "stopped"
    assert words.trouble(listing("pending_review", "active", "queued")) == ""
    assert words.trouble(listing("active", "active")) == ""
    assert words.trouble(listing("active", "on_hold")) == "working"


def test_a_hold_is_settled_where_the_marketplace_shows_it_as_something_else() -> None:
    assert words.trouble(listing("inactive", "on_hold")) == ""
    assert words.trouble(listing("inactive", "on_hold", "queued")) == "working"


def test_what_someone_else_changed_waits_for_the_dealer() -> None:
    for desired, shown in (("on_hold", "on hold"), ("active", "active")):
        drifted = {**listing("ended", desired), "drift": {"observed": "ended"}}
        said = f"Etsy: ended, wanted {shown}, changed there by someone else"
        assert words.listing("etsy", drifted) == said
        assert words.trouble(drifted) == "stopped"


def test_a_plan_is_told_in_words() -> None:
    origin = {"ebay": "active", "etsy": "inactive", "shopify": "inactive"}
    said = "Will be active on eBay. Will be inactive on Etsy and Shopify."
    assert words.plan(origin) == said
    nothing = words.plan({"ebay": "inactive"})
    assert nothing == "Nothing is put back on sale. Will be inactive on eBay."
    assert words.plan({}) == "Nothing is put back on sale."


def test_money_never_stands_without_its_currency() -> None:
    assert words.money({"amount": "1250.00", "currency": "EUR"}) == "EUR 1,250.00"
    assert words.money({"amount": "1250", "currency": "JPY"}) == "JPY 1,250"
    assert words.money({"amount": "0.5000", "currency": "USD"}) == "USD 0.5000"
    assert words.money(None) == "No price"


def test_a_moment_is_in_utc_until_script_knows_better() -> None:
    assert words.moment("2026-11-24T08:00:00+01:00") == "24 Nov 2026, 07:00 UTC"


def test_names_are_listed_as_one_says_them() -> None:
    assert words.places(["ebay"]) == "eBay"
    assert words.places(["ebay", "etsy", "the-fair"]) == "eBay, Etsy and The fair"
    assert words.places([]) == ""


def test_a_piece_is_drawn_by_the_last_part_of_its_category_that_is_known() -> None:
    drawn = dict(OUTLINES)
    assert outline("Home & Garden > Decor > Clocks") == drawn["clock"]
    assert outline("Home & Garden > Kitchen & Dining > Tableware") == drawn["tableware"]
    assert outline("Furniture > Chairs") == drawn["chair"]
    assert outline("Something new") == outline(None) == TAG


def test_a_marketplace_nobody_knows_has_a_mark_too() -> None:
    assert words.mark("selency") == "Se"
    assert shape("selency") == shape("selency")


@pytest.mark.parametrize(
    "given",
    ["//evil.invalid", "https://evil.invalid", "/\\evil.invalid", "inventory", "", None, "/a\nb"],
)
def test_a_form_leads_nowhere_else(given: str | None) -> None:
    assert own_path(given, "/inventory") == "/inventory"


def test_a_path_of_ours_keeps_its_query() -> None:
    assert own_path("/inventory?query=a+b&cursor=x", "/") == "/inventory?query=a+b&cursor=x"
