"""Words an item is found by, the warnings beside a plan, how far an import is, problems."""

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from brocante.contracts.inventory import ItemCreate
from gateway.domain.plans import resolved_relist, warnings_of
from gateway.domain.problems import Problem, of_validation
from gateway.http.resting import concerned
from gateway.records.commands import Kept
from gateway.records.finding import words
from gateway.records.imports import progress


def kept(status: str = "done", kind: str = "item.activate", **payload: Any) -> Kept:
    rejection = {"code": "item_id_taken", "message": "Taken."} if status == "rejected" else None
    return Kept("c1", "main", kind, payload, status, "", rejection)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Fauteuil à la Reine", {"fauteuil", "a", "la", "reine"}),
        ("91.10 and 91.1", {"91.10", "91.1", "and"}),
        ("Side-chair", {"side-chair", "side", "chair"}),
        ("c. 1790; 'oak'", {"c", "1790", "oak"}),
        ("ŠKODA", {"skoda"}),
        ("—", set()),
    ],
)
def test_words_are_found_without_accents_and_case(text: str, expected: set[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("reason", "relist", "resolved"),
    [
        (None, None, "origin"),
        ("unpaid", None, "origin"),
        ("sold_elsewhere", None, "none"),
        ("damaged", None, "none"),
        ("damaged", "origin", "origin"),
        (None, "as_before", "as_before"),
    ],
)
def test_a_reason_decides_unless_a_choice_was_made(
    reason: str | None, relist: str | None, resolved: str
) -> None:
    assert resolved_relist(reason, relist) == resolved


def test_a_plan_always_says_that_the_order_stays() -> None:
    said = warnings_of("ebay", {"ebay": "active"}, None, None)
    assert said == ["This does not cancel or refund the order on ebay."]
    said = warnings_of("showroom", {"ebay": "inactive"}, "damaged", None)
    assert any("not connected" in one for one in said)
    assert any("unavailable" in one for one in said)


def test_a_command_is_about_the_listings_it_names() -> None:
    item = {"listings": {"ebay": {"n": 1}, "etsy": {"n": 2}}}
    assert set(concerned(kept(marketplaces=["etsy"]), item)) == {"etsy"}
    assert set(concerned(kept(marketplaces=["*"]), item)) == {"ebay", "etsy"}
    assert set(concerned(kept(kind="item.restore", marketplace="ebay"), item)) == {"ebay"}
    assert set(concerned(kept(kind="sale.cancel", marketplace="ebay"), item)) == {"ebay", "etsy"}


def test_an_import_is_done_once_every_row_is_answered() -> None:
    report = {"import_id": "i", "rejected": 1, "bad_rows": [{"line": 9}]}
    rows = [
        {"command_id": f"c{n}", "line": n, "sku": str(n), "item_id": f"i{n}"} for n in (2, 3, 4)
    ]
    answers = {"c2": kept(), "c3": kept("rejected"), "c4": kept("accepted")}
    now = progress(report, rows, answers)
    assert (now["status"], now["done"], now["accepted"], now["rejected"]) == ("running", 2, 1, 2)
    assert [row["line"] for row in now["bad_rows"]] == [3, 9]
    assert now["items"] == ["i2"]
    assert progress(report, rows, {**answers, "c4": kept()})["status"] == "done"


def wrong(model: type[BaseModel], values: dict[str, Any]) -> Problem:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(values, extra="forbid")
    return of_validation(caught.value)


def test_every_wrong_field_is_named_at_once_by_its_pointer() -> None:
    values = {"item_id": "a b", "title": "", "price": {"amount": "x", "currency": "USD"}}
    fields = {issue.field for issue in wrong(ItemCreate, values).errors}
    assert fields == {"/item_id", "/sku", "/title", "/price/amount"}


def test_a_slip_in_a_fields_name_has_a_problem_of_its_own() -> None:
    price = {"amount": "1", "currency": "USD"}
    good = {"item_id": "a", "sku": "s", "title": "t", "price": price}
    problem = wrong(ItemCreate, {**good, "ti/tle": "x"})
    assert (problem.code, problem.status) == ("unknown_field", 422)
    assert [issue.field for issue in problem.errors] == ["/ti~1tle"]


def test_a_problem_has_a_page_a_status_and_its_issues() -> None:
    body = Problem("item_sold", "It is sold.", field="/item_id").body()
    assert body["type"] == "/docs/problems/item_sold"
    assert (body["status"], body["detail"]) == (409, "It is sold.")
    assert body["errors"][0]["field"] == "/item_id"
