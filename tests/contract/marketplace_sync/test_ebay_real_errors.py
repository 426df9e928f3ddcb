"""What eBay's real errors and notifications lead to."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from brocante.contracts.values import Issue
from marketplace_sync.marketplaces.calls import Response
from marketplace_sync.marketplaces.contract import (
    Gone,
    Invalid,
    ListingSeen,
    Observation,
    Outcome,
    RetryLater,
    SaleSeen,
    Unknown,
)
from marketplace_sync.marketplaces.ebay import errors
from marketplace_sync.marketplaces.ebay.webhooks import decode
from tests.support.specs import spec_json

pytestmark = pytest.mark.specs


def issues_of(entry: Mapping[str, Any]) -> list[Issue]:
    return [errors.to_issue(e, entry["status"]) for e in errors.errors_of(entry["body"])]


def test_every_real_error_has_its_category_field_and_whether_it_passes() -> None:
    wrong = []
    for entry in spec_json("errors/ebay.json"):
        expected = entry["expected"]
        (issue,) = issues_of(entry)
        category = {"user": "dealer"}.get(expected["category"], expected["category"])
        field = (
            (expected["field"] or "").lower().replace(".", "/").replace("categoryid", "category")
        )
        found = (issue.field or "").lower()
        right = issue.category == category and issue.retryable == expected["retryable"]
        if not right or field not in found or bool(field) != bool(found):
            wrong.append((entry["body"], expected, issue))
    assert wrong == []


def outcome_of(number: int) -> set[type[Outcome | None]]:
    """What real answers with an error of this number mean for a call that is idempotent."""
    found = set()
    for entry in spec_json("errors/ebay.json"):
        answer = Response(entry["status"], {}, entry["body"], str(entry["body"]))
        if number in errors.error_ids(answer):
            found.add(type(errors.outcome(answer, write=False)))
    return found


@pytest.mark.parametrize(
    ("number", "outcomes"),
    [
        (25001, {RetryLater, Invalid}),
        (25025, {RetryLater}),
        (25713, {Gone}),
        (25029, {Invalid}),
        (25002, {Invalid}),
        (25026, {Invalid}),
        (2001, {RetryLater}),
    ],
)
def test_every_real_error_leads_to_what_the_loop_must_do(
    number: int, outcomes: set[type[Outcome | None]]
) -> None:
    assert outcome_of(number) == outcomes
    assert Unknown not in outcome_of(number)


def test_no_error_that_publishing_can_meet_is_taken_for_our_own_fault_unless_it_is() -> None:
    """The whole table of publishOffer: what is checked there is the listing or the account."""
    paths = spec_json("ebay-sell-inventory-v1.openapi.json")["paths"]
    responses = paths["/offer/{offerId}/publish"]["post"]["responses"]
    table = responses["400"]["x-response-codes"]["errors"]
    ours = {25713, 25752, 25760, 25766, 25767}
    for number, entry in table.items():
        text = re.sub(r"<[^>]+>", "", entry["description"])
        issue = errors.to_issue({"errorId": int(number), "message": text})
        assert (issue.category == "system") == (int(number) in ours), (number, text, issue)


def test_real_notifications_are_sales_and_listings_to_look_at() -> None:
    def of(name: str) -> Any:
        one = spec_json(f"webhooks/ebay/{name}.json")
        return decode(one["headers"], one["body"].encode())

    at = datetime(2026, 6, 19, 14, 15, 23, 110_000, tzinfo=UTC)
    (sale,) = of("ORDER_CONFIRMATION-unsigned")
    assert sale == SaleSeen(
        "ebay:10000000000001", "01-00001-00001", "110000000001", None, 2, None, at
    )
    (seen,) = of("ITEM_AVAILABILITY-unsigned")
    assert seen == ListingSeen("110000000001", None, Observation("unknown", at))
    assert of("MARKETPLACE_ACCOUNT_DELETION-valid") == ()
