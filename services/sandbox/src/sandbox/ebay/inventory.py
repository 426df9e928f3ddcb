"""Inventory items: what is for sale, by SKU."""

from typing import Any

from sandbox.ebay.content import quantity_of, require_language, with_quantity
from sandbox.ebay.errors import error, refused
from sandbox.ebay.offers import Offers
from sandbox.market.calls import Answer, Call, Route
from sandbox.market.store import Record

PREFIX = "/sell/inventory/v1"
MAX_SKU = 50
MAX_REQUESTS = 25


class Inventory:
    """Creates, reads and restocks inventory items; offers are told what changed."""

    def __init__(self, offers: Offers) -> None:
        self._offers = offers
        self._store = offers.market.store

    def routes(self) -> list[Route]:
        """Every path it serves."""
        item = f"{PREFIX}/inventory_item/{{sku}}"
        return [
            Route("PUT", item, self.put),
            Route("GET", item, self.get),
            Route("DELETE", item, self.delete),
            Route("GET", f"{PREFIX}/inventory_item", self.page),
            Route("POST", f"{PREFIX}/bulk_update_price_quantity", self.bulk_update),
        ]

    def put(self, call: Call) -> Answer:
        """createOrReplaceInventoryItem: replaces all of it; a live listing changes with it."""
        call.sku = sku = call.params["sku"]
        require_language(call)
        if len(sku) > MAX_SKU:
            raise refused(
                25707,
                "This is an invalid value for a SKU. Only alphanumeric characters"
                " can be used for SKUs, and their length must not exceed 50 characters",
            )
        body = call.object()
        check_item(body)
        key = f"{call.account}/{sku}"
        known = self._store.get("ebay.item", key)
        offer = self._offers.of_sku(call.account, sku)
        if offer is not None:
            self._offers.check_live(offer, body)
        self._store.put("ebay.item", key, body | {"locale": "en_US"})
        self._offers.refresh(call.account, sku)
        return Answer(204) if known else Answer(201, {})

    def get(self, call: Call) -> Answer:
        """GetInventoryItem."""
        call.sku = sku = call.params["sku"]
        return Answer(200, self._item(call.account, sku))

    def delete(self, call: Call) -> Answer:
        """deleteInventoryItem: its offers go too, and a live listing ends."""
        call.sku = sku = call.params["sku"]
        self._item(call.account, sku)
        self._offers.remove(call.account, sku)
        self._store.delete("ebay.item", f"{call.account}/{sku}")
        return Answer(204)

    def page(self, call: Call) -> Answer:
        """getInventoryItems: here `offset` counts pages (OAS 1.18.4), unlike in getOrders."""
        start = f"{call.account}/"
        keys = [key for key in self._store.all("ebay.item") if key.startswith(start)]
        items = [self._item(call.account, key.removeprefix(start)) for key in keys]
        limit = min(int(call.query.get("limit", "25")), 200)
        page = int(call.query.get("offset", "0"))
        shown = items[page * limit : (page + 1) * limit]
        path = f"{PREFIX}/inventory_item"
        body = {
            "href": f"{path}?limit={limit}&offset={page}",
            "limit": limit,
            "size": len(shown),
            "total": len(items),
            "inventoryItems": shown,
        }
        if (page + 1) * limit < len(items):
            body["next"] = f"{path}?limit={limit}&offset={page + 1}"
        return Answer(200, body)

    def bulk_update(self, call: Call) -> Answer:
        """bulkUpdatePriceQuantity: up to 25, each with its own status; 207 when some fail."""
        requests = call.object().get("requests")
        if not isinstance(requests, list) or not 0 < len(requests) <= MAX_REQUESTS:
            raise refused(25709, "Invalid value for requests.")
        responses = [entry for request in requests for entry in self._update(call, request)]
        failed = [entry for entry in responses if entry["statusCode"] != 200]  # noqa: PLR2004
        return Answer(207 if failed else 200, {"responses": responses})

    def _update(self, call: Call, request: Record) -> list[dict[str, Any]]:
        sku = call.sku = request.get("sku")
        item = self._store.get("ebay.item", f"{call.account}/{sku}")
        if sku is not None and item is None:
            text = f"{sku} could not be found or is not available in the system."
            return [{"sku": sku, "statusCode": 404, "errors": [error(25702, text)]}]
        quantity = request.get("shipToLocationAvailability", {}).get("quantity")
        if sku is not None and item is not None and quantity is not None:
            self._store.put("ebay.item", f"{call.account}/{sku}", with_quantity(item, quantity))
        answers = [self._offers.reprice(call, entry) for entry in request.get("offers", [])]
        if sku is not None:
            self._offers.refresh(call.account, sku)
        return answers or [{"sku": sku, "statusCode": 200}]

    def _item(self, account: str, sku: str) -> dict[str, Any]:
        item = self._store.get("ebay.item", f"{account}/{sku}")
        if item is None:
            text = f"{sku} could not be found or is not available in the system."
            raise refused(25702, text, status=404)
        return {"sku": sku, **item}


def check_item(body: Record) -> None:
    """The item's shape, as far as eBay checks it before publishing."""
    product = body.get("product", {})
    for name, values in product.get("aspects", {}).items():
        if not isinstance(values, list) or not all(isinstance(text, str) for text in values):
            detail = f"Could not serialize field [product.aspects.{name}]"
            raise refused(2004, "Invalid request", ("reason", detail))
    quantity = quantity_of(body)
    if not isinstance(quantity, int) or quantity < 0:
        raise refused(25004, "Invalid quantity. The quantity must not be negative.")


def paged(call: Call, name: str, entries: list[Any], path: str) -> dict[str, Any]:
    """A page of a list, as eBay wraps it."""
    limit = min(int(call.query.get("limit", "25")), 200)
    offset = int(call.query.get("offset", "0"))
    page = entries[offset : offset + limit]
    body: dict[str, Any] = {
        "href": f"https://api.ebay.com{path}?limit={limit}&offset={offset}",
        "limit": limit,
        "size": len(page),
        "total": len(entries),
        name: page,
    }
    if offset + limit < len(entries):
        body["next"] = f"https://api.ebay.com{path}?limit={limit}&offset={offset + limit}"
    return body
