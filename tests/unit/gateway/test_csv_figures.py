"""Prices and quantities of product exports: read in one way, or refused."""

import pytest

from gateway.domain.shopify_csv import read
from tests.support.product_exports import chair, export, only, the_finding


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("950.00", "950.00"),
        ("950", "950.00"),
        ("1,200.00", "1200.00"),
        ("1.200,00", "1200.00"),
        ("1.234.567,50", "1234567.50"),
        ("1 200,00", "1200.00"),
        ("1'200.00", "1200.00"),
        ("1,200", "1200.00"),
        ("12,50", "12.50"),
        ("$450.00", "450.00"),
        ("USD 450", "450.00"),
        (" 450.00 ", "450.00"),
    ],
)
def test_a_price_that_can_be_read_in_one_way_is_read(written: str, amount: str) -> None:
    assert only(read(export(chair(price=written)), "USD")).amount == amount


@pytest.mark.parametrize("written", ["1,200.00", "1.200,00", "$450.00", "12,50"])
def test_a_price_in_an_unusual_form_is_taken_with_a_warning(written: str) -> None:
    finding = the_finding(read(export(chair(price=written)), "USD"))
    assert (finding.severity, finding.code, finding.line) == ("warning", "price_read_as", 2)


@pytest.mark.parametrize(
    "written",
    ["", "Price on request", "0", "0.00", "-75.00", "(75.00)", "1.200", "1.2.3", "12.345", "€450"],
)
def test_a_price_that_is_missing_or_doubtful_is_refused(written: str) -> None:
    result = read(export(chair(price=written)), "USD")
    finding = the_finding(result)
    assert (result.drafts, finding.severity, finding.field) == ([], "error", "/price")


def test_a_sign_of_the_imports_own_currency_is_no_obstacle() -> None:
    assert only(read(export(chair(price="€450")), "EUR")).amount == "450.00"


@pytest.mark.parametrize(("written", "owned"), [("3", 3), ("0", 0), ("", 1), ("2.0", 2)])
def test_a_quantity_is_read_and_an_empty_one_is_one_piece(written: str, owned: int) -> None:
    assert only(read(export(chair(quantity=written)), "USD")).quantity == owned


@pytest.mark.parametrize("written", ["-1", "two", "1.5", "99999999"])
def test_a_quantity_that_cannot_be_is_refused(written: str) -> None:
    finding = the_finding(read(export(chair(quantity=written)), "USD"))
    assert (finding.severity, finding.field) == ("error", "/quantity")
