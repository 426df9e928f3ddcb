"""Shopify, put together: GraphQL, refusals, webhooks, and what happens to products from outside."""

from typing import Any

from sandbox.market import signing
from sandbox.market.accounts import Seller
from sandbox.market.calls import Answer, BadBody, Call, Route, Routes
from sandbox.market.limits import Bucket
from sandbox.market.listings import Shown
from sandbox.market.market import Market, Marketplace, Refusal, Sold
from sandbox.market.orders import cancel
from sandbox.market.store import Record
from sandbox.shopify import access
from sandbox.shopify.catalogue import Catalogue
from sandbox.shopify.graphql import GraphQLError, Object, Resolver, Root
from sandbox.shopify.ids import digits, gid, user_error
from sandbox.shopify.inputs import a_price
from sandbox.shopify.orders import order_body, product_body
from sandbox.shopify.products import Products
from sandbox.shopify.queries import Queries
from sandbox.shopify.requests import cost_of, request_of, run
from sandbox.shopify.shop import domain, location_id, publication_id
from sandbox.shopify.stock import Stock

API_VERSION = "2026-04"
STATIC_ERRORS = ("undefinedField", "missingRequiredArguments")
EDITS: dict[str, Object] = {
    "active": {"status": "ACTIVE", "published": True},
    "on_hold": {"status": "ACTIVE", "published": True, "quantity": 0, "sold_out": False},
    "inactive": {"published": False},
    "draft": {"status": "DRAFT"},
    "ended": {"status": "ARCHIVED"},
    "sold": {"quantity": 0, "sold_out": True},
}


class Shopify(Marketplace):
    """The marketplace `shopify`."""

    slug = "shopify"

    def __init__(self, market: Market) -> None:
        super().__init__(market)
        limits = market.settings.limits
        points, rate = limits.shopify_points, limits.shopify_points_per_second
        self._bucket = Bucket(market.clock, points, rate)
        self._catalogue = Catalogue(market)
        token = "/admin/oauth/access_token"  # noqa: S105 - a path
        self.routes = Routes(
            [
                Route("POST", f"/admin/api/{API_VERSION}/graphql.json", self._graphql),
                Route("POST", token, lambda call: access.token(market.accounts, call), open=True),
            ]
        )

    def authenticate(self, call: Call) -> bool:
        """X-Shopify-Access-Token."""
        account = access.opened_by(self.market.accounts, call)
        call.account = account or ""
        return account is not None

    def limited(self, call: Call) -> Answer | None:
        """Costs are counted when the query is known."""
        _ = call
        return None

    def changes(self, call: Call) -> bool:
        """Mutations; everything is a POST."""
        try:
            return request_of(call).mutation
        except (GraphQLError, BadBody):
            return False

    def refuse(self, why: Refusal, call: Call, detail: str = "") -> Answer:
        """Shopify's answers before GraphQL, and THROTTLED."""
        if why == "unauthorized":
            text = "[API] Invalid API key or access token (unrecognized login or wrong password)"
            return Answer(401, {"errors": text})
        if why == "rate_limited":
            return self._throttled(call.account, self.market.settings.limits.shopify_points)
        if why == "not_found":
            return Answer(404, {"errors": "Not Found"})
        if why == "bad_body":
            return Answer(400, {"errors": f"Bad Request: {detail}"})
        if self.market.random.random() < 0.5:  # noqa: PLR2004 - both are seen in the wild
            return Answer(500, {"errors": "Internal Server Error"})
        request_id = self.market.uuid("shopify", "request", self.market.clock.stamp())
        text = "Internal error. Looks like something went wrong on our end.\n"
        text += f"Request ID: {request_id} (include this in support requests)."
        extensions = {"requestId": request_id, "code": "INTERNAL_SERVER_ERROR"}
        return Answer(200, {"errors": [{"message": text, "extensions": extensions}], "data": None})

    def credentials(self, seller: Seller) -> dict[str, str]:
        """The shop's token and the app's keys."""
        return {
            "access_token": access.access_token(seller),
            "client_id": access.client_id(seller),
            "client_secret": access.client_secret(seller),
            "shop": domain(seller),
        }

    def defaults(self, seller: Seller) -> dict[str, str]:
        """Location and sales channel."""
        return {
            "location_id": location_id(seller),
            "publication_id": publication_id(seller),
        }

    def signing(self, seller: Seller) -> dict[str, str | None]:
        """HMAC with the app's secret."""
        return {
            "scheme": "shopify",
            "secret": access.client_secret(seller),
            "private_key": None,
            "kid": None,
            "digest": None,
            "verification_token": None,
        }

    def signed(self, seller: Seller, delivery: Record) -> dict[str, str]:
        """X-Shopify-Hmac-Sha256 over the body as sent."""
        body = delivery["body"].encode()
        return {
            "x-shopify-hmac-sha256": signing.shopify(access.client_secret(seller), body),
            "x-shopify-topic": delivery["topic"],
            "x-shopify-webhook-id": delivery["id"],
        }

    def take(self, shown: Shown, quantity: int) -> Sold:
        """Stock falls; at 0 the product is sold."""
        record = self._record(shown)
        left = max(0, record["quantity"] - quantity)
        record = self._catalogue.keep(record | {"quantity": left, "sold_out": left == 0})
        self._announce_product(record)
        return Sold(record["title"], record["price"], record["currency"])

    def order_ids(self) -> dict[str, Any]:
        """Ids beyond 2^53, and the number people see."""
        number = self.market.store.next_number("shopify.order", 1001)
        ids = [self._catalogue.new_id() for _ in range(2)]
        return {"order_id": ids[0], "line_id": ids[1], "number": number}

    def announce_order(self, seller: Seller, order: Record) -> None:
        """orders/create or orders/cancelled."""
        topic = "orders/cancelled" if order["canceled_at"] else "orders/create"
        product = self._catalogue.find(order["account"], order["external_id"])
        self._send(seller, topic, order_body(order, product))

    def restock(self, order: Record) -> None:
        """The pieces are available again, and an active product is on sale at once."""
        record = self._catalogue.find(order["account"], order["external_id"])
        if record is not None:
            quantity = record["quantity"] + order["quantity"]
            self._announce_product(self._catalogue.keep(record | {"quantity": quantity}))

    def edit(self, shown: Shown, state: str | None, fields: dict[str, Any]) -> None:
        """Changes title, description, price, quantity, state."""
        if state is not None and state not in EDITS:
            raise ValueError(f"state: Shopify has no {state} products")
        record = self._record(shown)
        if "title" in fields:
            record = record | {"title": fields["title"]}
        if "description" in fields:
            record = record | {"descriptionHtml": fields["description"]}
        if "price" in fields:
            given = fields["price"]
            amount = given["amount"] if isinstance(given, dict) else given
            record = record | {"price": a_price(amount, ["price"])}
        if "quantity" in fields:
            record = record | {"quantity": int(fields["quantity"])}
        if state is not None:
            record = record | EDITS[state] | {"published_at": self.market.clock.stamp()}
        if state == "active":
            record = record | {"quantity": max(1, record["quantity"])}
        self._announce_product(self._catalogue.keep(record))

    def take_down(self, shown: Shown) -> None:
        """Shopify unpublishes the product."""
        self._announce_product(self._catalogue.keep(self._record(shown) | {"published": False}))

    def _graphql(self, call: Call) -> Answer:
        try:
            request = request_of(call)
        except GraphQLError as error:
            return Answer(200, {"errors": [error.entry]})
        roots = list(request.roots())
        cost = float(sum(cost_of(request, root) for _, _, root in roots))
        if self._bucket.available(call.account) < cost:
            return self._throttled(call.account, cost)
        self._bucket.spend(call.account, cost)
        resolvers = self._resolvers(call, mutation=request.mutation)
        data, errors = run(request, roots, resolvers)
        body: Object = {"errors": errors} if errors else {}
        if not any(error["extensions"]["code"] in STATIC_ERRORS for error in errors):
            body["data"] = data
        return Answer(200, body | {"extensions": self._costs(call.account, cost, cost)})

    def _resolvers(self, call: Call, *, mutation: bool) -> dict[str, Resolver]:
        seller = self.market.accounts.find("shopify", call.account)
        if not mutation:
            return Queries(self, self._catalogue, seller, call).resolvers()
        return {
            **Products(self._catalogue, seller, call).resolvers(),
            **Stock(self._catalogue, seller, call).resolvers(),
            "orderCancel": self._order_cancel,
        }

    def _order_cancel(self, root: Root) -> Object:
        order_id = digits(root.arguments["orderId"])
        payload: Object = {"__typename": "OrderCancelPayload", "userErrors": []}
        restock = bool(root.arguments.get("restock"))
        try:
            cancel(self, order_id, root.arguments.get("reason"), restock=restock)
        except KeyError:
            error = user_error(["orderId"], "Order does not exist", "NOT_FOUND")
            return payload | {"job": None, "orderCancelUserErrors": [error]}
        job = {
            "__typename": "Job",
            "id": gid("Job", self.market.uuid("job", order_id)),
            "done": True,
        }
        return payload | {"job": job, "orderCancelUserErrors": []}

    def _throttled(self, account: str, cost: float) -> Answer:
        extensions = {
            "code": "THROTTLED",
            "documentation": "https://shopify.dev/api/usage/rate-limits",
        }
        error = {"message": "Throttled", "extensions": extensions}
        costs = self._costs(account, cost, None)
        return Answer(200, {"errors": [error], "extensions": costs})

    def _costs(self, account: str, requested: float, actual: float | None) -> Object:
        limits = self.market.settings.limits
        return {
            "cost": {
                "requestedQueryCost": int(requested),
                "actualQueryCost": None if actual is None else int(actual),
                "throttleStatus": {
                    "maximumAvailable": limits.shopify_points,
                    "currentlyAvailable": int(self._bucket.available(account)),
                    "restoreRate": limits.shopify_points_per_second,
                },
            }
        }

    def _record(self, shown: Shown) -> Record:
        record = self._catalogue.find(shown.account, shown.external_id)
        if record is None:
            raise KeyError(shown.external_id)
        return record

    def _announce_product(self, record: Record) -> None:
        seller = self.market.accounts.find("shopify", record["account"])
        self._send(seller, "products/update", product_body(record))

    def _send(self, seller: Seller, topic: str, body: str) -> None:
        number = str(self.market.store.next_number("shopify.event", 1))
        headers = {
            "x-shopify-event-id": self.market.uuid("shopify", "event", number),
            "x-shopify-shop-domain": domain(seller),
            "x-shopify-api-version": API_VERSION,
            "x-shopify-triggered-at": self.market.clock.stamp().replace("Z", "000Z"),
        }
        self.market.post(seller, topic, body, headers)
