"""Shopify's webhooks: orders with their lines, and products that changed."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from marketplace_sync.marketplaces.contract import (
    CancellationSeen,
    ListingSeen,
    Notice,
    Observation,
    OrderToRead,
    SaleSeen,
)
from marketplace_sync.marketplaces.shopify.mapping import cancel_reason, moment, money

TOPIC = "x-shopify-topic"


def decode(headers: Mapping[str, str], body: bytes) -> Sequence[Notice]:
    """What a delivery says, by its topic. Raises ValueError for a body that is not JSON."""
    topic = {name.lower(): value for name, value in headers.items()}.get(TOPIC, "")
    decoder = {
        "orders/create": _sales,
        "orders/paid": _sales,
        "orders/cancelled": _cancellations,
        "products/update": _product,
    }.get(topic)
    event = json.loads(body)
    return decoder(event) if decoder and isinstance(event, dict) and event.get("id") else ()


def _sales(order: Mapping[str, Any]) -> Sequence[Notice]:
    at = order.get("created_at") or order.get("processed_at")
    if at is None:
        return [OrderToRead(str(order["id"]))]
    # Also of an order canceled since: its cancellation has a delivery of its own.
    return [_sale(order, line, at) for line in _lines(order)]


def _lines(order: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return [line for line in order.get("line_items") or () if line.get("id")]


def _sale(order: Mapping[str, Any], line: Mapping[str, Any], at: str) -> SaleSeen:
    return SaleSeen(
        sale_id=f"shopify:{line['id']}",
        external_order_id=str(order["id"]),
        external_id=str(line["product_id"]) if line.get("product_id") else None,
        external_sku=line.get("sku") or None,
        quantity=int(line.get("current_quantity") or line.get("quantity") or 1),
        price=money(line.get("price"), order.get("currency")),
        sold_at=moment(at),
    )


def _cancellations(order: Mapping[str, Any]) -> Sequence[Notice]:
    at = order.get("cancelled_at") or order.get("updated_at")
    if at is None:
        return [OrderToRead(str(order["id"]))]
    return [
        CancellationSeen(
            f"shopify:{line['id']}",
            str(order["id"]),
            cancel_reason(order.get("cancel_reason")),
            moment(at),
        )
        for line in _lines(order)
    ]


def _product(product: Mapping[str, Any]) -> Sequence[Notice]:
    variants: Sequence[Mapping[str, Any]] = product.get("variants") or ({},)
    stamp = product.get("updated_at")
    if stamp is None:
        return ()
    # What exactly it shows is read afterwards: deliveries come late and out of order.
    seen = Observation("unknown", moment(stamp))
    return [ListingSeen(str(product["id"]), variants[0].get("sku") or None, seen)]
