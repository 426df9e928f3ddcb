"""Reading Etsy's form fields into plain values; every refusal names the field."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.etsy.errors import Refused, missing, wrong

MAX_TITLE = 140
MAX_QUANTITY = 999
MAX_IMAGES = 20
REQUIRED = ("quantity", "title", "description", "price", "who_made", "when_made", "taxonomy_id")
WHO_MADE = ("i_did", "someone_else", "collective")
TEXTS = ("title", "description", "who_made", "when_made", "personalization_instructions", "type")
LISTS = ("tags", "materials", "styles")
NUMBERS = (
    "taxonomy_id",
    "shipping_profile_id",
    "return_policy_id",
    "shop_section_id",
    "processing_min",
    "processing_max",
    "featured_rank",
)
FLAGS = (
    "is_supply",
    "is_customizable",
    "is_personalizable",
    "should_auto_renew",
    "is_taxable",
)


def new_listing(form: Mapping[str, str]) -> dict[str, Any]:
    """The fields of createDraftListing."""
    for name in REQUIRED:
        if form.get(name, "") == "":
            raise missing(name)
    price = a_price(form["price"])
    quantity = a_quantity(form["quantity"])
    return changed_fields(form) | {"price": price, "quantity": quantity}


def changed_fields(form: Mapping[str, str]) -> dict[str, Any]:
    """The fields that createDraftListing and updateListing have in common."""
    fields: dict[str, Any] = {name: form[name] for name in TEXTS if name in form}
    fields |= {name: _list(form[name]) for name in LISTS if name in form}
    fields |= {name: _number(name, form[name]) for name in NUMBERS if name in form}
    fields |= {name: form[name] == "true" for name in FLAGS if name in form}
    if "image_ids" in form:
        fields["image_ids"] = [_number("image_ids", text) for text in _list(form["image_ids"])]
    _check(fields)
    return fields


def a_price(given: Any) -> str:
    """A price above 0, as an exact text with two digits."""
    try:
        price = Decimal(str(given))
    except InvalidOperation as error:
        kind = "NULL" if given is None else type(given).__name__
        raise Refused(400, f"Expected float value for 'price' (got {kind}).") from error
    if price <= 0:
        raise Refused(400, wrong("/price", "cannot be less than 0.2"))
    return f"{price:.2f}"


def a_quantity(given: Any) -> int:
    """A quantity from 1 to 999: Etsy lists nothing that is not there."""
    quantity = _number("quantity", str(given))
    if quantity is None or quantity < 1:
        raise Refused(400, wrong("/quantity", "cannot be less than 1"))
    if quantity > MAX_QUANTITY:
        raise Refused(400, wrong("/quantity", f"cannot be greater than {MAX_QUANTITY}"))
    return quantity


def _check(fields: dict[str, Any]) -> None:
    if "title" in fields and not fields["title"].strip():
        raise missing("title")
    if len(fields.get("title", "")) > MAX_TITLE:
        raise Refused(400, wrong("/title", f"cannot be longer than {MAX_TITLE} characters"))
    if "who_made" in fields and fields["who_made"] not in WHO_MADE:
        raise Refused(400, wrong("/who_made", f"must be one of {', '.join(WHO_MADE)}"))
    if len(fields.get("image_ids", [])) > MAX_IMAGES:
        raise Refused(400, wrong("/images", f"cannot be more than {MAX_IMAGES} items"))


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _number(name: str, text: str) -> int | None:
    if text == "":
        return None
    try:
        return int(text)
    except ValueError as error:
        raise Refused(400, f"Expected int value for '{name}' (got string).") from error
