"""Samples of what inventory and operators ask of a marketplace's worker."""

from brocante.contracts.samples.pieces import (
    CHAIR,
    CONTENT,
    EBAY_LISTING,
    EBAY_ORDER,
    EBAY_SALE,
    ETSY_LISTING,
    HOLD_UNTIL,
    SOLD_AT,
    TASK,
)
from brocante.contracts.values import JsonObject

SAMPLES: dict[str, JsonObject] = {
    "listing.activate": {
        "item_id": CHAIR,
        "marketplace": "ebay",
        "intent": 1,
        "reason": "requested",
        "target": {"desired": "active", "content": CONTENT, "quantity": 1},
    },
    "listing.update": {
        "item_id": CHAIR,
        "marketplace": "ebay",
        "intent": 2,
        "reason": "edited",
        "target": {"desired": "active", "content": CONTENT, "quantity": 1},
        "external_id": EBAY_LISTING,
    },
    "listing.hold": {
        "item_id": CHAIR,
        "marketplace": "etsy",
        "intent": 3,
        "reason": "hold",
        "target": {
            "desired": "on_hold",
            "content": CONTENT,
            "quantity": 1,
            "until": HOLD_UNTIL,
        },
        "external_id": ETSY_LISTING,
    },
    "listing.deactivate": {
        "item_id": CHAIR,
        "marketplace": "ebay",
        "intent": 4,
        "reason": "sold",
        "target": {"desired": "sold", "quantity": 0},
        "external_id": EBAY_LISTING,
        "external_order_id": EBAY_ORDER,
        "sale_id": EBAY_SALE,
        "sold_at": SOLD_AT,
    },
    "listing.link": {
        "item_id": CHAIR,
        "marketplace": "etsy",
        "intent": 1,
        "external_id": ETSY_LISTING,
    },
    "listing.check": {"item_id": CHAIR, "marketplace": "etsy"},
    "listing.retry": {"item_id": CHAIR, "marketplace": "etsy"},
    "marketplace.pause": {"marketplace": "etsy", "reason": "The shop is on holiday."},
    "marketplace.resume": {"marketplace": "etsy", "reason": "The shop is open again."},
    "task.complete": {
        "task_id": TASK,
        "marketplace": "1stdibs",
        "outcome": "done",
        "evidence": "The page says that the piece is no longer for sale.",
    },
}
