"""Every refusal is a problem that names what is wrong."""

from typing import Any

import httpx2
import pytest

from tests.support.gateway_calls import fresh, piece

pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"price": None}, "/price"),
        ({"price": {"amount": "cheap", "currency": "USD"}}, "/price/amount"),
        ({"price": {"amount": "1", "currency": "USD", "vat": 1}}, "/price/vat"),
        ({"titel": "x"}, "/titel"),
        ({"item_id": "a b"}, "/item_id"),
        ({"quantity": -1}, "/quantity"),
        ({"listings": {"ebay": {"details": {"titel": "x"}}}}, "/listings/ebay/details/titel"),
    ],
)
def test_what_is_wrong_with_a_body_is_named_by_its_field(
    http: httpx2.Client, change: dict[str, Any], field: str
) -> None:
    answer = http.post("/api/v1/items", json={**piece(fresh()), **change})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert field in [issue["field"] for issue in answer.json()["errors"]]


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[1]", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"\xff", "application/json", 400),
        (b'{"quantity": NaN}', "application/json", 400),
        (b"title=x", "application/x-www-form-urlencoded", 415),
        (b'{"title": "' + b"x" * 1_100_000 + b'"}', "application/json", 413),
    ],
)
def test_a_body_that_cannot_be_read_is_a_problem(
    http: httpx2.Client, content: bytes, kind: str, status: int
) -> None:
    answer = http.post("/api/v1/items", content=content, headers={"Content-Type": kind})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status"} <= set(answer.json())


@pytest.mark.parametrize(
    ("change", "field"),
    [({"quantity": False}, "/quantity"), ({"sku": 91.1}, "/sku"), ({"images": "x"}, "/images")],
)
def test_a_value_of_another_kind_is_not_taken_for_what_it_looks_like(
    http: httpx2.Client, change: dict[str, Any], field: str
) -> None:
    answer = http.post("/api/v1/items", json={**piece(fresh()), **change})
    assert answer.status_code == 422
    assert [issue["field"] for issue in answer.json()["errors"]] == [field]


def test_a_method_that_is_not_there_is_a_problem_that_says_which_are(http: httpx2.Client) -> None:
    answer = http.put("/api/v1/items")
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"
    assert "GET" in answer.headers["allow"]
