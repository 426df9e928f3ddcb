"""A product's own row: its fields, and every one that is missing or cannot be read."""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from gateway.domain import csv_values as values
from gateway.domain.csv_html import description
from gateway.domain.csv_rows import Draft, Finding, Row
from gateway.domain.csv_values import Unreadable

LONGEST_SKU = 128
LONGEST_TITLE = 500
LONGEST_URL = 2000
_LABELLED = re.compile(
    r"<li>\s*(?P<label>Date|Period|Materials|Dimensions|Style|Origin)\s*:(?P<text>[^<]{1,300})</li>"
)
STATUSES = frozenset({"", "active", "draft", "archived", "unlisted"})


def product(row: Row, currency: str) -> tuple[Draft | None, list[Finding]]:
    """The item of a row, or None; everything wrong or doubtful about it, all at once."""
    amount, priced = _price(row, currency)
    owned, counted = _quantity(row)
    images, seen = shown(row)
    findings = [*_ids(row), *_texts(row), *priced, *counted, *_status(row), *seen]
    item_id = values.item_id(row.cells["handle"])
    body, cut = description(values.repaired(row.raw("body")))
    if cut:
        findings.append(_html_removed(row))
    findings += _encoding(row)
    if item_id is None or any(finding.severity == "error" for finding in findings):
        return None, findings
    draft = Draft(
        line=row.line,
        item_id=item_id,
        sku=row.cells["sku"],
        title=row.cells["title"],
        description=body or None,
        amount=amount,
        quantity=owned,
        category=row.cells["category"] or None,
        condition=row.cells["condition"] or None,
        images=images,
        attributes=_attributes(row),
    )
    return draft, findings


def shown(row: Row) -> tuple[tuple[str, ...], list[Finding]]:
    """The row's image; what is no address on the web is left out and said."""
    image = row.cells["image"]
    if not image:
        return (), []
    try:
        parts = urlsplit(image)
    except ValueError:
        parts = urlsplit("")
    good = parts.scheme in ("http", "https") and parts.hostname and " " not in image
    if good and len(image) <= LONGEST_URL:
        return (image,), []
    left_out = row.warning(
        "image_left_out",
        f'The image is not an address on the web: "{image[:60]}".',
        "Give the whole address, beginning with https://.",
        "/images",
    )
    return (), [left_out]


def _ids(row: Row) -> Iterator[Finding]:
    handle, sku = row.cells["handle"], row.cells["sku"]
    item_id = values.item_id(handle)
    if not handle:
        yield _missing(row, "The handle", "/item_id")
    elif item_id is None:
        yield row.finding(
            "handle_unusable",
            f'The handle "{handle[:60]}" cannot be made an id.',
            "Use letters, digits, full stops and hyphens, 128 at most.",
            "/item_id",
        )
    elif item_id != handle:
        yield row.warning(
            "handle_rewritten",
            f'The handle "{handle[:60]}" became the id "{item_id}".',
            "Nothing, if that is how the shop writes it in addresses.",
            "/item_id",
        )
    if not sku:
        yield _missing(row, "The SKU", "/sku")
    elif len(sku) > LONGEST_SKU:
        yield _too_long(row, "The SKU", LONGEST_SKU, "/sku")
    elif sku != row.raw("sku"):
        yield row.warning("trimmed", "The SKU had spaces around it.", "Nothing.", "/sku")


def _texts(row: Row) -> Iterator[Finding]:
    title = row.cells["title"]
    if not title:
        yield _missing(row, "The title", "/title")
    elif len(title) > LONGEST_TITLE:
        yield _too_long(row, "The title", LONGEST_TITLE, "/title")
    elif title != row.raw("title").strip():
        yield row.warning(
            "text_repaired",
            f'The title had gone through a wrong encoding and became "{title[:80]}".',
            "Look the title over.",
            "/title",
        )
    if not row.cells["category"]:
        yield row.warning(
            "category_missing",
            "The product category is missing.",
            "Marketplaces ask for one: add it before putting the item on sale.",
            "/category",
        )


def _price(row: Row, currency: str) -> tuple[str, list[Finding]]:
    try:
        amount, unusual = values.price(row.raw("price"), currency)
    except Unreadable as wrong:
        action = f"Write the price like 1200.00, in {currency}."
        return "", [row.finding("price_unreadable", f"The price {wrong}.", action, "/price")]
    if not unusual:
        return amount, []
    text = f'The price "{row.cells["price"]}" was read as {amount}.'
    return amount, [row.warning("price_read_as", text, "Check that this is meant.", "/price")]


def _quantity(row: Row) -> tuple[int, list[Finding]]:
    try:
        owned = values.quantity(row.cells["quantity"])
    except Unreadable as wrong:
        action = "Write how many pieces there are: 0, 1 or more."
        text = f"The quantity {wrong}."
        return 0, [row.finding("quantity_unreadable", text, action, "/quantity")]
    if owned is None:
        text = "The quantity is missing and was taken as 1."
        return 1, [row.warning("quantity_missing", text, "Check that it is there.", "/quantity")]
    if owned == 0:
        text = "The quantity is 0: the item is out of stock."
        return 0, [row.warning("out_of_stock", text, "Nothing, if it is gone.", "/quantity")]
    return owned, []


def _status(row: Row) -> Iterator[Finding]:
    status = row.cells["status"]
    if status.lower() not in STATUSES:
        yield row.finding(
            "status_unknown",
            f'The status is "{status[:40]}"; whether the item is there to be sold is unclear.',
            "Use active, draft or archived, and quantity 0 for what is sold.",
        )
    elif status.lower() == "archived":
        yield row.warning(
            "archived",
            "The shop has archived this product.",
            "Set its quantity to 0 or delete it, if it is gone.",
        )


def _encoding(row: Row) -> Iterator[Finding]:
    if row.record.windows_1252:
        yield row.warning(
            "not_utf8",
            "The row is not UTF-8 and was read as Windows-1252.",
            "Look its accented letters over.",
        )
    elif values.repaired(row.raw("body")) != row.raw("body"):
        yield row.warning(
            "text_repaired",
            "The description had gone through a wrong encoding and was put right.",
            "Look the description over.",
            "/description",
        )


def _html_removed(row: Row) -> Finding:
    return row.warning(
        "html_removed",
        "The description had HTML that cannot be kept (scripts, styles, tags left open).",
        "Look the description over.",
        "/description",
    )


def _missing(row: Row, what: str, field: str) -> Finding:
    return row.finding("required_field_missing", f"{what} is missing.", "Fill it in.", field)


def _too_long(row: Row, what: str, most: int, field: str) -> Finding:
    text = f"{what} has more than {most} characters."
    return row.finding("too_long", text, f"Shorten it to {most} characters.", field)


def _attributes(row: Row) -> Mapping[str, object]:
    """What the columns say beyond an item's own fields; nothing is guessed."""
    cells = row.cells
    tags = [tag.strip() for tag in cells["tags"].split(",") if tag.strip()]
    single = {"maker": cells["vendor"], "type": cells["type"], "barcode": cells["barcode"]}
    option = cells["option_name"].lower()
    if option and option != "title" and cells["option_value"]:
        single[option] = cells["option_value"]
    fields = row.columns.metafields.items()
    own = {key: values.repaired(row.record.cells[place]).strip() for key, place in fields}
    named = {name: text for name, text in {**single, **own}.items() if text}
    told = {**_told_in(row.raw("body")), **named}
    return {**told, **({"tags": tags} if tags else {})}


def _told_in(body: str) -> Mapping[str, str]:
    """What a description says in a list of labels (`<li>Date: 1902</li>`), in its own words."""
    told: dict[str, str] = {}
    for match in _LABELLED.finditer(body):
        text = " ".join(values.unescaped(values.repaired(match["text"])).split())
        if text:
            told.setdefault(match["label"].lower(), text)
    return told
