"""What eBay asks of an offer and its item before it becomes a listing, and their parts."""

from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.ebay.errors import INVALID, error, refused
from sandbox.market.calls import Call
from sandbox.market.store import Record

MAX_TITLE = 80
MAX_IMAGES = 24
POLICIES = (
    ("fulfillmentPolicyId", 25007, "Fulfillment"),
    ("paymentPolicyId", 25008, "Payment"),
    ("returnPolicyId", 25009, "Return"),
)


def account_errors(offer: Record) -> list[Record]:
    """What belongs to the seller's account and is missing."""
    errors = []
    policies = offer.get("listingPolicies", {})
    for name, number, label in POLICIES:
        if not policies.get(name):
            text = f"{INVALID} invalid data in the associated {label} policy. {name} is missing."
            errors.append(error(number, text))
    if not offer.get("merchantLocationKey"):
        errors.append(error(25012, "Invalid inventory location. merchantLocationKey is missing."))
    if not str(offer.get("categoryId", "")).isdigit():
        text = f"{INVALID} an invalid category ID. The category selected is not a leaf category."
        errors.append(error(25005, text))
    return errors


def content_errors(offer: Record, item: Record) -> list[Record]:
    """What eBay always asks of a listing's content."""
    product = item.get("product", {})
    title = product.get("title", "")
    errors = []
    if not title:
        errors.append(error(25029, "Title is required for this category.", ("0", "Title")))
    if len(title) > MAX_TITLE:
        text = f"The title value is invalid. It must not be longer than {MAX_TITLE} characters."
        errors.append(error(25016, text, ("0", "title")))
    if not positive(offer.get("pricingSummary", {}).get("price", {}).get("value")):
        text = f"{INVALID} an invalid price. The price must be greater than 0."
        errors.append(error(25003, text, ("0", "price")))
    if len(product.get("imageUrls", [])) > MAX_IMAGES:
        text = f"{INVALID} invalid pictures. At most {MAX_IMAGES} pictures are allowed."
        errors.append(error(25014, text))
    return errors


def content_of(offer: Record, item: Record) -> dict[str, Any]:
    """The listing's content by the JSON Pointers that requirements use."""
    product = item.get("product", {})
    content = {
        "/title": product.get("title"),
        "/description": offer.get("listingDescription") or product.get("description"),
        "/condition": item.get("condition"),
        "/price": offer.get("pricingSummary", {}).get("price", {}).get("value"),
        "/images": product.get("imageUrls"),
        "/category": offer.get("categoryId"),
        "/quantity": quantity_of(item),
    }
    for name, values in product.get("aspects", {}).items():
        content[f"/attributes/{name}"] = values[0] if len(values) == 1 else values
    return content


def positive(text: Any) -> bool:
    """Whether it is a price above 0."""
    try:
        return Decimal(str(text)) > 0
    except InvalidOperation:
        return False


def require_language(call: Call) -> None:
    """Writes of items and offers must say their language."""
    if not call.headers.get("content-language"):
        raise refused(25709, "Invalid value for header Content-Language.")


def quantity_of(item: Record) -> int:
    """How many are there to ship."""
    ship = item.get("availability", {}).get("shipToLocationAvailability", {})
    quantity: int = ship.get("quantity", 0)
    return quantity


def with_quantity(item: Record, quantity: int) -> Record:
    """The item with another quantity."""
    availability = item.get("availability", {})
    ship = availability.get("shipToLocationAvailability", {}) | {"quantity": quantity}
    return item | {"availability": availability | {"shipToLocationAvailability": ship}}
