"""Content <-> eBay's inventory items, offers and orders. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from brocante.contracts.marketplace import Content
from brocante.contracts.values import CancelReason, Money, Observed, Requirement
from marketplace_sync.marketplaces.contract import (
    CancellationSeen,
    Notice,
    Observation,
    SaleSeen,
)

CONDITIONS = {"new": "NEW", "like new": "LIKE_NEW", "used": "USED_EXCELLENT", "good": "USED_GOOD"}
DEFAULT_CONDITION = "USED_EXCELLENT"
TITLE_LIMIT = 80
IMAGE_LIMIT = 24
POLICIES = ("fulfillmentPolicyId", "paymentPolicyId", "returnPolicyId")
CANCEL_REASONS: dict[str, CancelReason] = {
    "OUT_OF_STOCK_OR_CANNOT_FULFILL": "sold_elsewhere",
    "OUT_OF_STOCK": "sold_elsewhere",
    "BUYER_ASKED_CANCEL": "buyer_changed_mind",
    "BUYER_CANCEL_OR_ADDRESS_ISSUE": "buyer_changed_mind",
    "ADDRESS_ISSUES": "other",
    "BUYER_DIDNT_PAY": "unpaid",
    "ORDER_UNPAID": "unpaid",
}
FIXED_REQUIREMENTS = (
    Requirement(field="/title", label="Title", required=True, max_length=TITLE_LIMIT),
    Requirement(field="/price", label="Price", required=True, type="money", min=0.01),
    Requirement(field="/images", label="Pictures", type="list", max_length=IMAGE_LIMIT),
)
ASPECT_TYPES = {"STRING": "string", "NUMBER": "number"}


def inventory_item(content: Content, quantity: int) -> dict[str, Any]:
    """The body of createOrReplaceInventoryItem: it replaces all of the item."""
    product: dict[str, Any] = {"title": content.title, "aspects": aspects(content.attributes)}
    if content.description:
        product["description"] = content.description
    if content.images:
        product["imageUrls"] = list(content.images)
    return {
        "availability": {"shipToLocationAvailability": {"quantity": quantity}},
        "condition": CONDITIONS.get((content.condition or "").lower(), DEFAULT_CONDITION),
        "product": product,
    }


def offer(content: Content, quantity: int, sku: str, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """The body of createOffer and updateOffer."""
    body: dict[str, Any] = {
        "sku": sku,
        "marketplaceId": defaults.get("marketplaceId", "EBAY_US"),
        "format": "FIXED_PRICE",
        "availableQuantity": quantity,
        "categoryId": category_id(content, defaults),
        "listingDescription": content.description or content.title,
        "listingPolicies": {name: defaults[name] for name in POLICIES if name in defaults},
        "merchantLocationKey": defaults.get("merchantLocationKey"),
    }
    if content.price is not None:
        price = {"value": content.price.amount, "currency": content.price.currency}
        body["pricingSummary"] = {"price": price}
    return body


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


def observation(offer_body: Mapping[str, Any], now: datetime) -> Observation:
    """What an offer shows of its listing."""
    listing = offer_body.get("listing") or {}
    quantity = offer_body.get("availableQuantity")
    return Observation(_observed(offer_body, listing, quantity), now, quantity, "unknown")


def _observed(
    offer_body: Mapping[str, Any], listing: Mapping[str, Any], quantity: int | None
) -> Observed:
    if offer_body.get("status") != "PUBLISHED":
        return "inactive" if offer_body.get("listing") or listing else "draft"
    status = listing.get("listingStatus")
    if status in ("ENDED", "EBAY_ENDED", "INACTIVE"):
        return "sold" if listing.get("soldQuantity") else "ended"
    if status == "OUT_OF_STOCK" or quantity == 0:
        return "sold" if listing.get("soldQuantity") and quantity == 0 else "on_hold"
    return "active"


def notices(order: Mapping[str, Any]) -> list[Notice]:
    """Sales, or cancellations, of an order's lines."""
    lines = order.get("lineItems") or ()
    canceled = (order.get("cancelStatus") or {}).get("cancelState") == "CANCELED"
    found: list[Notice] = [sale(order, line) for line in lines]
    if canceled:
        found.extend(_cancellations(order, lines))
    return found


def sale(order: Mapping[str, Any], line: Mapping[str, Any]) -> SaleSeen:
    """One order line; `lineItemCost` is for all its pieces."""
    cost = line.get("lineItemCost") or {}
    price = _money(cost)
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
    requests: Sequence[Mapping[str, Any]] = status.get("cancelRequests") or ({},)
    reason = requests[0].get("cancelReason")
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


def requirements(aspect_list: Iterable[Mapping[str, Any]]) -> list[Requirement]:
    """Requirements from Taxonomy's aspects of a category."""
    return [_aspect(aspect) for aspect in aspect_list]


def _aspect(aspect: Mapping[str, Any]) -> Requirement:
    name = aspect["localizedAspectName"]
    constraint = aspect.get("aspectConstraint") or {}
    values = [v["localizedValue"] for v in aspect.get("aspectValues") or ()]
    limited = constraint.get("aspectMode") == "SELECTION_ONLY" and values
    many = constraint.get("itemToAspectCardinality") == "MULTI"
    kind = "list" if many else ASPECT_TYPES.get(constraint.get("aspectDataType", ""), "string")
    expected = constraint.get("expectedRequiredByDate")
    required = bool(constraint.get("aspectRequired"))
    return Requirement.model_validate(
        {
            "field": f"/attributes/{name.replace('~', '~0').replace('/', '~1')}",
            "label": name.replace("_", " ").capitalize(),
            "required": required or expected is not None,
            "type": kind,
            "max_length": constraint.get("aspectMaxLength"),
            "allowed": values if limited else None,
            "effective_at": expected if expected and not required else None,
        }
    )


def moment(text: str) -> datetime:
    """One of eBay's times, in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def _money(cost: Mapping[str, Any]) -> Money | None:
    if not cost.get("value") or not cost.get("currency"):
        return None
    amount = Decimal(str(cost["value"])).quantize(Decimal("0.01"))
    return Money(amount=str(amount), currency=str(cost["currency"]))
