"""Etsy's one string of an error, taken apart."""

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
from marketplace_sync.marketplaces.etsy import errors


def judged(
    status: int, body: Any, *, write: bool = True, names_one: bool = False
) -> Outcome | None:
    return errors.outcome(Response(status, {}, body, str(body)), write=write, names_one=names_one)


def test_every_problem_of_one_string_is_an_issue_of_its_own() -> None:
    text = (
        "There was a problem with /properties/period : is required; "
        "There was a problem with /title : cannot be longer than 140 characters"
    )
    found = errors.issues(400, {"error": text})
    assert [(i.field, i.category, i.retryable) for i in found] == [
        ("/attributes/period", "dealer", False),
        ("/title", "dealer", False),
    ]
    assert found[0].message == "Period is required."
    assert found[0].action == "Fill in or correct period, then activate again."


def test_a_list_of_problems_names_the_field_without_the_place_in_it() -> None:
    body = [{"path": "/title/1", "type": "invalid_characters", "message": "has odd characters"}]
    (issue,) = errors.issues(400, body)
    assert (issue.field, issue.message) == ("/title", "Title has odd characters.")


def test_a_parameter_that_we_forgot_is_no_fault_of_the_dealer() -> None:
    (issue,) = errors.issues(400, {"error": "Missing input parameter: [taxonomy_id]"})
    assert (issue.category, issue.field) == ("system", "/taxonomy_id")
    assert "operator" in issue.action


@pytest.mark.parametrize("body", [None, [], "text", {"error": None}, ["text"], {}])
def test_a_refusal_without_words_is_still_a_refusal(body: Any) -> None:
    assert isinstance(judged(400, body), Invalid)
    assert all(issue.message for issue in errors.issues(400, body))


def test_only_etsys_own_words_say_that_a_listing_is_gone() -> None:
    words = {"error": "Could not find a Listing with listing_id = 1."}
    assert judged(404, words, names_one=True) == Gone()
    assert isinstance(judged(404, words, names_one=False), Invalid)
    assert isinstance(judged(404, None, names_one=True), Invalid)


def test_a_server_error_leaves_a_write_in_doubt_and_a_read_to_be_tried_again() -> None:
    assert isinstance(judged(500, {"error": "Server Error"}), Unknown)
    assert isinstance(judged(500, {"error": "Server Error"}, write=False), RetryLater)


def test_a_page_that_is_not_json_is_no_answer() -> None:
    assert isinstance(judged(200, None, write=False), RetryLater)
    assert isinstance(judged(200, None), Unknown)


def test_access_that_is_too_small_stops_the_account() -> None:
    assert isinstance(judged(403, {"error": "insufficient_scope"}), Unauthorized)
