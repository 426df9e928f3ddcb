"""Orders: GraphQL objects, the webhook's REST body, and canceling."""

import json
from datetime import UTC, datetime
from typing import Any

from sandbox.market.accounts import Seller
from sandbox.market.clock import seconds
from sandbox.market.store import Record
from sandbox.shopify import views
from sandbox.shopify.catalogue import Catalogue
from sandbox.shopify.graphql import Object
from sandbox.shopify.ids import connection, gid

ZERO = "0.00"
SAME_FOR_ORDERS: Object = {
    "confirmed": True,
    "test": True,
    "email": "buyer@example.com",
    "note": None,
    "tags": [],
    "sourceName": "web",
    "displayFulfillmentStatus": "UNFULFILLED",
    "paymentGatewayNames": ["bogus"],
    "fullyPaid": True,
    "unpaid": False,
    "customAttributes": [],
    "discountCodes": [],
}


def total(order: Record) -> str:
    """What the buyer pays."""
    return f"{float(order['price']) * order['quantity']:.2f}"


def order(record: Record, seller: Seller, catalogue: Catalogue) -> Object:
    """Order."""
    canceled = record["canceled_at"]
    paid = money_bag(total(record), record)
    nothing = money_bag(ZERO, record)
    now_due = nothing if canceled else paid
    return {
        "__typename": "Order",
        **SAME_FOR_ORDERS,
        "id": gid("Order", record["order_id"]),
        "legacyResourceId": record["order_id"],
        "name": f"#{record['number']}",
        "number": record["number"],
        "confirmationNumber": f"SB{record['number']}",
        "createdAt": seconds(record["at"]),
        "processedAt": seconds(record["at"]),
        "updatedAt": seconds(record["modified_at"]),
        "cancelledAt": seconds(canceled) if canceled else None,
        "cancelReason": reason(record).upper() if canceled else None,
        "closed": bool(canceled),
        "closedAt": seconds(canceled) if canceled else None,
        "currencyCode": record["currency"],
        "presentmentCurrencyCode": record["currency"],
        "displayFinancialStatus": "REFUNDED" if canceled else "PAID",
        "totalPriceSet": paid,
        "originalTotalPriceSet": paid,
        "subtotalPriceSet": paid,
        "currentTotalPriceSet": now_due,
        "currentSubtotalPriceSet": now_due,
        "totalTaxSet": nothing,
        "totalDiscountsSet": nothing,
        "totalOutstandingSet": nothing,
        "totalRefundedSet": paid if canceled else nothing,
        "subtotalLineItemsQuantity": record["quantity"],
        "lineItems": lambda arguments: connection(
            [(("1", "1"), record)], lambda entry: line(entry, seller, catalogue), arguments
        ),
    }


def line(record: Record, seller: Seller, catalogue: Catalogue) -> Object:
    """LineItem: there is one."""
    product = catalogue.find(record["account"], record["external_id"])
    unit, whole = money_bag(record["price"], record), money_bag(total(record), record)
    left = 0 if record["canceled_at"] else record["quantity"]
    return {
        "__typename": "LineItem",
        "id": gid("LineItem", record["line_id"]),
        "title": record["title"],
        "name": record["title"],
        "sku": record["sku"],
        "quantity": record["quantity"],
        "currentQuantity": left,
        "unfulfilledQuantity": left,
        "refundableQuantity": left,
        "requiresShipping": True,
        "restockable": True,
        "taxable": True,
        "isGiftCard": False,
        "variantTitle": None,
        "vendor": None,
        "customAttributes": [],
        "taxLines": lambda _: [],
        "originalUnitPriceSet": unit,
        "discountedUnitPriceSet": unit,
        "originalTotalSet": whole,
        "discountedTotalSet": lambda _: whole,
        "product": views.product(product, seller) if product else None,
        "variant": views.variant(product, seller) if product else None,
    }


def money_bag(amount: str, record: Record) -> Object:
    """MoneyBag with the same amount twice: shop and buyer use one currency."""
    money = {"__typename": "MoneyV2", "amount": amount, "currencyCode": record["currency"]}
    return {"__typename": "MoneyBag", "shopMoney": money, "presentmentMoney": money}


def reason(record: Record) -> str:
    """Why an order was canceled, in REST's lower case."""
    return str(record["reason"] or "customer").lower()


def order_body(record: Record, product: Record | None) -> str:
    """The body of `orders/*`: REST's order, slashes escaped as real deliveries have them."""
    canceled = record["canceled_at"]
    amount = total(record)
    body: dict[str, Any] = {
        "id": int(record["order_id"]),
        "admin_graphql_api_id": gid("Order", record["order_id"]),
        "cancel_reason": reason(record) if canceled else None,
        "cancelled_at": local(canceled),
        "closed_at": local(canceled),
        "confirmed": True,
        "contact_email": "buyer@example.com",
        "created_at": local(record["at"]),
        "currency": record["currency"],
        "current_subtotal_price": ZERO if canceled else amount,
        "current_total_price": ZERO if canceled else amount,
        "discount_codes": [],
        "email": "buyer@example.com",
        "financial_status": "refunded" if canceled else "paid",
        "fulfillment_status": None,
        "name": f"#{record['number']}",
        "note": None,
        "number": record["number"],
        "order_number": record["number"],
        "presentment_currency": record["currency"],
        "processed_at": local(record["at"]),
        "source_name": "web",
        "subtotal_price": amount,
        "tags": "",
        "test": True,
        "total_line_items_price": amount,
        "total_price": amount,
        "updated_at": local(record["modified_at"]),
        "line_items": [line_body(record, product)],
        "refunds": [],
        "shipping_lines": [],
    }
    return compact(body)


def line_body(record: Record, product: Record | None) -> dict[str, Any]:
    """One line of REST's order; `price` is of one piece."""
    left = 0 if record["canceled_at"] else record["quantity"]
    money = {"amount": record["price"], "currency_code": record["currency"]}
    return {
        "id": int(record["line_id"]),
        "admin_graphql_api_id": gid("LineItem", record["line_id"]),
        "current_quantity": left,
        "fulfillable_quantity": left,
        "fulfillment_status": None,
        "gift_card": False,
        "grams": 0,
        "name": record["title"],
        "price": record["price"],
        "price_set": {"shop_money": money, "presentment_money": money},
        "product_exists": product is not None,
        "product_id": int(record["external_id"]),
        "properties": [],
        "quantity": record["quantity"],
        "requires_shipping": True,
        "sku": record["sku"],
        "taxable": True,
        "title": record["title"],
        "total_discount": ZERO,
        "variant_id": int(product["variant_id"]) if product else None,
        "variant_title": None,
        "vendor": None,
    }


def product_body(record: Record) -> str:
    """The body of `products/update`: REST's product."""
    variant = {
        "admin_graphql_api_id": gid("ProductVariant", record["variant_id"]),
        "id": int(record["variant_id"]),
        "product_id": int(record["id"]),
        "inventory_item_id": int(record["inventory_item_id"]),
        "inventory_policy": "deny",
        "inventory_quantity": record["quantity"],
        "old_inventory_quantity": record["quantity"],
        "position": 1,
        "price": record["price"],
        "sku": record["sku"],
        "taxable": True,
        "title": "Default Title",
    }
    body = {
        "admin_graphql_api_id": gid("Product", record["id"]),
        "body_html": record["descriptionHtml"],
        "created_at": local(record["at"]),
        "handle": record["handle"],
        "id": int(record["id"]),
        "product_type": record["productType"],
        "published_at": local(record["published_at"]) if record["published"] else None,
        "updated_at": local(record["modified_at"]),
        "vendor": record["vendor"],
        "title": record["title"],
        "status": record["status"].lower(),
        "published_scope": "web",
        "tags": ", ".join(record["tags"]),
        "variants": [variant],
        "options": [],
        "images": [],
        "image": None,
    }
    return compact(body)


def local(stamp: str | None) -> str | None:
    """A ledger stamp as REST writes times, with an offset."""
    if stamp is None:
        return None
    return datetime.fromisoformat(stamp).astimezone(UTC).isoformat(timespec="seconds")


def compact(body: dict[str, Any]) -> str:
    """JSON without blanks, slashes escaped."""
    return json.dumps(body, separators=(",", ":")).replace("/", "\\/")
