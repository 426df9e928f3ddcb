"""Product exports as they really come: what is read, what is refused, and by which line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.csv_columns import columns
from gateway.domain.shopify_csv import Draft, read
from tests.support.product_exports import NEWER, OLDER, chair, export, only, the_finding


@pytest.mark.parametrize("names", [{}, NEWER], ids=["older header", "newer header"])
def test_both_generations_of_the_header_are_read_alike(names: dict[str, str]) -> None:
    result = read(export(chair(), names=names), "USD")
    assert result.findings == []
    assert only(result) == Draft(
        line=2,
        item_id="chair",
        sku="91.10",
        title="Walnut chair",
        description="<p>About 1790.</p>",
        amount="950.00",
        quantity=1,
        category="Furniture > Chairs",
        condition="used",
        images=("https://images.invalid/chair.jpg",),
        attributes={"maker": "Thomas Smith", "type": "Seating", "tags": ["walnut", "English"]},
    )


def test_a_byte_order_mark_and_windows_line_ends_change_nothing() -> None:
    plain = export(chair())
    windows = b"\xef\xbb\xbf" + plain.replace(b"\n", b"\r\n")
    assert read(windows, "USD").drafts == read(plain, "USD").drafts


def test_a_file_with_semicolons_is_read() -> None:
    semicolons = export(chair(tags="walnut")).replace(b",", b";")
    assert only(read(semicolons, "USD")).sku == "91.10"


def test_needed_columns_that_are_missing_are_named_and_nothing_is_read() -> None:
    result = read(b"Handle,Title\nchair,Chair\n", "USD")
    assert (result.missing, result.drafts) == (("variant sku", "variant price"), [])


def test_columns_of_the_dealers_own_become_attributes_or_are_named_as_ignored() -> None:
    own = b",Era (product.metafields.custom.era),Shelf\n"
    content = export(chair()).replace(b"\n", own, 1).rstrip(b"\n") + b",c. 1790,B4\n"
    result = read(content, "USD")
    assert only(result).attributes["era"] == "c. 1790"
    assert result.ignored == ("Shelf",)


@pytest.mark.parametrize(
    ("missing", "field"), [("handle", "/item_id"), ("title", "/title"), ("sku", "/sku")]
)
def test_what_an_item_must_have_is_named_when_missing(missing: str, field: str) -> None:
    finding = the_finding(read(export(chair(**{missing: ""})), "USD"))
    assert (finding.code, finding.field, finding.line) == ("required_field_missing", field, 2)


def test_every_fault_of_a_row_is_named_at_once() -> None:
    result = read(export(chair(title="", sku="", price="?", quantity="-1")), "USD")
    fields = {finding.field for finding in result.findings if finding.severity == "error"}
    assert fields == {"/title", "/sku", "/price", "/quantity"}


def test_further_rows_of_a_handle_add_images_wherever_they_stand() -> None:
    image = {"Handle": "chair", "Image Src": "https://images.invalid/2.jpg"}
    result = read(export(chair(), chair(handle="table", sku="2"), image, image), "USD")
    assert result.findings == []
    assert result.rows == 4
    assert result.drafts[0].images == (
        "https://images.invalid/chair.jpg",
        "https://images.invalid/2.jpg",
    )


def test_an_image_of_a_product_that_is_not_there_is_named() -> None:
    image = {"Handle": "chair", "Image Src": "https://images.invalid/2.jpg"}
    assert the_finding(read(export(image), "USD")).code == "no_such_product"


def test_a_second_variant_is_named_and_the_first_goes_in() -> None:
    variant = {"Handle": "chair", "Option1 Value": "Pair", "Variant SKU": "2", "Variant Price": "9"}
    result = read(export(chair(), variant), "USD")
    assert only(result).sku == "91.10"
    assert (the_finding(result).code, the_finding(result).line) == ("second_variant", 3)


def test_a_handle_used_by_two_products_belongs_to_the_first() -> None:
    result = read(export(chair(), chair(title="Another", sku="2")), "USD")
    assert only(result).title == "Walnut chair"
    assert (the_finding(result).code, the_finding(result).field) == ("handle_taken", "/item_id")


def test_one_sku_on_two_products_is_a_warning_because_a_sku_is_a_label() -> None:
    result = read(export(chair(), chair(handle="table")), "USD")
    assert len(result.drafts) == 2
    assert (the_finding(result).code, the_finding(result).severity) == ("sku_used_twice", "warning")


def test_a_handle_that_is_no_id_is_written_as_the_shop_would() -> None:
    result = read(export(chair(handle="Pot de crème")), "USD")
    assert only(result).item_id == "pot-de-creme"
    assert the_finding(result).severity == "warning"


def test_two_handles_that_become_one_id_are_not_one_item() -> None:
    result = read(export(chair(handle="a b"), chair(handle="a  b!", sku="2")), "USD")
    assert only(result).line == 2
    assert [f.code for f in result.findings if f.severity == "error"] == ["handle_taken"]


def test_a_status_that_shopify_does_not_have_is_refused_because_it_may_mean_sold() -> None:
    finding = the_finding(read(export(chair(status="Sold")), "USD"))
    assert (finding.code, finding.severity) == ("status_unknown", "error")


def test_a_row_in_another_encoding_is_read_and_the_others_are_not_touched() -> None:
    good = export(chair(title="Františkova židle"))
    odd = export(chair(handle="two", sku="2", vendor="František")).decode().split("\n", 1)[1]
    result = read(good + odd.encode("cp1252"), "USD")
    assert result.drafts[0].title == "Františkova židle"
    assert result.drafts[1].attributes["maker"] == "František"
    assert (the_finding(result).code, the_finding(result).line) == ("not_utf8", 3)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Duc d'AngoulÃªme", "Duc d'Angoulême"),
        ("N&amp;eacute;cessaire", "Nécessaire"),
        ("Christie\u0092s", "Christie\u2019s"),
        ("Table\x00 with\x07 bells", "Table with bells"),
        ("Angoulême & Søn", "Angoulême & Søn"),
    ],
)
def test_text_that_went_through_a_wrong_encoding_is_put_right(written: str, meant: str) -> None:
    assert only(read(export(chair(title=written)), "USD")).title == meant


def test_what_can_run_or_restyle_is_taken_out_of_a_description() -> None:
    body = '<p style="color:red" onclick="x()">Old<script>alert(1)</script> <b>chair'
    result = read(export(chair(body=body)), "USD")
    assert only(result).description == "<p>Old <b>chair</b></p>"
    assert (the_finding(result).code, the_finding(result).severity) == ("html_removed", "warning")


def test_a_description_in_plain_text_becomes_html_that_says_the_same() -> None:
    result = read(export(chair(body='H < 30 & W > 20\n"old"')), "USD")
    assert only(result).description == 'H &lt; 30 &amp; W &gt; 20<br>\n"old"'
    assert result.findings == []


def test_an_image_that_is_no_address_is_left_out_and_said() -> None:
    result = read(export(chair(image="IMG_2041.JPG")), "USD")
    assert only(result).images == ()
    assert (the_finding(result).code, the_finding(result).field) == ("image_left_out", "/images")


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (b"table,Table,,,,,,,,,2,1,12\n", "row_cut_short"),
        (b"table,Table,,,,,,,,,2,1,12.00,,,,active,top\n", "too_many_columns"),
        (b"Note: the red column is required,,,,,,,,,,,,,,,,\n", "not_a_product"),
        (b'table,Ta"ble,"open,,,,,,,,2,1,12.00,,,,active\n', "unreadable_row"),
    ],
)
def test_a_row_out_of_shape_is_named_and_the_next_one_goes_in(row: bytes, code: str) -> None:
    header, good = export(chair()).split(b"\n", 1)
    result = read(header + b"\n" + row + good, "USD")
    assert only(result).item_id == "chair"
    assert (the_finding(result).code, the_finding(result).line) == (code, 2)


def test_lines_are_counted_over_blank_lines_and_line_breaks_in_cells() -> None:
    first, second = chair(body="<p>one</p>\n\n<p>two</p>"), chair(handle="b", sku="2", price="")
    header, rest = export(first, second).split(b"\n", 1)
    result = read(header + b"\n\n" + rest, "USD")
    assert only(result).line == 3
    assert the_finding(result).line == 6


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_by_line_and_never_fail(noise: bytes) -> None:
    header = export().rstrip(b"\n")
    result = read(header + b"\n" + noise, "USD")
    assert all(finding.line >= 1 and finding.message for finding in result.findings)


@given(st.text(max_size=60), st.text(max_size=12))
def test_a_row_of_odd_text_goes_in_whole_or_is_named(title: str, price: str) -> None:
    result = read(export(chair(title=title.replace("\r", ""), price=price)), "USD")
    assert result.drafts or result.findings


def test_the_newer_header_has_every_column_the_older_one_gives() -> None:
    newer = [NEWER.get(name, name) for name in OLDER]
    assert columns(newer).places == columns(OLDER).places


def test_what_a_description_lists_by_label_becomes_attributes() -> None:
    body = "<ul><li>Date: c.&nbsp;1790</li><li>Materials: oak &amp; ash</li><li>Price: 3</li></ul>"
    attributes = only(read(export(chair(body=body)), "USD")).attributes
    assert (attributes["date"], attributes["materials"]) == ("c. 1790", "oak & ash")
    assert "price" not in attributes


def test_an_archived_product_goes_in_with_a_warning() -> None:
    result = read(export(chair(status="archived")), "USD")
    assert only(result).sku == "91.10"
    assert (the_finding(result).code, the_finding(result).severity) == ("archived", "warning")
