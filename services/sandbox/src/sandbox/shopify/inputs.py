"""Applying GraphQL inputs to products."""

import json
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.market.store import Record
from sandbox.shopify.graphql import Object
from sandbox.shopify.ids import user_error

PLAIN = (
    "title",
    "descriptionHtml",
    "handle",
    "vendor",
    "productType",
    "tags",
    "status",
    "category",
)
NewId = Callable[[], str]


class BadInput(ValueError):  # noqa: N818 - it carries user errors
    """An input that Shopify answers with user errors."""

    def __init__(self, *errors: Object) -> None:
        super().__init__(errors[0]["message"])
        self.errors = list(errors)


def with_fields(record: Record, given: Object, new_id: NewId) -> Record:
    """The product with the plain fields, metafields and files of an input."""
    record = record | {name: given[name] for name in PLAIN if given.get(name) is not None}
    if given.get("metafields"):
        record = record | {"metafields": with_metafields(record, given["metafields"], new_id)}
    if "files" in given:
        record = record | {"files": [a_file(entry, new_id) for entry in given["files"] or ()]}
    return record


def with_metafields(record: Record, given: list[Object], new_id: NewId) -> Object:
    """The product's metafields with some set or replaced."""
    metafields = dict(record["metafields"])
    for place, entry in enumerate(given):
        namespace, key = entry.get("namespace") or "custom", entry.get("key")
        if not key:
            field = ["input", "metafields", str(place), "key"]
            raise BadInput(user_error(field, "Key can't be blank", "INVALID_METAFIELD"))
        name = f"{namespace}.{key}"
        known = metafields.get(name, {})
        metafields[name] = {
            "id": known.get("id") or new_id(),
            "namespace": namespace,
            "key": key,
            "type": entry.get("type") or known.get("type") or "single_line_text_field",
            "value": str(entry.get("value", "")),
        }
    return metafields


def a_file(given: Object, new_id: NewId) -> Object:
    """A picture of a `files` or `media` input."""
    return {
        "id": new_id(),
        "src": given.get("originalSource") or "",
        "alt": given.get("alt"),
    }


def with_variant(record: Record, given: Object, field: list[str], location: str) -> Record:
    """The product with its one variant changed."""
    changed: dict[str, Any] = {}
    sku = given.get("sku") or (given.get("inventoryItem") or {}).get("sku")
    if sku is not None:
        changed["sku"] = sku
    if given.get("price") is not None:
        changed["price"] = a_price(given["price"], [*field, "price"])
    for place, entry in enumerate(given.get("inventoryQuantities") or ()):
        path = [*field, "inventoryQuantities", str(place)]
        if entry.get("locationId") != location:
            text = "The specified location could not be found."
            raise BadInput(user_error([*path, "locationId"], text, "INVALID_VARIANT"))
        quantity = int(entry.get("quantity", entry.get("availableQuantity", 0)))
        if quantity < 0:
            text = "The quantity can't be negative."
            raise BadInput(user_error([*path, "quantity"], text, "INVALID_VARIANT"))
        changed["quantity"] = quantity
    return record | changed


def a_price(given: Any, field: list[str]) -> str:
    """A price of 0 or more, as an exact text."""
    try:
        price = Decimal(str(given))
    except InvalidOperation as error:
        raise BadInput(user_error(field, "Price is not a number", "INVALID_VARIANT")) from error
    if price < 0:
        text = "Price must be greater than or equal to 0"
        raise BadInput(user_error(field, text, "INVALID_VARIANT"))
    return f"{price:.2f}"


def list_value(text: str) -> Any:
    """The value of a `list.` metafield, which is JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return text
