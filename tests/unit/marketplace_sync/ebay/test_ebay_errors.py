"""eBay's errors as issues and outcomes."""

from typing import Any

import pytest

from marketplace_sync.marketplaces.calls import Response
from marketplace_sync.marketplaces.contract import (
    Gone,
    Invalid,
    Outcome,
    RetryLater,
    Unauthorized,
    Unknown,
)
from marketplace_sync.marketplaces.ebay import errors

SPECIFIC = "/attributes/Condition"


def error(number: Any, message: str = "It says why.", **parameters: str) -> dict[str, Any]:
    named = [{"name": name.lstrip("_"), "value": value} for name, value in parameters.items()]
    return {"errorId": number, "message": message, "parameters": named}


def judged(status: int, *found: Any, write: bool = False, body: Any = None) -> Outcome | None:
    given = {"errors": list(found)} if body is None else body
    return errors.outcome(Response(status, {}, given, str(given)), write=write)


@pytest.mark.parametrize(
    ("number", "text", "field"),
    [
        (25003, "… has an invalid price. It must be greater than 0.", "/price"),
        (25005, "… has an invalid category ID.", "/category"),
        (25014, "… has invalid pictures.", "/images"),
        (25015, "… has an invalid picture URL.", "/images"),
        (25016, "The title value is invalid. It is too long.", "/title"),
        (25016, "The listingDescription value is invalid.", "/description"),
        (25016, "The somethingElse value is invalid.", None),
        (25021, "… has invalid item condition information.", "/condition"),
        (25022, "Invalid attribute. Period", "/attributes/Period"),
        (25029, "Brand is required for this category.", "/attributes/Brand"),
        (25029, "Approx. Year is required for this category.", "/attributes/Approx. Year"),
        (25029, "Condition is required for this category.", "/condition"),
        (25029, "The item specific Condition is required for this category.", SPECIFIC),
        (
            25031,
            "Height is not valid and needs to be a number between 1 and 9",
            "/attributes/Height",
        ),
        (
            25601,
            "Original/Reproduction is an invalid attribute.",
            "/attributes/Original~1Reproduction",
        ),
        (25080, "The value of the title field is invalid.", "/title"),
        (25007, "… has invalid data in the associated Fulfillment policy.", None),
        (25604, "Input error. Something is not right.", None),
        (62009, "The specified category ID must be a leaf category.", "/category"),
    ],
)
def test_what_the_dealer_can_mend_is_the_dealers_and_names_its_field(
    number: int, text: str, field: str | None
) -> None:
    issue = errors.to_issue(error(number, text))
    assert (issue.category, issue.field, issue.retryable) == ("dealer", field, False)
    assert issue.marketplace_code == str(number)


@pytest.mark.parametrize("number", [25019, 25026, 25038, 25039, 25040])
def test_a_limit_or_a_state_of_ebays_is_the_marketplaces(number: int) -> None:
    issue = errors.to_issue(error(number))
    assert (issue.category, issue.retryable) == ("marketplace", False)
    assert issue.action.startswith("Nothing for you to do")


@pytest.mark.parametrize("number", [2004, 25701, 25709, 99999, None, "x"])
def test_what_nobody_but_us_can_mend_is_the_systems(number: Any) -> None:
    assert errors.to_issue(error(number)).category == "system"


def test_the_parameters_of_a_user_error_hold_its_real_text() -> None:
    text = "A user error has occurred. The item specific Period is missing. Add it and try again."
    short = "The item specific Period is missing."
    issue = errors.to_issue(error(25002, text, _0=short, _2="Period"))
    assert (issue.message, issue.field) == (short, "/attributes/Period")
    bare = errors.to_issue(error(25002, "A user error has occurred. You cannot list it twice."))
    assert bare.message == "You cannot list it twice."
    assert errors.to_issue(error(25002, "A user error has occurred.")).message


def test_a_numbered_parameter_is_a_field_only_where_the_text_says_so() -> None:
    text = "A user error has occurred. This looks like an item you have on eBay already."
    issue = errors.to_issue(error(25002, text, _0="Chair", _1="110000000001", _2="110000000002"))
    assert (issue.category, issue.field) == ("dealer", None)


def test_every_error_of_an_answer_is_an_issue() -> None:
    outcome = judged(400, error(25003), error(25029, "Maker is required for this category."))
    assert isinstance(outcome, Invalid)
    assert [issue.field for issue in outcome.issues] == ["/price", "/attributes/Maker"]


def test_a_fault_of_the_dealers_is_not_hidden_behind_a_passing_one() -> None:
    outcome = judged(400, error(25001), error(25003))
    assert isinstance(outcome, Invalid)
    assert len(outcome.issues) == 2


@pytest.mark.parametrize("number", [25001, 25025, 30500, 62000])
def test_what_passes_by_itself_is_tried_again(number: int) -> None:
    outcome = judged(500, error(number))
    assert isinstance(outcome, RetryLater)
    assert outcome.issue is not None
    assert outcome.issue.retryable


def test_a_system_error_leaves_a_creation_in_doubt_but_a_refused_concurrent_one_does_not() -> None:
    assert isinstance(judged(500, error(25001), write=True), Unknown)
    assert isinstance(judged(500, error(25025), write=True), RetryLater)


def test_a_server_error_without_words_is_in_doubt_only_for_what_is_not_idempotent() -> None:
    assert isinstance(judged(500, error(4711), write=True), Unknown)
    assert isinstance(judged(502, write=True), Unknown)
    assert isinstance(judged(502), RetryLater)


def test_a_bulk_answer_is_as_good_as_its_entries() -> None:
    fine = {"responses": [{"statusCode": 200, "offerId": "1"}]}
    assert judged(200, body=fine) is None
    assert judged(207, body=fine) is None
    passing = {"responses": [{"statusCode": 500, "errors": [error(25001)]}]}
    assert isinstance(judged(207, body=passing), RetryLater)
    missing = {"responses": [{"statusCode": 404, "errors": [error(25713)]}]}
    assert judged(207, body=missing) == Gone()


@pytest.mark.parametrize("number", [25701, 25702, 25710, 25713, 32100])
def test_what_is_not_there_is_gone(number: int) -> None:
    assert judged(404, error(number)) == Gone()


@pytest.mark.parametrize("body", [None, "<html>", [], {"errors": None}, {"errors": ["x"]}])
@pytest.mark.parametrize("status", [302, 404])
def test_a_page_of_someone_in_between_is_a_refusal_and_nothing_is_gone(
    body: Any, status: int
) -> None:
    outcome = judged(status, body={} if body is None else body)
    assert isinstance(outcome, Invalid)
    assert outcome.issues[0].category == "system"


def test_a_missing_scope_stops_the_account() -> None:
    assert isinstance(judged(403, error(1100, "Access denied")), Unauthorized)


def test_a_warning_beside_a_success_is_no_failure() -> None:
    assert judged(200, body={"listingId": "1", "warnings": [error(25402)]}) is None
