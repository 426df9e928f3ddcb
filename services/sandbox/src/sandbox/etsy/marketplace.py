"""Etsy, put together: routes, refusals, webhooks, and what happens to listings from outside."""

import json
import math
from base64 import b64encode
from typing import Any

from sandbox.etsy import access
from sandbox.etsy.details import CATEGORIES, Details
from sandbox.etsy.errors import Refused
from sandbox.etsy.fields import a_price
from sandbox.etsy.listings import APP, SHOP, STATES, Listings
from sandbox.etsy.receipts import Receipts
from sandbox.etsy.shop import RETURN_POLICY, SHIPPING_PROFILE, shipping_profile, shop, shop_ids
from sandbox.market import signing
from sandbox.market.accounts import Seller
from sandbox.market.calls import Answer, Call, Route, Routes
from sandbox.market.limits import Window
from sandbox.market.listings import Shown
from sandbox.market.market import Market, Marketplace, Refusal, Sold
from sandbox.market.requirements import category_id
from sandbox.market.store import Record

DAY = 86_400
PUBLIC = (f"{APP}/listings/", f"{APP}/seller-taxonomy/")


class Etsy(Marketplace):
    """The marketplace `etsy`."""

    slug = "etsy"

    def __init__(self, market: Market) -> None:
        super().__init__(market)
        limits = market.settings.limits
        self._second = Window(limits.etsy_per_second, 1)
        self._day = Window(limits.etsy_per_day, DAY)
        self._listings = Listings(market)
        token = f"{APP.removesuffix('/application')}/public/oauth/token"
        self.routes = Routes(
            [
                Route("POST", token, lambda call: access.token(market.accounts, call), open=True),
                *self._listings.routes(),
                *Details(self._listings).routes(),
                *Receipts(self).routes(),
                Route("GET", f"{APP}/users/me", self._me),
                Route("GET", f"{APP}/openapi-ping", lambda _: Answer(200, {"application_id": 1})),
                Route("GET", f"{SHOP}/shipping-profiles", self._profiles),
                Route("GET", SHOP, self._shop),
            ]
        )

    def answer(self, call: Call) -> Answer:
        """As every marketplace; refusals travel as exceptions."""
        try:
            return super().answer(call)
        except Refused as refusal:
            return refusal.answer

    def authenticate(self, call: Call) -> bool:
        """The key on every call, a token where the real API asks for one, the right shop."""
        if call.headers.get("x-api-key", "").split(":")[0] != access.API_KEY:
            return False
        account = access.opened_by(self.market.accounts, call)
        if account is None:
            return call.method == "GET" and call.path.startswith(PUBLIC)
        call.account = account
        expected = shop_ids(self.market.accounts.find("etsy", account))["shop_id"]
        if call.params.get("shop_id", str(expected)) != str(expected):
            raise Refused(403, "The resource owner does not have access to this shop.")
        return True

    def limited(self, call: Call) -> Answer | None:
        """Two windows, both shown in every answer's headers."""
        now = self.market.clock.now().timestamp()
        if self._second.take(call.account, now) and self._day.take(call.account, now):
            return None
        return self.refuse("rate_limited", call)

    def headers(self, call: Call) -> dict[str, str]:
        """The rate windows."""
        now = self.market.clock.now().timestamp()
        return {
            "x-limit-per-second": str(self._second.calls),
            "x-remaining-this-second": str(self._second.remaining(call.account, now)),
            "x-limit-per-day": str(self._day.calls),
            "x-remaining-today": str(self._day.remaining(call.account, now)),
        }

    def refuse(self, why: Refusal, call: Call, detail: str = "") -> Answer:
        """Etsy's common errors."""
        if why == "unauthorized":
            text = "access token is expired"
            return Answer(401, {"error": "invalid_token", "error_description": text})
        if why == "rate_limited":
            now = self.market.clock.now().timestamp()
            spent = self._day.remaining(call.account, now) <= 0
            asked = max(1.0, self.market.faults.of(self.slug).retry_after_s)
            wait = math.ceil(self._day.opens_in(now) if spent else asked)
            body = {"error": "Exceeded rate limit."}
            return Answer(429, body, {"retry-after": str(wait)})
        if why == "not_found":
            return Answer(404, {"error": "Resource not found"})
        if why == "bad_body":
            return Answer(400, {"error": f"Could not parse the request: {detail}"})
        return Answer(500, {"error": "Server Error"})

    def credentials(self, seller: Seller) -> dict[str, str]:
        """Key of the application and tokens of the shop."""
        return {
            "api_key": access.API_KEY,
            "refresh_token": access.refresh_token(seller),
            "access_token": f"etsy-access-{seller.account}",
            "shop_id": str(shop_ids(seller)["shop_id"]),
        }

    def defaults(self, seller: Seller) -> dict[str, str]:
        """What every listing needs and no item says."""
        return {
            "shop_id": str(shop_ids(seller)["shop_id"]),
            "shipping_profile_id": str(SHIPPING_PROFILE),
            "return_policy_id": str(RETURN_POLICY),
            "taxonomy_id": str(category_id(CATEGORIES[0])),
            "who_made": "someone_else",
            "when_made": "before_1700",
        }

    def signing(self, seller: Seller) -> dict[str, str | None]:
        """Standard Webhooks."""
        return {
            "scheme": "standard-webhooks",
            "secret": self._secret(seller),
            "private_key": None,
            "kid": None,
            "digest": None,
            "verification_token": None,
        }

    def signed(self, seller: Seller, delivery: Record) -> dict[str, str]:
        """The three headers; the signature holds the time of this attempt."""
        webhook_id = f"msg_{delivery['id'].replace('-', '')}"
        now = self.market.clock.epoch()
        body = delivery["body"].encode()
        return {
            "webhook-id": webhook_id,
            "webhook-timestamp": str(now),
            "webhook-signature": signing.standard(self._secret(seller), webhook_id, now, body),
        }

    def take(self, shown: Shown, quantity: int) -> Sold:
        """Stock falls; at 0 the listing is sold out."""
        record = self._record(shown)
        left = max(0, record["quantity"] - quantity)
        self._listings.change_state(record | {"quantity": left}, "active" if left else "sold_out")
        return Sold(record["title"], record["price"], self.market.settings.currency)

    def order_ids(self) -> dict[str, Any]:
        """A receipt and a transaction."""
        number = self.market.store.next_number("etsy.receipt", 1)
        return {"order_id": str(3_000_000_000 + number), "line_id": str(4_000_000_000 + number)}

    def announce_order(self, seller: Seller, order: Record) -> None:
        """A thin notice that points at the receipt."""
        topic = "order.canceled" if order["canceled_at"] else "order.paid"
        shop_id = shop_ids(seller)["shop_id"]
        path = f"{SHOP.format(shop_id=shop_id)}/receipts/{order['order_id']}"
        body = {
            "event_type": topic,
            "resource_url": f"https://openapi.etsy.com{path}",
            "shop_id": shop_id,
        }
        self.market.post(seller, topic, json.dumps(body, separators=(",", ":")), {})

    def restock(self, order: Record) -> None:
        """Never by itself at Etsy."""

    def edit(self, shown: Shown, state: str | None, fields: dict[str, Any]) -> None:
        """Changes title, description, price, quantity, state."""
        names = {seen: own for own, seen in STATES.items()}
        if state is not None and state not in names:
            raise ValueError(f"state: Etsy has no {state} listings")
        record = self._record(shown)
        record = record | {
            name: fields[name] for name in ("title", "description") if name in fields
        }
        if "price" in fields:
            given = fields["price"]
            record = record | {
                "price": a_price(given["amount"] if isinstance(given, dict) else given)
            }
        if "quantity" in fields:
            record = record | {"quantity": int(fields["quantity"])}
        own = record["state"] if state is None else names[state]
        if own == "sold_out":
            record = record | {"quantity": 0}
        self._listings.change_state(record, own)

    def take_down(self, shown: Shown) -> None:
        """Etsy takes a listing out of the shop; sellers see it as expired."""
        self._listings.change_state(self._record(shown), "expired")

    def _record(self, shown: Shown) -> Record:
        return self.market.store.all("etsy.listing")[shown.external_id]

    def _secret(self, seller: Seller) -> str:
        secret = self.market.accounts.secret("etsy", "webhook", seller.account)[:24]
        return "whsec_" + b64encode(secret).decode()

    def _me(self, call: Call) -> Answer:
        return Answer(200, shop_ids(self.market.accounts.find("etsy", call.account)))

    def _shop(self, call: Call) -> Answer:
        seller = self.market.accounts.find("etsy", call.account)
        return Answer(200, shop(seller, self.market.settings.currency))

    def _profiles(self, call: Call) -> Answer:
        profile = shipping_profile(self.market.accounts.find("etsy", call.account))
        return Answer(200, {"count": 1, "results": [profile]})
