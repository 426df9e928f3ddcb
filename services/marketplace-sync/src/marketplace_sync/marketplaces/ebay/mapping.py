"""Content <-> eBay's inventory items, offers and orders. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from brocante.contracts.marketplace import Content
from brocante.contracts.values import CancelReason, ChangedBy, Issue, Money, Observed
from marketplace_sync.marketplaces.contract import (
    CancellationSeen,
    Notice,
    Observation,
    SaleSeen,
)
from marketplace_sync.marketplaces.ebay.errors import our_issue

CONDITIONS = {
    "new": "NEW",
    "like new": "LIKE_NEW",
    "used": "USED_EXCELLENT",
    "excellent": "USED_EXCELLENT",
    "very good": "USED_VERY_GOOD",
    "good": "USED_GOOD",
    "acceptable": "USED_ACCEPTABLE",
    "fair": "USED_ACCEPTABLE",
    "for parts or not working": "FOR_PARTS_OR_NOT_WORKING",
}
DEFAULT_CONDITION = "USED_EXCELLENT"
LONGEST_CONDITION = 1000
LONGEST_PRODUCT_DESCRIPTION = 4000
UNSOLD: dict[str, Observed] = {"ACTIVE": "on_hold", "OUT_OF_STOCK": "on_hold", "ENDED": "ended"}
"""What a listing without stock shows when a sale is not what took it."""

OFF_SALE: dict[str, Observed] = {**UNSOLD, "INACTIVE": "inactive", "NOT_LISTED": "inactive"}
HELD = "held"
"""The step that remembers a hold: the listing and what it had sold by then."""

SITES = {
    "EBAY_US": "www.ebay.com",
    "EBAY_GB": "www.ebay.co.uk",
    "EBAY_DE": "www.ebay.de",
    "EBAY_FR": "www.ebay.fr",
    "EBAY_IT": "www.ebay.it",
    "EBAY_ES": "www.ebay.es",
}
POLICIES = ("fulfillmentPolicyId", "paymentPolicyId", "returnPolicyId")
# Post-Order API 2.7, CancelReasonEnum, read 2026-11.
CANCEL_REASONS: dict[str, CancelReason] = {
    "OUT_OF_STOCK_OR_CANNOT_FULFILL": "sold_elsewhere",
    "OUT_OF_STOCK": "sold_elsewhere",
    "BUYER_ASKED_CANCEL": "buyer_changed_mind",
    "BUYER_CANCEL_ORDER": "buyer_changed_mind",
    "BUYER_CANCEL_OR_ADDRESS_ISSUE": "buyer_changed_mind",
    "FOUND_CHEAPER_PRICE": "buyer_changed_mind",
    "ORDER_MISTAKE": "buyer_changed_mind",
    "ORDER_PLACED_BY_MISTAKE": "buyer_changed_mind",
    "PRICE_TOO_HIGH": "buyer_changed_mind",
    "WONT_ARRIVE_IN_TIME": "buyer_changed_mind",
    "ADDRESS_ISSUES": "other",
    "BUYER_DIDNT_PAY": "unpaid",
    "ORDER_UNPAID": "unpaid",
}


def inventory_item(content: Content, quantity: int) -> dict[str, Any]:
    """The body of createOrReplaceInventoryItem: it replaces all of the item."""
    product: dict[str, Any] = {"title": content.title, "aspects": aspects(content.attributes)}
    # The whole text is the offer's; an item takes no longer one than this.
    if content.description and len(content.description) <= LONGEST_PRODUCT_DESCRIPTION:
        product["description"] = content.description
    if content.images:
        product["imageUrls"] = list(content.images)
    return {
        "availability": {"shipToLocationAvailability": {"quantity": quantity}},
        **condition(content.condition or ""),
        "product": product,
    }


def condition(words: str) -> dict[str, str]:
    """One of eBay's conditions; words that name none describe a used piece's condition."""
    text = " ".join(words.split())
    known = CONDITIONS.get(text.lower().replace("_", " "))
    if known or not text:
        return {"condition": known or DEFAULT_CONDITION}
    if text in CONDITIONS.values():
        return {"condition": text}
    return {"condition": DEFAULT_CONDITION, "conditionDescription": text[:LONGEST_CONDITION]}


def offer(content: Content, quantity: int, sku: str, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """The body of createOffer: what an offer is of and where, which stays, and the rest."""
    return {
        "sku": sku,
        "marketplaceId": defaults.get("marketplaceId", "EBAY_US"),
        "format": "FIXED_PRICE",
        **offer_details(content, quantity, defaults),
    }


def offer_details(content: Content, quantity: int, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """The body of updateOffer: it replaces all that is not fixed."""
    body: dict[str, Any] = {
        "listingDuration": "GTC",
        "availableQuantity": quantity,
        "categoryId": category_id(content, defaults),
        "listingDescription": content.description or content.title,
        "listingPolicies": {name: defaults[name] for name in POLICIES if name in defaults},
    }
    if defaults.get("merchantLocationKey"):
        body["merchantLocationKey"] = defaults["merchantLocationKey"]
    if content.price is not None:
        price = {"value": content.price.amount, "currency": content.price.currency}
        body["pricingSummary"] = {"price": price}
    return body


def wrong_currency(content: Content, defaults: Mapping[str, Any]) -> Issue | None:
    """A site sells in one currency: a price in another is known to be refused."""
    own = defaults.get("currency")
    if own is None or content.price is None or content.price.currency == own:
        return None
    text = f"The price is in {content.price.currency}; this eBay account sells in {own}."
    return our_issue("ebay_currency", "dealer", "/price", text)


def category_id(content: Content, defaults: Mapping[str, Any]) -> str:
    """EBay's leaf category: the content's own when it is a number, else the account's."""
    if content.category and content.category.isdigit():
        return content.category
    return str(defaults.get("categoryId", ""))


def aspects(attributes: Mapping[str, Any]) -> dict[str, list[str]]:
    """Item specifics: every value a list of texts."""
    named: dict[str, list[str]] = {}
    for name, value in attributes.items():
        values = value if isinstance(value, list) else [value]
        texts = [str(one) for one in values if one not in (None, "")]
        if texts:
            named[name] = texts
    return named


def observation(offer_body: Mapping[str, Any], now: datetime, held: str | None) -> Observation:
    """What an offer shows of its listing; `held` is what `held_mark` said at the last hold."""
    listing = offer_body.get("listing") or {}
    quantity = offer_body.get("availableQuantity")
    observed, changed_by = _observed(offer_body, listing, quantity, held)
    return Observation(observed, now, quantity, changed_by)


def held_mark(offer_body: Mapping[str, Any]) -> str:
    """Tells a listing held at quantity 0 from the same one sold out: what it had sold by then."""
    listing = offer_body.get("listing") or {}
    return f"{listing.get('listingId')}:{listing.get('soldQuantity') or 0}"


def _observed(
    offer_body: Mapping[str, Any],
    listing: Mapping[str, Any],
    quantity: int | None,
    held: str | None,
) -> tuple[Observed, ChangedBy]:
    """By ListingStatusEnum; a status that is not known is never taken for on sale."""
    if offer_body.get("status") != "PUBLISHED":
        return ("inactive" if listing else "draft"), "unknown"
    if listing.get("listingOnHold"):
        return "on_hold", "marketplace"
    status = listing.get("listingStatus")
    if status == "ACTIVE" and quantity != 0:
        return "active", "unknown"
    if status in UNSOLD and not quantity and listing.get("soldQuantity"):
        return (UNSOLD[status] if held == held_mark(offer_body) else "sold"), "unknown"
    if status == "EBAY_ENDED":
        return "ended", "marketplace"
    return OFF_SALE.get(str(status), "unknown"), "unknown"


def url(listing_id: str | None, base_url: str, marketplace_id: str) -> str | None:
    """The listing's page; none for a test installation, whose numbers mean others' listings."""
    site = SITES.get(marketplace_id)
    if not listing_id or site is None or not base_url.endswith("//api.ebay.com"):
        return None
    return f"https://{site}/itm/{listing_id}"


def notices(order: Mapping[str, Any]) -> list[Notice]:
    """Sales, or cancellations, of an order's lines."""
    lines = order.get("lineItems") or ()
    canceled = (order.get("cancelStatus") or {}).get("cancelState") == "CANCELED"
    found: list[Notice] = [sale(order, line) for line in lines]
    if canceled:
        found.extend(_cancellations(order, lines))
    return found


def sale(order: Mapping[str, Any], line: Mapping[str, Any]) -> SaleSeen:
    """One order line; its cost, after discounts if there are any, is for all its pieces."""
    price = _money(line.get("discountedLineItemCost") or line.get("lineItemCost") or {})
    return SaleSeen(
        sale_id=f"ebay:{line['lineItemId']}",
        external_order_id=str(order["orderId"]),
        external_id=str(line["legacyItemId"]) if line.get("legacyItemId") else None,
        external_sku=line.get("sku"),
        quantity=int(line.get("quantity") or 1),
        price=price,
        sold_at=moment(order["creationDate"]),
    )


def _cancellations(
    order: Mapping[str, Any], lines: Iterable[Mapping[str, Any]]
) -> list[CancellationSeen]:
    status = order["cancelStatus"]
    reason = _request(status.get("cancelRequests") or ()).get("cancelReason")
    at = status.get("cancelledDate") or order["lastModifiedDate"]
    return [
        CancellationSeen(
            f"ebay:{line['lineItemId']}",
            str(order["orderId"]),
            CANCEL_REASONS.get(reason, "other") if reason else None,
            moment(at),
        )
        for line in lines
    ]


def _request(requests: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The request that led to the cancellation: earlier ones may have been rejected."""
    completed = [one for one in requests if one.get("cancelRequestState") == "COMPLETED"]
    return (completed or list(requests) or [{}])[-1]


def moment(text: str) -> datetime:
    """One of eBay's times, in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def _money(cost: Mapping[str, Any]) -> Money | None:
    if not cost.get("value") or not cost.get("currency"):
        return None
    amount = Decimal(str(cost["value"])).quantize(Decimal("0.01"))
    return Money(amount=str(amount), currency=str(cost["currency"]))
