"""Samples of what is asked of sales, of what sales says, and of what every service answers."""

from brocante.contracts.samples.pieces import (
    CANCELED_AT,
    CHAIR,
    COMMAND,
    EBAY_ORDER,
    EBAY_SALE,
    HAND_SALE,
    PRICE,
    RECORDED_AT,
    SOLD_AT,
)
from brocante.contracts.values import JsonObject

SAMPLES: dict[str, JsonObject] = {
    "sale.record": {
        "sale_id": EBAY_SALE,
        "item_id": CHAIR,
        "marketplace": "ebay",
        "quantity": 1,
        "price": PRICE,
        "sold_at": SOLD_AT,
        "external_order_id": EBAY_ORDER,
        "note": "The buyer collects in person.",
    },
    "sale.cancel": {
        "sale_id": EBAY_SALE,
        "origin": "app",
        "external_order_id": EBAY_ORDER,
        "reason": "buyer_changed_mind",
        "relist": "as_before",
        "note": "Telephoned on Wednesday.",
    },
    "sale.merge": {"sale_id": HAND_SALE, "into": EBAY_SALE},
    "sale.split": {"sale_id": HAND_SALE},
    "sale.recorded": {
        "sale_id": EBAY_SALE,
        "sale_version": 1,
        "item_id": CHAIR,
        "marketplace": "ebay",
        "quantity": 1,
        "price": PRICE,
        "sold_at": SOLD_AT,
        "recorded_at": RECORDED_AT,
        "external_order_id": EBAY_ORDER,
    },
    "sale.canceled": {
        "sale_id": EBAY_SALE,
        "sale_version": 2,
        "item_id": CHAIR,
        "marketplace": "ebay",
        "quantity": 1,
        "reason": "buyer_changed_mind",
        "relist": "as_before",
        "availability": "available",
        "canceled_at": CANCELED_AT,
        "note": "Telephoned on Wednesday.",
    },
    "sale.merged": {
        "sale_id": HAND_SALE,
        "sale_version": 2,
        "item_id": CHAIR,
        "into": EBAY_SALE,
    },
    "sale.split_off": {
        "sale_id": HAND_SALE,
        "sale_version": 3,
        "item_id": CHAIR,
        "into": EBAY_SALE,
    },
    "command.rejected": {
        "command_id": COMMAND,
        "command_type": "sale.cancel",
        "code": "sale_already_canceled",
        "message": "Sale ebay:10000000000001 was already canceled on 2026-11-25.",
        "field": "/sale_id",
    },
    "resync.requested": {
        "resync_id": "resync-2026-11-26",
        "epoch": 2,
        "since": "2026-11-26T03:00:00Z",
    },
    "resync.completed": {
        "resync_id": "resync-2026-11-26",
        "service": "brocante/inventory",
        "said": 1312,
    },
}
