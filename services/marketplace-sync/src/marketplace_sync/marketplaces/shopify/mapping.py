"""Content <-> Shopify's products and orders. Pure. Ids are digits, never numbers with a point."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from brocante.contracts.marketplace import Content
from brocante.contracts.values import CancelReason, Money, Observed, Requirement
from marketplace_sync.marketplaces.contract import (
    CancellationSeen,
    Notice,
    Observation,
    SaleSeen,
)

TITLE_LIMIT = 255
IMAGE_LIMIT = 250
LISTING = "$listing"
"""The namespace of definitions about a product's own fields, as the sandbox publishes them."""
KEY = re.compile(r"[A-Za-z0-9_-]{2,64}")
TEXT, LONG_TEXT, TEXTS = (
    "single_line_text_field",
    "multi_line_text_field",
    "list.single_line_text_field",
)
CANCEL_REASONS: dict[str, CancelReason] = {
    "customer": "buyer_changed_mind",
    "inventory": "sold_elsewhere",
    "declined": "unpaid",
    "fraud": "other",
    "staff": "other",
    "other": "other",
}
FIXED_REQUIREMENTS = (
    Requirement(field="/title", label="Title", required=True, max_length=TITLE_LIMIT),
    Requirement(field="/price", label="Price", required=True, type="money", min=0.01),
    Requirement(field="/images", label="Pictures", type="list", max_length=IMAGE_LIMIT),
)
KINDS = {
    "single_line_text_field": "string",
    "number_decimal": "number",
    "number_integer": "integer",
    "boolean": "boolean",
    "list.single_line_text_field": "list",
    "money": "money",
}


def handle(sku: str) -> str:
    """A handle of our own for a SKU: readable, and different for `91.1` and `91.10`."""
    slug = re.sub(r"[^a-z0-9]+", "-", sku.lower()).strip("-")[:40]
    return f"{slug or 'piece'}-{hashlib.sha256(sku.encode()).hexdigest()[:8]}"


def product_input(
    content: Content, sku: str, types: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The whole product but its handle, state and stock: productSet changes it to this."""
    variant: dict[str, Any] = {
        "optionValues": [{"optionName": "Title", "name": "Default Title"}],
        "sku": sku,
        "inventoryPolicy": "DENY",
        "inventoryItem": {"tracked": True},
    }
    if content.price is not None:
        variant["price"] = content.price.amount
    return {
        "title": content.title,
        "descriptionHtml": content.description or "",
        "productType": content.category or "",
        "metafields": metafields(content, types or {}),
        "files": [{"originalSource": url, "contentType": "IMAGE"} for url in content.images],
        "productOptions": [{"name": "Title", "position": 1, "values": [{"name": "Default Title"}]}],
        "variants": [variant],
    }


def new_product(given: dict[str, Any], quantity: int, sku: str, location: str) -> dict[str, Any]:
    """The same for a product to be made: with a handle of our own, on sale, in stock."""
    stock = {"locationId": location, "name": "available", "quantity": quantity}
    variant = {**given["variants"][0], "inventoryQuantities": [stock]}
    return {**given, "handle": handle(sku), "status": "ACTIVE", "variants": [variant]}


def stock_change(product: Mapping[str, Any], quantity: int, location: str) -> dict[str, Any] | None:
    """The input of inventorySetQuantities from what productSet showed; None: it is right already.

    Compare and set: a sale in between makes it fail instead of being undone.
    """
    nodes: Sequence[Mapping[str, Any]] = (product.get("stocked") or {}).get("nodes") or ({},)
    item = nodes[0].get("inventoryItem") or {}
    levels: Sequence[Mapping[str, Any]] = (item.get("inventoryLevel") or {}).get("quantities") or (
        {},
    )
    there = levels[0].get("quantity")
    if there == quantity or not item.get("id"):
        return None
    entry = {
        "inventoryItemId": item["id"],
        "locationId": location,
        "quantity": quantity,
        "changeFromQuantity": there,
    }
    return {"name": "available", "reason": "correction", "quantities": [entry]}


def types_of(definitions: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The types that the shop's own definitions give attributes: a value must be of its type."""
    return {
        one["key"]: (one.get("type") or {}).get("name", TEXT)
        for one in definitions
        if one["namespace"] == "custom"
    }


def metafields(content: Content, types: Mapping[str, str]) -> list[dict[str, Any]]:
    """Attributes, and the condition, as metafields of the namespace `custom`.

    A name that Shopify does not take as a key is left out: no definition can ask for it.
    """
    values = {**content.attributes}
    if content.condition:
        values["condition"] = content.condition
    return [
        _metafield(name, value, types.get(name))
        for name, value in values.items()
        if value not in (None, "", []) and KEY.fullmatch(name)
    ]


def _metafield(name: str, value: Any, kind: str | None) -> dict[str, Any]:
    if kind is None:
        long = "\n" in str(value)
        kind = TEXTS if isinstance(value, list) else LONG_TEXT if long else TEXT
    return {"namespace": "custom", "key": name, "type": kind, "value": _text(value, kind)}


def _text(value: Any, kind: str) -> str:
    if kind.startswith("list."):
        values = value if isinstance(value, list) else [value]
        return json.dumps([one if isinstance(one, int | float) else str(one) for one in values])
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    if kind == "money" and isinstance(value, Mapping):
        return json.dumps({"amount": value.get("amount"), "currency_code": value.get("currency")})
    return str(value).lower() if isinstance(value, bool) else str(value)


def observation(product: Mapping[str, Any], now: datetime) -> Observation:
    """What a product shows. Draft, archived or unpublished is off sale."""
    variants = _variants(product)
    quantity = variants[0].get("inventoryQuantity")
    return Observation(_observed(product, quantity), now, quantity)


def _variants(product: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return (product.get("variants") or {}).get("nodes") or ({},)


def _observed(product: Mapping[str, Any], quantity: int | None) -> Observed:
    if product.get("status") != "ACTIVE" or product.get("publishedAt") is None:
        return "inactive"
    return "active" if quantity is None or quantity > 0 else "sold"


def sku_of(product: Mapping[str, Any]) -> str | None:
    """The SKU of the one variant."""
    variants = _variants(product)
    return variants[0].get("sku") or None


def digits(global_id: str) -> str:
    """The number at the end of a global id, as text: it may exceed 2^53."""
    return global_id.rsplit("/", 1)[-1].partition("?")[0]


def notices(order: Mapping[str, Any]) -> list[Notice]:
    """Sales of an order read by GraphQL, and their cancellations once it is canceled.

    A line's quantity is what is left of it; a refund alone is no cancellation, and changes nothing.
    """
    lines = (order.get("lineItems") or {}).get("nodes") or ()
    found: list[Notice] = [_sale(order, line) for line in lines]
    if order.get("cancelledAt"):
        found.extend(_canceled(order, line) for line in lines)
    return found


def _sale(order: Mapping[str, Any], line: Mapping[str, Any]) -> SaleSeen:
    product = line.get("product") or {}
    price = (line.get("originalUnitPriceSet") or {}).get("shopMoney") or {}
    return SaleSeen(
        sale_id=f"shopify:{digits(line['id'])}",
        external_order_id=digits(order["id"]),
        external_id=str(product["legacyResourceId"]) if product.get("legacyResourceId") else None,
        external_sku=line.get("sku") or None,
        quantity=int(line.get("currentQuantity") or line.get("quantity") or 1),
        price=money(price.get("amount"), price.get("currencyCode")),
        sold_at=moment(order["createdAt"]),
    )


def _canceled(order: Mapping[str, Any], line: Mapping[str, Any]) -> CancellationSeen:
    return CancellationSeen(
        f"shopify:{digits(line['id'])}",
        digits(order["id"]),
        cancel_reason(order.get("cancelReason")),
        moment(order["cancelledAt"]),
    )


def cancel_reason(reason: str | None) -> CancelReason | None:
    """Shopify's reason as ours."""
    return CANCEL_REASONS.get(reason.lower(), "other") if reason else None


def requirements(
    definitions: Iterable[Mapping[str, Any]], defaults: Mapping[str, Any]
) -> list[Requirement]:
    """Shopify's limits, then requirements from the metafield definitions of products.

    Definitions of other apps' namespaces are not ours to fill. A shop has one currency and takes
    bare numbers: an account that names its `currency` is guarded against a price in another one.
    """
    found = list(FIXED_REQUIREMENTS)
    if defaults.get("currency"):
        allowed = [str(defaults["currency"])]
        found.append(Requirement(field="/price/currency", label="Currency", allowed=allowed))
    return found + [
        _requirement(one) for one in definitions if one["namespace"] in ("custom", LISTING)
    ]


def _requirement(one: Mapping[str, Any]) -> Requirement:
    rules = {rule["name"]: rule["value"] for rule in one.get("validations") or ()}
    kind = KINDS.get((one.get("type") or {}).get("name", ""), "string")
    numeric = kind in ("number", "integer", "money")
    attribute = one["namespace"] == "custom" and one["key"] != "condition"
    key = one["key"].replace("~", "~0").replace("/", "~1")
    return Requirement.model_validate(
        {
            "field": f"/attributes/{key}" if attribute else f"/{key}",
            "label": one.get("name") or one["key"],
            "required": rules.get("required") == "true",
            "type": kind,
            "max_length": None if numeric or "max" not in rules else int(float(rules["max"])),
            "max": float(rules["max"]) if numeric and "max" in rules else None,
            "min": float(rules["min"]) if numeric and "min" in rules else None,
            "pattern": rules.get("regex"),
            "allowed": json.loads(rules["choices"]) if "choices" in rules else None,
            "why": one.get("description"),
            "effective_at": rules.get("effective_at"),
        }
    )


def money(amount: Any, currency: Any) -> Money | None:
    """A price, if there is one that can be read."""
    try:
        return Money(amount=str(amount), currency=str(currency))
    except ValueError:
        return None


def moment(text: str) -> datetime:
    """One of Shopify's times, in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)
