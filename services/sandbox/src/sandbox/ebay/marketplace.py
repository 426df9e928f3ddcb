"""eBay, put together: routes, refusals, webhooks, and what happens to listings from outside."""

import json
from typing import Any

from sandbox.ebay import access
from sandbox.ebay.content import quantity_of, with_quantity
from sandbox.ebay.errors import Refused
from sandbox.ebay.errors import access as access_error
from sandbox.ebay.inventory import Inventory
from sandbox.ebay.offers import Offers
from sandbox.ebay.orders import Orders
from sandbox.ebay.taxonomy import Taxonomy
from sandbox.market import signing
from sandbox.market.accounts import Seller
from sandbox.market.calls import Answer, Call, Route, Routes
from sandbox.market.clock import milliseconds
from sandbox.market.limits import Window
from sandbox.market.listings import Shown
from sandbox.market.market import Market, Marketplace, Refusal, Sold
from sandbox.market.store import Record

DAY = 86_400
APPLICATION_PATHS = ("/commerce/",)
LOCATION = "/sell/inventory/v1/location"


class Ebay(Marketplace):
    """The marketplace `ebay`."""

    slug = "ebay"

    def __init__(self, market: Market) -> None:
        super().__init__(market)
        self._offers = Offers(market)
        self._day = Window(market.settings.limits.ebay_per_day, DAY)
        self._key = signing.private_key(market.accounts.secret("ebay", "webhook key"))
        self._kid = market.uuid("ebay", "kid")
        self.routes = Routes(
            [
                *Inventory(self._offers).routes(),
                *self._offers.routes(),
                *Orders(self).routes(),
                *Taxonomy(market).routes(),
                Route("GET", LOCATION, self._locations),
                Route("GET", f"{LOCATION}/{{key}}", lambda call: Answer(200, _location(call))),
                Route("POST", f"{LOCATION}/{{key}}", lambda _: Answer(204)),
                Route("GET", "/commerce/notification/v1/public_key/{kid}", self._public_key),
                Route(
                    "POST",
                    "/identity/v1/oauth2/token",
                    lambda call: access.token(market.accounts, call),
                    open=True,
                ),
            ]
        )

    def answer(self, call: Call) -> Answer:
        """As every marketplace; refusals travel as exceptions."""
        try:
            return super().answer(call)
        except Refused as refusal:
            return refusal.answer

    def authenticate(self, call: Call) -> bool:
        """Bearer tokens; application tokens open taxonomy and notification only."""
        account = access.opened_by(self.market.accounts, call)
        if account is None:
            return False
        if account == access.APPLICATION and not call.path.startswith(APPLICATION_PATHS):
            return False
        call.account = account
        return True

    def limited(self, call: Call) -> Answer | None:
        """A daily window for each account."""
        now = self.market.clock.now().timestamp()
        return None if self._day.take(call.account, now) else self.refuse("rate_limited", call)

    def refuse(self, why: Refusal, call: Call, detail: str = "") -> Answer:
        """EBay's common REST errors."""
        if why == "unauthorized":
            text = "Invalid access token. Check the value of the Authorization HTTP request header."
            return access_error(401, 1001, "OAuth", "Invalid access token", text)
        if why == "rate_limited":
            text = "The request limit has been reached for the resource."
            return access_error(429, 2001, "ACCESS", "Too many requests.", text)
        if why == "not_found":
            return access_error(404, 2002, "ACCESS", "Resource not found", call.path)
        if why == "bad_body":
            return access_error(400, 2004, "ACCESS", "Invalid request", detail)
        entry = {
            "errorId": 25001,
            "domain": "API_INVENTORY",
            "subdomain": "Selling",
            "category": "APPLICATION",
            "message": "A system error has occurred. Core Inventory Service internal error",
        }
        return Answer(500, {"errors": [entry]})

    def credentials(self, seller: Seller) -> dict[str, str]:
        """Keys of the application and tokens of the seller."""
        return {
            "client_id": access.CLIENT_ID,
            "client_secret": access.CLIENT_SECRET,
            "refresh_token": access.refresh_token(seller),
            "access_token": f"ebay-access-{seller.account}",
        }

    def defaults(self, seller: Seller) -> dict[str, str]:
        """Business policies, location, and a category for items without one."""
        _ = seller
        return {
            "marketplaceId": "EBAY_US",
            "merchantLocationKey": "main",
            "fulfillmentPolicyId": "6000000001",
            "paymentPolicyId": "6000000002",
            "returnPolicyId": "6000000003",
            "categoryId": "20081",
        }

    def signing(self, seller: Seller) -> dict[str, str | None]:
        """One key signs for everyone, as at eBay; the verification token is the account's."""
        token = self.market.accounts.secret("ebay", "verification", seller.account).hex()
        return {
            "scheme": "ebay",
            "secret": None,
            "private_key": signing.private_pem(self._key),
            "kid": self._kid,
            "digest": "SHA1",
            "verification_token": token[:48],
        }

    def signed(self, seller: Seller, delivery: Record) -> dict[str, str]:
        """X-EBAY-SIGNATURE."""
        _ = seller
        body = delivery["body"].encode()
        return {"x-ebay-signature": signing.ebay(self._key, self._kid, body)}

    def take(self, shown: Shown, quantity: int) -> Sold:
        """Stock falls; at 0 the listing has ended, with what it sold."""
        offer = self._offers.of_listing(shown)
        key = f"{shown.account}/{shown.sku}"
        item = self.market.store.get("ebay.item", key) or {}
        left = max(0, quantity_of(item) - quantity)
        self.market.store.put("ebay.item", key, with_quantity(item, left))
        self._offers.set_status(offer, "ACTIVE" if left else "ENDED", sold=quantity)
        if not left:
            self._announce_availability(shown, offer, "UNAVAILABLE")
        price = offer["pricingSummary"]["price"]
        title = item.get("product", {}).get("title", shown.sku)
        return Sold(title, price["value"], price["currency"])

    def order_ids(self) -> dict[str, Any]:
        """`01-00001-00001` and a line id of 14 digits."""
        number = self.market.store.next_number("ebay.order", 1)
        order_id = f"01-{number // 100_000:05d}-{number % 100_000:05d}"
        return {"order_id": order_id, "line_id": str(10_000_000_000_000 + number)}

    def announce_order(self, seller: Seller, order: Record) -> None:
        """ORDER_CONFIRMATION; eBay says nothing of cancellations."""
        if order["canceled_at"] is not None:
            return
        line = {
            "orderLineItemId": order["line_id"],
            "listingId": order["external_id"],
            "quantity": order["quantity"],
        }
        user = {"userId": f"id-{seller.account}", "username": f"seller-{seller.account}"}
        data = {"user": user, "order": {"orderId": order["order_id"], "orderLineItems": [line]}}
        self._notify(seller, "ORDER_CONFIRMATION", data)

    def restock(self, order: Record) -> None:
        """Never by itself at eBay."""

    def edit(self, shown: Shown, state: str | None, fields: dict[str, Any]) -> None:
        """Ends, relists, holds; or changes title, description, price, quantity."""
        offer = self._offers.of_listing(shown)
        key = f"{shown.account}/{shown.sku}"
        item = edited_item(self.market.store.get("ebay.item", key) or {}, fields, state)
        offer = edited_offer(offer, fields)
        self.market.store.put("ebay.item", key, item)
        self.market.store.put("ebay.offer", offer["offerId"], offer)
        if state is not None:
            statuses = {
                "active": "ACTIVE",
                "on_hold": "OUT_OF_STOCK",
                "inactive": "WITHDRAWN",
                "ended": "EBAY_ENDED",
                "sold": "ENDED",
            }
            if state not in statuses:
                raise ValueError(f"state: eBay has no {state} listings")
            self._offers.set_status(offer, statuses[state], sold=int(state == "sold"))
            available = "AVAILABLE" if state == "active" else "UNAVAILABLE"
            self._announce_availability(shown, offer, available)
        else:
            self._offers.refresh(shown.account, shown.sku)

    def take_down(self, shown: Shown) -> None:
        """EBay ends the listing."""
        offer = self._offers.of_listing(shown)
        self._offers.set_status(offer, "EBAY_ENDED")
        self._announce_availability(shown, offer, "UNAVAILABLE")

    def _announce_availability(self, shown: Shown, offer: Record, availability: str) -> None:
        seller = self.market.accounts.find("ebay", shown.account)
        data = {
            "itemId": f"v1|{shown.external_id}|0",
            "listingMarketplaceId": offer["marketplaceId"],
            "buyingOptions": ["FIXED_PRICE"],
            "seller": {"username": f"seller-{seller.account}"},
            "categoryId": offer.get("categoryId", ""),
            "availability": availability,
        }
        self._notify(seller, "ITEM_AVAILABILITY", data)

    def _notify(self, seller: Seller, topic: str, data: dict[str, Any]) -> None:
        number = str(self.market.store.next_number("ebay.notification", 1))
        now = milliseconds(self.market.clock.stamp())
        parts = [self.market.uuid("ebay", "notification", number, part) for part in ("a", "b")]
        notification = {
            "notificationId": "_".join(parts),
            "eventDate": now,
            "publishDate": now,
            "publishAttemptCount": 1,
            "data": data,
        }
        metadata = {"topic": topic, "schemaVersion": "1.0", "deprecated": False}
        body = {"metadata": metadata, "notification": notification}
        self.market.post(seller, topic, json.dumps(body, separators=(",", ":")), {})

    def _public_key(self, call: Call) -> Answer:
        if call.params["kid"] != self._kid:
            return self.refuse("not_found", call)
        key = signing.public_pem(self._key)
        return Answer(200, {"key": key, "algorithm": "ECDSA", "digest": "SHA1"})

    def _locations(self, call: Call) -> Answer:
        _ = call
        body = {"href": LOCATION, "limit": 100, "offset": 0, "total": 1}
        return Answer(200, body | {"locations": [location("main")]})


def edited_item(item: Record, fields: dict[str, Any], state: str | None) -> Record:
    """The item as the dealer changed it; some states come with a quantity."""
    product = item.get("product", {}) | {
        name: fields[name] for name in ("title", "description") if name in fields
    }
    quantity = {"active": max(1, quantity_of(item)), "on_hold": 0, "sold": 0}.get(state or "")
    if "quantity" in fields:
        quantity = int(fields["quantity"])
    changed = item | {"product": product}
    return changed if quantity is None else with_quantity(changed, quantity)


def edited_offer(offer: Record, fields: dict[str, Any]) -> Record:
    """The offer as the dealer changed it."""
    if "description" in fields:
        offer = offer | {"listingDescription": fields["description"]}
    if "price" not in fields:
        return offer
    given = fields["price"]
    amount = given.get("amount") if isinstance(given, dict) else given
    pricing = offer.get("pricingSummary", {})
    price = pricing.get("price", {"currency": "USD"}) | {"value": str(amount)}
    return offer | {"pricingSummary": pricing | {"price": price}}


def location(key: str) -> dict[str, Any]:
    """The one warehouse a seller has."""
    address = {"city": "Sampletown", "stateOrProvince": "CA", "country": "US"}
    return {
        "merchantLocationKey": key,
        "merchantLocationStatus": "ENABLED",
        "name": "Shop",
        "locationTypes": ["STORE"],
        "location": {"address": address},
    }


def _location(call: Call) -> dict[str, Any]:
    return location(call.params["key"])
