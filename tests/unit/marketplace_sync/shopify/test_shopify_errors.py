"""Shopify's user errors and GraphQL errors."""

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
from marketplace_sync.marketplaces.shopify import errors


def judged(body: Any, *, status: int = 200, write: bool = True) -> Outcome | None:
    return errors.outcome(Response(status, {}, body, str(body)), write=write)


def refused(path: list[str] | None, text: str, code: str | None = None) -> dict[str, Any]:
    error = {"field": path, "message": text, "code": code}
    return {"data": {"productSet": {"product": None, "userErrors": [error]}}}


@pytest.mark.parametrize(
    ("path", "field"),
    [
        (["input", "title"], "/title"),
        (["input", "descriptionHtml"], "/description"),
        (["input", "variants", "0", "price"], "/price"),
        (["input", "files", "0", "originalSource"], "/images"),
        (["input", "productType"], "/category"),
        (["input", "metafields", "custom.period"], "/attributes/period"),
        (["input", "metafields", "custom.condition"], "/condition"),
        (["input", "variants", "4"], "/input/variants/4"),
        ([], None),
    ],
)
def test_a_field_path_points_into_the_items_content(path: list[str], field: str | None) -> None:
    (issue,) = errors.issues(refused(path, "can't be blank"))
    assert (issue.field, issue.category) == (field, "dealer")


def test_every_user_error_is_an_issue() -> None:
    body = {
        "data": {
            "productSet": {
                "userErrors": [
                    {"field": ["input", "title"], "message": "Title can't be blank"},
                    {"field": ["input", "metafields", "custom.maker"], "message": "Maker is blank"},
                ]
            }
        }
    }
    outcome = judged(body)
    assert isinstance(outcome, Invalid)
    assert [issue.field for issue in outcome.issues] == ["/title", "/attributes/maker"]
    assert outcome.issues[1].message == "Maker is blank."


def test_a_product_that_is_not_there_is_gone() -> None:
    body = refused(["input", "id"], "Product does not exist", "PRODUCT_DOES_NOT_EXIST")
    assert judged(body) == Gone()
    assert judged(refused(["id"], "Resource does not exist")) == Gone()
    other = refused(["input", "0", "publicationId"], "Publication does not exist")
    assert isinstance(judged(other), Invalid)


def test_stock_that_changed_in_between_is_looked_at_again() -> None:
    path = ["input", "quantities", "0", "changeFromQuantity"]
    outcome = judged(refused(path, "does not match", "CHANGE_FROM_QUANTITY_STALE"))
    assert isinstance(outcome, RetryLater)
    assert outcome.why == "retrying"


@pytest.mark.parametrize(
    ("cost", "seconds"),
    [
        ({"requestedQueryCost": 752, "throttleStatus": (666, 50.0)}, 2.0),
        ({"requestedQueryCost": 10, "throttleStatus": (9, 100.0)}, 1.0),
        ({"requestedQueryCost": 10, "throttleStatus": (20, 100.0)}, 1.0),
        ({"requestedQueryCost": 10, "throttleStatus": (0, 0)}, None),
        (None, None),
    ],
)
def test_a_throttled_call_waits_until_the_bucket_is_full_enough(
    cost: dict[str, Any] | None, seconds: float | None
) -> None:
    body: dict[str, Any] = {"errors": [{"message": "", "extensions": {"code": "THROTTLED"}}]}
    if cost is not None:
        available, rate = cost["throttleStatus"]
        status = {"currentlyAvailable": available, "restoreRate": rate}
        body["extensions"] = {"cost": {**cost, "throttleStatus": status}}
    assert judged(body) == RetryLater(seconds, "rate_limited")


def test_a_server_error_leaves_a_write_in_doubt_and_a_read_to_be_tried_again() -> None:
    inside = {"errors": [{"message": "", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]}
    for body, status in ((inside, 200), ({"errors": "Internal Server Error"}, 500)):
        assert isinstance(judged(body, status=status), Unknown)
        assert isinstance(judged(body, status=status, write=False), RetryLater)


@pytest.mark.parametrize("body", [None, {}, {"data": None}, [], {"data": []}])
def test_an_answer_without_data_is_no_answer(body: Any) -> None:
    assert isinstance(judged(body), Unknown)
    assert isinstance(judged(body, write=False), RetryLater)


def test_a_missing_scope_stops_the_account() -> None:
    denied = {"errors": [{"message": "no", "extensions": {"code": "ACCESS_DENIED"}}]}
    assert isinstance(judged(denied), Unauthorized)
    assert isinstance(judged({"errors": "Forbidden"}, status=403), Unauthorized)


def test_a_wrong_address_is_a_refusal_and_nobody_is_gone() -> None:
    assert isinstance(judged({"errors": "Not Found"}, status=404), Invalid)


def test_a_text_for_errors_is_an_issue_too() -> None:
    (issue,) = errors.issues({"errors": "Not Found"})
    assert (issue.category, issue.message) == ("system", "Not Found.")
