"""Content <-> Etsy's listings, inventory and receipts. Pure."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from brocante.contracts.marketplace import Content
from brocante.contracts.values import Money, Observed, Requirement
from marketplace_sync.marketplaces.contract import (
    CancellationSeen,
    Notice,
    Observation,
    SaleSeen,
)

TITLE_LIMIT = 140
IMAGE_LIMIT = 20
MOST_PIECES = 999
STATES: dict[str, Observed] = {
    "active": "active",
    "inactive": "inactive",
    "sold_out": "sold",
    "draft": "draft",
    "expired": "ended",
    "removed": "ended",
    "edit": "inactive",
    "unavailable": "inactive",
}
CANCELED = frozenset({"canceled", "cancelled"})
MADE = ("created_timestamp", "create_timestamp")
DEFAULTS = ("who_made", "when_made", "shipping_profile_id", "return_policy_id")
MARK = "Stock number: "
# Etsy's own words, updateListing `title` (Open API v3): once each, letters, digits, punctuation.
ONCE_EACH = "".join(f"(?!(?:.*{re.escape(sign)}){{2}})" for sign in "%:&+")
FIXED_REQUIREMENTS = (
    Requirement(
        field="/title",
        label="Title",
        required=True,
        max_length=TITLE_LIMIT,
        pattern=f"^{ONCE_EACH}",
        why="Etsy takes each of the signs % : & + only once in a title.",
    ),
    Requirement(field="/price", label="Price", required=True, type="money", min=0.2),
    Requirement(field="/images", label="Pictures", type="list", max_length=IMAGE_LIMIT),
)


def listing_form(
    content: Content, quantity: int, defaults: Mapping[str, Any], *, new: bool
) -> dict[str, str]:
    """The form of createDraftListing (`new`) and updateListing.

    Quantity is never 0 on Etsy; price and quantity of an existing listing go by its inventory.
    """
    form = {name: str(defaults[name]) for name in DEFAULTS if defaults.get(name) is not None}
    form["title"] = content.title
    form["description"] = content.description or content.title
    form["taxonomy_id"] = taxonomy_id(content, defaults)
    if new:
        form["quantity"] = str(max(1, min(quantity, MOST_PIECES)))
        form["price"] = content.price.amount if content.price else ""
    return form


def marked(description: str, sku: str) -> str:
    """A draft's description: Etsy takes no SKU when a listing is created, so it stands here.

    It tells our own draft apart after a cut connection; activation writes the real description.
    """
    return f"{description}\n\n{MARK}{sku}"


def is_marked(listing: Mapping[str, Any], sku: str) -> bool:
    """Whether this is a draft that was made for the SKU."""
    if str(listing.get("state", "")).lower() != "draft":
        return False
    return str(listing.get("description", "")).endswith(f"\n{MARK}{sku}")


def inventory(content: Content, quantity: int, sku: str) -> dict[str, Any]:
    """The body of updateListingInventory: one product with one offering."""
    offering: dict[str, Any] = {
        "quantity": max(1, min(quantity, MOST_PIECES)),
        "is_enabled": True,
        "price": float(content.price.amount) if content.price else None,
    }
    return {"products": [{"sku": sku, "property_values": [], "offerings": [offering]}]}


def property_values(one: Mapping[str, Any], values: list[str]) -> dict[str, Any]:
    """The body of updateListingProperty: texts, and the ids of those Etsy has ids for."""
    ids = {value.get("name"): value.get("value_id") for value in one.get("possible_values") or ()}
    return {"value_ids": [ids[text] for text in values if ids.get(text)], "values": values}


def taxonomy_id(content: Content, defaults: Mapping[str, Any]) -> str:
    """Etsy's category: the content's own when it is a number, else the account's."""
    if content.category and content.category.isdigit():
        return content.category
    return str(defaults.get("taxonomy_id", ""))


def observation(listing: Mapping[str, Any], now: datetime) -> Observation:
    """What a listing shows."""
    state = STATES.get(str(listing.get("state", "")).lower().replace(" ", "_"), "unknown")
    return Observation(state, now, listing.get("quantity"))


def sku_of(listing: Mapping[str, Any]) -> str | None:
    """The external SKU: the listing's own, or its product's."""
    skus = listing.get("skus") or ()
    products = (listing.get("inventory") or {}).get("products") or ()
    found = [*skus, *(product.get("sku") for product in products)]
    return next((str(sku) for sku in found if sku), None)


def notices(receipt: Mapping[str, Any]) -> list[Notice]:
    """Sales of a receipt's transactions, and their cancellation when it is canceled.

    Etsy gives no reason for a cancellation; the description writes `status` in small letters, the
    API with a capital.
    """
    transactions = [one for one in receipt.get("transactions") or () if one.get("transaction_id")]
    found: list[Notice] = [_sale(receipt, one) for one in transactions]
    if str(receipt.get("status", "")).lower() in CANCELED:
        at, order = moment(changed_at(receipt)), str(receipt["receipt_id"])
        found.extend(
            CancellationSeen(f"etsy:{one['transaction_id']}", order, None, at)
            for one in transactions
        )
    return found


def changed_at(receipt: Mapping[str, Any]) -> int:
    """When a receipt last changed, in seconds: Etsy renamed its times and sends both names."""
    return _first(receipt, "updated_timestamp", "update_timestamp", *MADE)


def _first(one: Mapping[str, Any], *names: str) -> int:
    return next((int(one[name]) for name in names if one.get(name)), 0)


def _sale(receipt: Mapping[str, Any], one: Mapping[str, Any]) -> SaleSeen:
    at = _first(one, "paid_timestamp", *MADE) or _first(receipt, *MADE)
    return SaleSeen(
        sale_id=f"etsy:{one['transaction_id']}",
        external_order_id=str(receipt["receipt_id"]),
        external_id=str(one["listing_id"]) if one.get("listing_id") else None,
        external_sku=one.get("sku") or None,
        quantity=int(one.get("quantity") or 1),
        price=money(one.get("price")),
        sold_at=moment(at),
    )


def requirements(
    properties: Iterable[Mapping[str, Any]], defaults: Mapping[str, Any]
) -> list[Requirement]:
    """Etsy's limits on every listing, then the properties of a taxonomy node.

    A shop has one currency and takes bare numbers: an account that names its `currency` is guarded
    against a price in another one.
    """
    found = list(FIXED_REQUIREMENTS)
    if defaults.get("currency"):
        allowed = [str(defaults["currency"])]
        found.append(Requirement(field="/price/currency", label="Currency", allowed=allowed))
    return found + [_property(one) for one in properties]


def _property(one: Mapping[str, Any]) -> Requirement:
    values = [value["name"] for value in one.get("possible_values") or ()]
    return Requirement.model_validate(
        {
            "field": f"/attributes/{one['name'].replace('~', '~0').replace('/', '~1')}",
            "label": one.get("display_name") or one["name"],
            "required": bool(one.get("is_required")),
            "type": "list" if one.get("is_multivalued") else "string",
            "max_length": one.get("max_values_allowed"),
            "allowed": values or None,
        }
    )


def texts(value: Any) -> list[str]:
    """A property's values, as Etsy takes them."""
    values = value if isinstance(value, list) else [value]
    return [str(one) for one in values if one not in (None, "")]


def money(given: Any) -> Money | None:
    """An amount in whole parts of `divisor`."""
    if not isinstance(given, Mapping):
        return None
    amount = Decimal(given["amount"]) / Decimal(given.get("divisor") or 100)
    return Money(amount=str(amount.quantize(Decimal("0.01"))), currency=given["currency_code"])


def moment(seconds: int) -> datetime:
    """One of Etsy's times, in UTC."""
    return datetime.fromtimestamp(int(seconds), UTC)
