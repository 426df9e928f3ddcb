"""One action on many items: what stands in the way, and what became of each."""

from typing import Any

import pytest

from brocante.contracts.values import Issue
from gateway.domain.bulk import (
    counted,
    counted_by_marketplace,
    foreseen,
    meant,
    refused_before,
    so_far,
)


def item(status: str = "available", *listings: str) -> dict[str, Any]:
    return {"status": status, "listings": {m: {} for m in listings}}


def issue(marketplace: str | None, severity: str = "error") -> Issue:
    return Issue.model_validate(
        {
            "code": "required_field_missing",
            "category": "dealer",
            "message": "Period is missing.",
            "action": "Fill in Period.",
            "marketplace": marketplace,
            "severity": severity,
        }
    )


def test_a_star_means_every_connected_marketplace_once() -> None:
    assert meant(item("available", "etsy", "ebay"), ["*", "ebay"]) == ["ebay", "etsy"]
    assert meant(item("available", "etsy"), ["ebay"]) == ["ebay"]


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("sold", "item_sold"),
        ("unavailable", "item_unavailable"),
        ("out_of_stock", "item_out_of_stock"),
        ("deleted", "item_deleted"),
    ],
)
@pytest.mark.parametrize("action", ["activate", "hold"])
def test_what_is_not_for_sale_is_foreseen_with_inventorys_own_code(
    status: str, code: str, action: str
) -> None:
    (found,) = refused_before("chair", item(status, "ebay"), action, ["*"])
    assert (found.code, found.marketplace) == (code, None)
    assert refused_before("chair", item(status, "ebay"), "deactivate", ["*"]) == []


def test_an_item_nobody_knows_is_foreseen() -> None:
    assert [one.code for one in refused_before("x", None, "delete", ["*"])] == ["unknown_item"]


def test_only_an_activation_connects() -> None:
    unconnected = item("available", "etsy")
    assert refused_before("chair", unconnected, "activate", ["ebay"]) == []
    (found,) = refused_before("chair", unconnected, "hold", ["ebay", "etsy"])
    assert (found.code, found.marketplace) == ("not_connected", "ebay")
    (nowhere,) = refused_before("chair", item(), "activate", ["*"])
    assert (nowhere.code, nowhere.marketplace) == ("not_connected", None)
    assert refused_before("chair", item(), "delete", ["*"]) == []


@pytest.mark.parametrize(
    ("issues", "result", "standing"),
    [
        ([], "ready", {"ebay": "ready", "etsy": "ready"}),
        ([issue("etsy")], "partly", {"ebay": "ready", "etsy": "blocked"}),
        ([issue("etsy"), issue("ebay")], "blocked", {"ebay": "blocked", "etsy": "blocked"}),
        ([issue(None)], "blocked", {"ebay": "blocked", "etsy": "blocked"}),
        ([issue("etsy", "warning")], "ready", {"ebay": "ready", "etsy": "ready"}),
    ],
)
def test_a_row_says_where_it_would_go_on(
    issues: list[Issue], result: str, standing: dict[str, str]
) -> None:
    row = foreseen("chair", ["ebay", "etsy"], issues)
    assert (row["result"], row["marketplaces"]) == (result, standing)
    assert len(row["issues"]) == len(issues)


def test_rows_are_counted_by_result_and_by_marketplace() -> None:
    rows = [foreseen("a", ["ebay", "etsy"], [issue("etsy")]), foreseen("b", ["ebay"], [])]
    assert counted(rows) == {"partly": 1, "ready": 1}
    assert counted_by_marketplace(rows) == {
        "ebay": {"ready": 2, "blocked": 0},
        "etsy": {"ready": 0, "blocked": 1},
    }


def test_a_bulk_is_done_once_nothing_waits() -> None:
    rows = [{"result": "done"}, {"result": "waiting"}, {"result": "rejected"}]
    report = so_far({"bulk_id": "b"}, rows)
    assert (report["status"], report["done"], report["bulk_id"]) == ("running", 2, "b")
    report = so_far(report, [*rows[:1], {"result": "refused"}, *rows[2:]])
    assert (report["status"], report["done"]) == ("done", 3)
    assert report["counts"] == {"done": 1, "refused": 1, "rejected": 1}
