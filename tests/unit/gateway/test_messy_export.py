"""A real export with forty faulty rows, found through BROCANTE_DATA, and files at their worst."""

import os
import re
import time
from importlib.resources import files
from pathlib import Path

import pytest

from gateway.domain.csv_records import records
from gateway.domain.shopify_csv import Result, read

DATA = os.environ.get("BROCANTE_DATA")
needs_data = pytest.mark.skipif(DATA is None, reason="BROCANTE_DATA is not set")
HEADER = (
    "Handle,Title,Body (HTML),Variant SKU,Variant Price,Variant Inventory Qty,"
    "Image Src,Image Position,Product Category,Status"
)
FIVE_MEGABYTES = 5_000_000
# Of this process alone, so that a busy machine does not matter; a quadratic reader needs far more.
PATIENCE_SECONDS = 6.0
REFUSED = {
    11: ("required_field_missing", "/title"),
    29: ("price_unreadable", "/price"),
    57: ("price_unreadable", "/price"),
    66: ("price_unreadable", "/price"),
    75: ("price_unreadable", "/price"),
    110: ("quantity_unreadable", "/quantity"),
    118: ("row_cut_short", None),
    193: ("second_variant", None),
    194: ("no_such_product", None),
    231: ("status_unknown", None),
    243: ("required_field_missing", "/sku"),
    254: ("required_field_missing", "/item_id"),
    270: ("handle_taken", "/item_id"),
    297: ("too_many_columns", None),
    304: ("not_a_product", None),
}
DOUBTED = {
    (20, "price_read_as"),
    (38, "price_read_as"),
    (47, "price_read_as"),
    (95, "sku_used_twice"),
    (104, "out_of_stock"),
    (127, "quantity_missing"),
    (135, "not_utf8"),
    (144, "text_repaired"),
    (162, "html_removed"),
    (195, "category_missing"),
    (213, "sku_used_twice"),
    (222, "trimmed"),
    (261, "handle_rewritten"),
    (279, "text_repaired"),
    (288, "text_repaired"),
    (288, "image_left_out"),
}


def table(*rows: str) -> Result:
    return read("".join(f"{row}\n" for row in (HEADER, *rows)).encode(), "USD")


def data(name: str) -> bytes:
    return (Path(DATA or ".") / name).read_bytes()


@pytest.fixture(scope="module")
def messy() -> Result:
    return read(data("messy.csv"), "USD")


@needs_data
def test_each_of_the_forty_rows_starts_at_the_line_its_description_says() -> None:
    described = re.findall(r"^\| (\d+) \| (\d+) \|", data("messy.md").decode(), re.MULTILINE)
    found = [record.line for record in records(data("messy.csv"))][1:]
    assert len(described) == 40
    assert found == [int(line) for _, line in described]


@needs_data
def test_every_row_that_cannot_go_in_is_named_with_its_line_and_reason(messy: Result) -> None:
    errors = [one for one in messy.findings if one.severity == "error"]
    assert {one.line: (one.code, one.field) for one in errors} == REFUSED
    assert len(errors) == len(REFUSED)
    assert all(one.message and one.action for one in errors)


@needs_data
def test_every_row_that_goes_in_with_a_doubt_says_which(messy: Result) -> None:
    doubts = [(one.line, one.code) for one in messy.findings if one.severity == "warning"]
    assert sorted(doubts) == sorted(DOUBTED)


@needs_data
def test_the_good_rows_go_in_and_only_they(messy: Result) -> None:
    gone_in = {draft.line for draft in messy.drafts}
    joined = {184, 185, 186}
    lines = {record.line for record in records(data("messy.csv"))} - {1}
    assert gone_in == lines - set(REFUSED) - joined


@needs_data
def test_values_come_out_of_the_messy_rows_as_they_were_meant(messy: Result) -> None:
    by_line = {draft.line: draft for draft in messy.drafts}
    assert [by_line[line].amount for line in (20, 38, 47)] == ["1200.00", "450.00", "1200.00"]
    assert "František" in by_line[135].title
    # The record has its own apostrophe after the control character, so both are there.
    assert "sold at Christie\u2019's, London" in (by_line[144].description or "")
    assert "script" not in (by_line[162].description or "")
    assert len(by_line[175].images) == 4
    assert by_line[222].sku == "80.46.1"
    assert by_line[261].item_id == "pot-de-creme"
    assert "Angoulême" in by_line[279].title


def test_every_piece_of_the_catalogue_that_is_shipped_goes_in() -> None:
    result = read((files("brocante_local.data") / "catalogue.csv").read_bytes(), "USD")
    assert (result.rows, len(result.drafts)) == (300, 300)
    assert [one for one in result.findings if one.severity == "error"] == []


def test_a_sku_is_never_taken_for_a_number() -> None:
    result = table("a,A,,91.1,5,1,,,C,active", "b,B,,91.10,5,1,,,C,active")
    assert [draft.sku for draft in result.drafts] == ["91.1", "91.10"]
    assert result.findings == []


def test_a_large_file_is_read_while_a_person_waits() -> None:
    body = "<p>" + "Walnut about 1790. " * 8 + "</p>"
    many = FIVE_MEGABYTES // len(body)
    rows = [f"chair-{n},Chair,{body},{n},5,1,,,C,active" for n in range(many)]
    started = time.process_time()
    assert len(table(*rows).drafts) == many
    assert time.process_time() - started < PATIENCE_SECONDS


def test_images_after_a_refused_product_do_not_go_to_the_first_of_its_handle() -> None:
    result = table(
        "a,First,,1,5,1,https://images.invalid/first.jpg,1,C,active",
        "a,Second,,2,5,1,https://images.invalid/second.jpg,1,C,active",
        "a,,,,,,https://images.invalid/back-of-second.jpg,2,,",
    )
    assert [draft.images for draft in result.drafts] == [("https://images.invalid/first.jpg",)]


def test_images_stand_in_the_order_of_their_positions() -> None:
    result = table(
        "a,A,,1,5,1,https://images.invalid/3.jpg,3,C,active",
        "a,,,,,,https://images.invalid/last.jpg,,,",
        "a,,,,,,https://images.invalid/1.jpg,1,,",
    )
    (draft,) = result.drafts
    assert [image.rpartition("/")[2] for image in draft.images] == ["1.jpg", "3.jpg", "last.jpg"]


@pytest.mark.parametrize("end", ["<img src=x onerror=alert(1) ", "<!-- ", "<script>alert(1)"])
def test_a_tag_left_open_at_the_end_of_a_description_does_not_pass(end: str) -> None:
    (draft,) = table(f'a,A,"<p>Old</p>{end}",1,5,1,,,C,active').drafts
    description = draft.description or ""
    assert description.startswith("<p>Old</p>")
    assert "<" not in description.removeprefix("<p>Old</p>")


@pytest.mark.parametrize("title", ["CAFÉ»", "L\u2019ÉTÉ\u2019s", "Çanakkale Søn »"])
def test_capital_letters_before_a_quotation_mark_are_no_wrong_encoding(title: str) -> None:
    result = table(f"a,{title},,1,5,1,,,C,active")
    assert [draft.title for draft in result.drafts] == [title]
    assert result.findings == []
