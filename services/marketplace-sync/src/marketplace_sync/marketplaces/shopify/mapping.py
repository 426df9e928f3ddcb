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
SHORTEST_KEY = 2
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
    content: Content, quantity: int, sku: str, defaults: Mapping[str, Any]
) -> dict[str, Any]:
    """The whole product, on sale: productSet makes it or changes it to this."""
    variant: dict[str, Any] = {
        "optionValues": [{"optionName": "Title", "name": "Default Title"}],
        "sku": sku,
        "inventoryPolicy": "DENY",
        "inventoryItem": {"tracked": True},
        "inventoryQuantities": [
            {
                "locationId": defaults.get("location_id"),
                "name": "available",
                "quantity": quantity,
            }
        ],
    }
    if content.price is not None:
        variant["price"] = content.price.amount
    return {
        "title": content.title,
        "handle": handle(sku),
        "descriptionHtml": content.description or "",
        "productType": content.category or "",
        "status": "ACTIVE",
        "metafields": metafields(content),
        "files": [{"originalSource": url, "contentType": "IMAGE"} for url in content.images],
        "productOptions": [{"name": "Title", "position": 1, "values": [{"name": "Default Title"}]}],
        "variants": [variant],
    }


def metafields(content: Content) -> list[dict[str, Any]]:
    """Attributes, and the condition, as metafields of the namespace `custom`."""
    values = {**content.attributes}
    if content.condition:
        values["condition"] = content.condition
    return [_metafield(name, value) for name, value in values.items() if _usable(name, value)]


def _usable(name: str, value: Any) -> bool:
    return value not in (None, "", []) and len(name) >= SHORTEST_KEY


def _metafield(name: str, value: Any) -> dict[str, Any]:
    many = isinstance(value, list)
    return {
        "namespace": "custom",
        "key": name,
        "type": "list.single_line_text_field" if many else "single_line_text_field",
        "value": json.dumps([str(one) for one in value]) if many else str(value),
    }


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
    return global_id.rsplit("/", 1)[-1]


def notices(order: Mapping[str, Any]) -> list[Notice]:
    """Sales, or cancellations, of an order read by GraphQL."""
    lines = (order.get("lineItems") or {}).get("nodes") or ()
    found: list[Notice] = [_sale(order, line) for line in lines]
    if order.get("cancelledAt"):
        found.extend(_canceled(order, line) for line in lines)
    return found


def _sale(order: Mapping[str, Any], line: Mapping[str, Any]) -> SaleSeen:
    product = line.get("product") or {}
    money = (line.get("originalUnitPriceSet") or {}).get("shopMoney")
    return SaleSeen(
        sale_id=f"shopify:{digits(line['id'])}",
        external_order_id=digits(order["id"]),
        external_id=str(product["legacyResourceId"]) if product.get("legacyResourceId") else None,
        external_sku=line.get("sku") or None,
        quantity=int(line.get("quantity") or 1),
        price=Money(amount=money["amount"], currency=money["currencyCode"]) if money else None,
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


def requirements(definitions: Iterable[Mapping[str, Any]]) -> list[Requirement]:
    """Requirements from metafield definitions of products."""
    return [_requirement(one) for one in definitions]


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


def moment(text: str) -> datetime:
    """One of Shopify's times, in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)
