"""Samples of what is asked of inventory, and of what it says."""

from brocante.contracts.samples.pieces import (
    CHAIR,
    CONTENT,
    DETAILS,
    EBAY_LISTING,
    EBAY_ORDER,
    EBAY_SALE,
    EBAY_URL,
    ETSY_LISTING,
    HAND_SALE,
    HOLD_UNTIL,
    LAMP,
    SOLD_AT,
)
from brocante.contracts.values import JsonObject

_OPEN_SALE: JsonObject = {
    "sale_id": EBAY_SALE,
    "sale_version": 1,
    "marketplace": "ebay",
    "quantity": 1,
    "sold_at": SOLD_AT,
    "external_order_id": EBAY_ORDER,
    "plans": {
        "origin": {"ebay": "active", "etsy": "inactive"},
        "as_before": {"ebay": "active", "etsy": "on_hold"},
        "none": {"ebay": "inactive", "etsy": "inactive"},
    },
}
_HOLD: JsonObject = {
    "until": HOLD_UNTIL,
    "holder": "Galerie Moreau",
    "reason": "on approval",
    "before": "active",
}
_ON_EBAY: JsonObject = {
    "desired": "sold",
    "intent": 4,
    "observed": "sold",
    "observed_at": SOLD_AT,
    "source": "webhook",
    "operation": "idle",
    "external_id": EBAY_LISTING,
    "url": EBAY_URL,
    "details": {},
}
_ON_ETSY: JsonObject = {
    "desired": "inactive",
    "intent": 6,
    "observed": "on_hold",
    "observed_at": "2026-11-23T17:20:00Z",
    "source": "read_back",
    "operation": "queued",
    "external_id": ETSY_LISTING,
    "details": DETAILS,
}

SAMPLES: dict[str, JsonObject] = {
    "item.create": {
        "item_id": CHAIR,
        **CONTENT,
        "quantity": 1,
        "listings": {"ebay": {"details": {}}, "etsy": {"details": DETAILS}},
    },
    "item.update": {
        "item_id": CHAIR,
        "changes": {
            "price": {"amount": "1180.00", "currency": "EUR"},
            "attributes": {"height_cm": 89, "maker": "Georges Jacob"},
            "listings": {"etsy": {"details": {"title": None}}},
        },
    },
    "item.activate": {"item_id": CHAIR, "marketplaces": ["ebay", "etsy"]},
    "item.deactivate": {"item_id": CHAIR, "marketplaces": ["*"]},
    "item.hold": {
        "item_id": CHAIR,
        "marketplaces": ["etsy"],
        "until": HOLD_UNTIL,
        "holder": "Galerie Moreau",
        "reason": "on approval",
    },
    "item.release": {"item_id": CHAIR, "marketplaces": ["etsy"]},
    "item.delete": {"item_id": LAMP},
    "item.link": {"item_id": CHAIR, "marketplace": "etsy", "external_id": ETSY_LISTING},
    "item.accept_drift": {"item_id": CHAIR, "marketplace": "etsy"},
    "item.restore": {"item_id": CHAIR, "marketplace": "etsy"},
    "item.changed": {
        "item_id": CHAIR,
        **CONTENT,
        "quantity": 1,
        "revision": 12,
        "status": "sold",
        "on_hand": 0,
        "open_sales": [_OPEN_SALE],
        "before": {"ebay": {"desired": "active"}, "etsy": {"desired": "on_hold", "hold": _HOLD}},
        "listings": {"ebay": _ON_EBAY, "etsy": _ON_ETSY},
        "settled": False,
        "changed": ["status", "on_hand", "open_sales", "listings.ebay", "listings.etsy"],
        "sale_versions": {EBAY_SALE: 1},
    },
    "item.oversold": {"item_id": CHAIR, "sales": [EBAY_SALE, HAND_SALE]},
    "item.unknown": {"item_id": LAMP, "sale_id": "etsy:3344556677"},
}
