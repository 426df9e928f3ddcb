"""eBay's notifications: order confirmations name lines and listings; cancellations never come."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from marketplace_sync.marketplaces.contract import (
    ListingSeen,
    Notice,
    Observation,
    OrderToRead,
    SaleSeen,
)
from marketplace_sync.marketplaces.ebay.mapping import moment


def decode(_headers: Mapping[str, str], body: bytes) -> Sequence[Notice]:
    """What a notification says; of topics that say nothing of sales or listings, nothing."""
    event = json.loads(body)
    if not isinstance(event, dict):
        return ()
    topic = (event.get("metadata") or {}).get("topic")
    notification = event.get("notification") or {}
    decoder = {"ORDER_CONFIRMATION": _order, "ITEM_AVAILABILITY": _availability}.get(topic or "")
    return decoder(notification) if decoder else ()


def _order(notification: Mapping[str, Any]) -> Sequence[Notice]:
    order = (notification.get("data") or {}).get("order") or {}
    lines = order.get("orderLineItems") or ()
    if not lines or not all(line.get("orderLineItemId") for line in lines):
        # It names no lines: the order itself has them.
        return [OrderToRead(str(order["orderId"]))] if order.get("orderId") else ()
    sold_at = moment(notification["eventDate"])
    return [
        SaleSeen(
            sale_id=f"ebay:{line['orderLineItemId']}",
            external_order_id=str(order["orderId"]),
            external_id=str(line["listingId"]) if line.get("listingId") else None,
            external_sku=None,
            quantity=int(line.get("quantity") or 1),
            price=None,
            sold_at=sold_at,
        )
        for line in lines
    ]


def _availability(notification: Mapping[str, Any]) -> Sequence[Notice]:
    parts = str((notification.get("data") or {}).get("itemId", "")).split("|")
    listing_id = parts[1] if len(parts) > 1 else parts[0]
    if not listing_id:
        return ()
    # What exactly it shows is read afterwards: the notification only says that it changed.
    seen = Observation("unknown", moment(notification["eventDate"]))
    return [ListingSeen(listing_id, None, seen)]
