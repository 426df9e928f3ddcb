"""Orders as the Fulfillment API shows them."""

import re
from typing import Any

from sandbox.ebay.content import positive
from sandbox.ebay.errors import Refused
from sandbox.ebay.inventory import paged
from sandbox.market.calls import Answer, Call, Route
from sandbox.market.clock import milliseconds
from sandbox.market.market import Marketplace
from sandbox.market.orders import find_order, orders_of
from sandbox.market.store import Record

PREFIX = "/sell/fulfillment/v1"
RANGE = re.compile(r"(lastmodifieddate|creationdate):\[([^\]]*?)\.\.([^\]]*?)\]", re.IGNORECASE)
FIELDS = {"lastmodifieddate": "modified_at", "creationdate": "at"}
ADDRESS = {
    "addressLine1": "1 Example Street",
    "city": "Sampletown",
    "stateOrProvince": "CA",
    "postalCode": "00000",
    "countryCode": "US",
}
BUYER = {"fullName": "Sandbox Buyer", "contactAddress": ADDRESS, "email": "buyer@example.com"}


class Orders:
    """getOrders and getOrder."""

    def __init__(self, place: Marketplace) -> None:
        self._place = place

    def routes(self) -> list[Route]:
        """Every path it serves."""
        return [
            Route("GET", f"{PREFIX}/order", self.page),
            Route("GET", f"{PREFIX}/order/{{orderId}}", self.get),
        ]

    def page(self, call: Call) -> Answer:
        """getOrders, oldest change first; never shows cancel requests, as the real one."""
        orders = sorted(
            orders_of(self._place, call.account), key=lambda order: order["modified_at"]
        )
        wanted = call.query.get("orderIds")
        if wanted:
            orders = [order for order in orders if order["order_id"] in wanted.split(",")]
        for name, start, end in RANGE.findall(call.query.get("filter", "")):
            field = FIELDS[name.lower()]
            orders = [order for order in orders if _within(order[field], start, end)]
        views = [view(order, requests=False) for order in orders]
        body = paged(call, "orders", views, f"{PREFIX}/order")
        return Answer(200, {"offset": int(call.query.get("offset", "0")), **_without_size(body)})

    def get(self, call: Call) -> Answer:
        """GetOrder."""
        order = find_order(self._place, call.account, call.params["orderId"])
        if order is None:
            raise Refused(404, [_unknown(call.params["orderId"])])
        call.sku = order["sku"]
        return Answer(200, view(order, requests=True))


def view(order: Record, *, requests: bool) -> dict[str, Any]:
    """One order; `cost` of a line is for all its pieces."""
    total = _money(order)
    paid = milliseconds(order["at"])
    canceled = order["canceled_at"]
    refund = {"refundDate": canceled, "amount": total, "refundStatus": "REFUNDED"}
    return {
        "orderId": order["order_id"],
        "legacyOrderId": order["order_id"],
        "creationDate": paid,
        "lastModifiedDate": milliseconds(order["modified_at"]),
        "orderFulfillmentStatus": "NOT_STARTED",
        "orderPaymentStatus": "FULLY_REFUNDED" if canceled else "PAID",
        "sellerId": f"seller-{order['account']}",
        "buyer": {"username": "sandbox-buyer", "buyerRegistrationAddress": BUYER},
        "pricingSummary": {"priceSubtotal": total, "total": total},
        "cancelStatus": _cancel_status(order, requests=requests),
        "paymentSummary": {
            "totalDueSeller": total,
            "refunds": [refund | {"refundDate": milliseconds(canceled)}] if canceled else [],
            "payments": [
                {
                    "paymentMethod": "EBAY",
                    "paymentReferenceId": f"P-{order['line_id']}",
                    "paymentDate": paid,
                    "amount": total,
                    "paymentStatus": "PAID",
                }
            ],
        },
        "fulfillmentStartInstructions": [
            {"fulfillmentInstructionsType": "SHIP_TO", "shippingStep": {"shipTo": BUYER}}
        ],
        "fulfillmentHrefs": [],
        "lineItems": [_line(order, total)],
        "salesRecordReference": order["line_id"][-6:],
        "totalFeeBasisAmount": total,
    }


def _line(order: Record, total: dict[str, str]) -> dict[str, Any]:
    return {
        "lineItemId": order["line_id"],
        "legacyItemId": order["external_id"],
        "sku": order["sku"],
        "title": order["title"],
        "lineItemCost": total,
        "quantity": order["quantity"],
        "soldFormat": "FIXED_PRICE",
        "listingMarketplaceId": "EBAY_US",
        "purchaseMarketplaceId": "EBAY_US",
        "lineItemFulfillmentStatus": "NOT_STARTED",
        "total": total,
        "appliedPromotions": [],
        "taxes": [],
        "properties": {"buyerProtection": True},
    }


def _cancel_status(order: Record, *, requests: bool) -> dict[str, Any]:
    if order["canceled_at"] is None:
        return {"cancelState": "NONE_REQUESTED", "cancelRequests": []}
    at = milliseconds(order["canceled_at"])
    request = {
        "cancelReason": order["reason"] or "BUYER_ASKED_CANCEL",
        "cancelRequestedDate": at,
        "cancelCompletedDate": at,
        "cancelInitiator": "SELLER",
        "cancelRequestId": f"5{order['line_id'][-9:]}",
        "cancelRequestState": "COMPLETED",
    }
    shown = [request] if requests else []
    return {"cancelState": "CANCELED", "cancelledDate": at, "cancelRequests": shown}


def _money(order: Record) -> dict[str, str]:
    value = order["price"] if positive(order["price"]) else "0.0"
    return {"value": f"{float(value) * order['quantity']:.2f}", "currency": order["currency"]}


def _within(stamp: str, start: str, end: str) -> bool:
    return (not start or _key(stamp) >= _key(start)) and (not end or _key(stamp) <= _key(end))


def _key(moment: str) -> str:
    """Times compared to the millisecond, as eBay's own are."""
    return moment[:23].rstrip("Z")


def _without_size(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != "size"}


def _unknown(order_id: str) -> dict[str, Any]:
    return {
        "errorId": 32100,
        "domain": "API_FULFILLMENT",
        "category": "REQUEST",
        "message": f"Invalid order ID: {order_id}",
    }
