"""Listings: drafts, changes of state, inventory."""

from typing import Any

from sandbox.etsy import views
from sandbox.etsy.errors import Refused, missing, of_problem, unknown_listing, wrong
from sandbox.etsy.fields import a_price, a_quantity, changed_fields, new_listing
from sandbox.etsy.shop import shop_ids
from sandbox.market.calls import Answer, Call, Route
from sandbox.market.clock import epoch
from sandbox.market.listings import Shown
from sandbox.market.market import Market
from sandbox.market.store import Record

APP = "/v3/application"
SHOP = f"{APP}/shops/{{shop_id}}"
STATES = {
    "active": "active",
    "inactive": "inactive",
    "sold_out": "sold",
    "draft": "draft",
    "expired": "ended",
}


class Listings:
    """Everything about listings except their properties and images."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self._store = market.store
        self._currency = market.settings.currency

    def routes(self) -> list[Route]:
        """Every path it serves."""
        one = f"{APP}/listings/{{listing_id}}"
        return [
            Route("POST", f"{SHOP}/listings", self.create),
            Route("GET", f"{SHOP}/listings", self.page),
            Route("GET", f"{SHOP}/listings/active", self.page),
            Route("PATCH", f"{SHOP}/listings/{{listing_id}}", self.update),
            Route("PUT", f"{SHOP}/listings/{{listing_id}}", self.update),
            Route("GET", one, self.get),
            Route("DELETE", one, self.delete),
            Route("GET", f"{one}/inventory", self.inventory),
            Route("PUT", f"{one}/inventory", self.put_inventory),
        ]

    def create(self, call: Call) -> Answer:
        """CreateDraftListing."""
        fields = new_listing(call.form())
        now = self.market.clock.stamp()
        listing_id = self._store.next_number("etsy.listing", 1_500_000_001)
        record = fields | {
            "listing_id": listing_id,
            "account": call.account,
            "state": "draft",
            "sku": "",
            "at": now,
            "state_at": now,
            "modified_at": now,
        }
        self.keep(record)
        return Answer(201, self.view(record))

    def page(self, call: Call) -> Answer:
        """getListingsByShop: one state at a time, active unless another is asked for."""
        state = call.query.get("state", "active")
        limit, offset = int(call.query.get("limit", "25")), int(call.query.get("offset", "0"))
        found = [
            record
            for record in self._store.all("etsy.listing").values()
            if record["account"] == call.account and record["state"] == state
        ]
        includes = call.query.get("includes", "")
        results = [self.view(record, includes) for record in found[offset : offset + limit]]
        return Answer(200, {"count": len(found), "results": results})

    def get(self, call: Call) -> Answer:
        """GetListing."""
        return Answer(200, self.view(self.named(call), call.query.get("includes", "")))

    def update(self, call: Call) -> Answer:
        """updateListing: fields and state; what is active stays complete."""
        record = self.named(call)
        form = call.form()
        record = record | changed_fields(form)
        state = str(form.get("state", record["state"]))
        if state not in ("active", "inactive", record["state"]):
            raise Refused(400, wrong("/state", "must be one of active, inactive"))
        if state == "inactive" and record["state"] == "draft":
            raise Refused(400, "Cannot deactivate a listing in this state: state = draft")
        if state == "active":
            self._check(record)
        self.change_state(record, state)
        return Answer(200, self.view(self._store.get("etsy.listing", str(record["listing_id"]))))

    def delete(self, call: Call) -> Answer:
        """DeleteListing."""
        record = self.named(call)
        self._store.delete("etsy.listing", str(record["listing_id"]))
        self.market.listings.hide("etsy", str(record["listing_id"]))
        return Answer(204)

    def inventory(self, call: Call) -> Answer:
        """GetListingInventory."""
        return Answer(200, views.inventory(self.named(call), self._currency))

    def put_inventory(self, call: Call) -> Answer:
        """updateListingInventory: price, quantity and SKU of the one product; never 0."""
        record = self.named(call)
        products = call.object().get("products")
        if not products:
            raise missing("products")
        product = products[0]
        offerings = product.get("offerings")
        if not isinstance(offerings, list) or not offerings:
            raise Refused(400, "Expected float value for 'price' (got NULL).")
        changed = record | {
            "price": a_price(offerings[0].get("price")),
            "quantity": a_quantity(offerings[0].get("quantity", 0)),
            "sku": product.get("sku") or record["sku"],
        }
        call.sku = changed["sku"]
        if record["state"] == "active":
            self._check(changed)
        self.keep(changed | {"modified_at": self.market.clock.stamp()})
        return Answer(200, views.inventory(changed, self._currency))

    def change_state(self, record: Record, state: str) -> None:
        """Keep a listing in a state; a sold-out one that becomes active is renewed."""
        now = self.market.clock.stamp()
        changed = record | {"state": state, "modified_at": now}
        went_live = state == "active" and record["state"] != "active"
        if state != record["state"]:
            changed["state_at"] = now
        if state == "active":
            changed["quantity"] = max(1, changed["quantity"])
        self.keep(changed)
        if went_live:
            self.market.went_live("etsy", str(record["listing_id"]))

    def keep(self, record: Record) -> None:
        """Write a listing and show it."""
        listing_id = str(record["listing_id"])
        self._store.put("etsy.listing", listing_id, record)
        seller = self.market.accounts.find("etsy", record["account"])
        state = STATES[record["state"]]
        self.market.listings.show(
            Shown("etsy", seller.account, seller.dealer, listing_id, record["sku"], state)
        )

    def named(self, call: Call) -> Record:
        """The listing a path names; it must be the shop's own."""
        listing_id = call.params["listing_id"]
        record = self._store.get("etsy.listing", listing_id)
        if record is None or (call.account and record["account"] != call.account):
            raise unknown_listing(listing_id)
        call.sku = record["sku"] or None
        return record

    def view(self, record: Record | None, includes: str | None = None) -> dict[str, Any]:
        """ShopListing; with `includes` the form that has SKUs and the associations asked for."""
        if record is None:
            return {}
        seller = self.market.accounts.find("etsy", record["account"])
        body = views.listing(record, shop_ids(seller), self._currency)
        if includes is None:
            return body
        body["skus"] = [record["sku"]] if record["sku"] else []
        if "inventory" in includes.lower():
            body["inventory"] = views.inventory(record, self._currency)
        if "images" in includes.lower():
            body["images"] = self.images(record)
        return body

    def images(self, record: Record) -> list[dict[str, Any]]:
        """The listing's pictures, in order."""
        created = epoch(record["at"])
        return [
            views.image(record["listing_id"], image_id, rank, created)
            for rank, image_id in enumerate(record.get("image_ids", []), start=1)
        ]

    def _check(self, record: Record) -> None:
        category = str(record.get("taxonomy_id") or "")
        problems = self.market.requirements.problems("etsy", category, content_of(record))
        if problems:
            raise Refused(400, "; ".join(of_problem(problem) for problem in problems))


def content_of(record: Record) -> dict[str, Any]:
    """The listing's content by the JSON Pointers that requirements use."""
    content = {
        "/title": record.get("title"),
        "/description": record.get("description"),
        "/price": record.get("price"),
        "/quantity": record.get("quantity"),
        "/images": record.get("image_ids"),
        "/category": str(record.get("taxonomy_id") or ""),
    }
    for entry in record.get("properties", {}).values():
        values = entry["values"]
        content[f"/attributes/{entry['property_name']}"] = values[0] if len(values) == 1 else values
    return content
