"""Importing a product export: bad rows named, good ones in, nothing activated, nothing lost."""

import csv
import io
import uuid
from typing import Any

import httpx2
import pytest

from tests.support.installation import until

pytestmark = pytest.mark.timeout(180)
HEADER = ("Handle", "Title", "Variant SKU", "Variant Price", "Variant Inventory Qty")
CSV = {"Content-Type": "text/csv"}


def export(*rows: tuple[str, ...]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([HEADER, *rows])
    return out.getvalue().encode()


def done(http: httpx2.Client, answer: httpx2.Response) -> dict[str, Any]:
    assert answer.status_code == 202, answer.text
    place = answer.headers["location"]

    def finished() -> dict[str, Any] | None:
        report: dict[str, Any] = http.get(place).json()
        return report if report["status"] == "done" else None

    report: dict[str, Any] = until(finished, "the import is done")
    return report


def test_every_bad_row_is_named_and_the_good_ones_go_in(http: httpx2.Client) -> None:
    mark = uuid.uuid4().hex[:8]
    content = export(
        (f"{mark}-1", "Chair", "1", "950.00", "1"),
        (f"{mark}-2", "Table", "2", "on request", "1"),
        (f"{mark}-3", "", "3", "1.00", "1"),
        (f"{mark}-4", "Clock", "4", "4,200.00", "0"),
    )
    report = done(http, http.post("/api/v1/imports", content=content, headers=CSV))
    assert (report["rows"], report["accepted"], report["rejected"]) == (4, 2, 2)
    assert report["items"] == [f"{mark}-1", f"{mark}-4"]
    named = [(row["line"], row["field"]) for row in report["bad_rows"]]
    assert named == [(3, "/price"), (4, "/title")]
    assert {(row["line"], row["code"]) for row in report["warnings"]} >= {(5, "price_read_as")}
    item = http.get(f"/api/v1/items/{mark}-4").json()
    assert (item["status"], item["price"]["amount"]) == ("out_of_stock", "4200.00")
    assert item["listings"] == {}


def test_a_row_that_inventory_refuses_is_named_too(http: httpx2.Client) -> None:
    mark = uuid.uuid4().hex[:8]
    first = export((mark, "Chair", "1", "950.00", "1"))
    assert done(http, http.post("/api/v1/imports", content=first, headers=CSV))["accepted"] == 1
    again = done(http, http.post("/api/v1/imports", content=first, headers=CSV))
    assert (again["accepted"], again["rejected"]) == (1, 0)
    other = export((mark, "Another chair", "1", "950.00", "1"))
    report = done(http, http.post("/api/v1/imports", content=other, headers=CSV))
    (row,) = report["bad_rows"]
    assert (row["line"], row["code"]) == (2, "item_id_taken")


def test_the_currency_is_the_dollar_unless_given(http: httpx2.Client) -> None:
    mark = uuid.uuid4().hex[:8]
    content = export((mark, "Chair", "1", "950.00", "1"))
    answer = http.post("/api/v1/imports?currency=EUR", content=content, headers=CSV)
    done(http, answer)
    assert http.get(f"/api/v1/items/{mark}").json()["price"]["currency"] == "EUR"
    assert http.post("/api/v1/imports?currency=euro", content=content).status_code == 422


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"Handle,Title\nx,y\n", "text/csv", 422),
        (b"", "text/csv", 422),
        (b"PK\x03\x04", "text/csv", 422),
        (b"{}", "application/json", 415),
    ],
)
def test_what_is_no_product_export_is_refused(
    http: httpx2.Client, content: bytes, kind: str, status: int
) -> None:
    answer = http.post("/api/v1/imports", content=content, headers={"Content-Type": kind})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
