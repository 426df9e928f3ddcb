"""Receipts (orders) and their transactions."""

from typing import Any

from sandbox.etsy import views
from sandbox.etsy.errors import Refused
from sandbox.etsy.listings import SHOP
from sandbox.etsy.shop import shop_ids
from sandbox.market.calls import Answer, Call, Route
from sandbox.market.clock import epoch
from sandbox.market.market import Marketplace
from sandbox.market.orders import find_order, orders_of
from sandbox.market.store import Record


class Receipts:
    """getShopReceipts, getShopReceipt, getShopReceiptTransactionsByReceipt."""

    def __init__(self, place: Marketplace) -> None:
        self._place = place

    def routes(self) -> list[Route]:
        """Every path it serves."""
        one = f"{SHOP}/receipts/{{receipt_id}}"
        return [
            Route("GET", f"{SHOP}/receipts", self.page),
            Route("GET", one, lambda call: Answer(200, self._view(self._named(call)))),
            Route("GET", f"{one}/transactions", self.transactions),
        ]

    def page(self, call: Call) -> Answer:
        """getShopReceipts, newest first unless asked otherwise."""
        limit, offset = int(call.query.get("limit", "25")), int(call.query.get("offset", "0"))
        field = {"updated": "modified_at"}.get(call.query.get("sort_on", ""), "at")
        ascending = call.query.get("sort_order", "desc") in ("asc", "ascending", "up")
        found = sorted(
            (order for order in orders_of(self._place, call.account) if _wanted(order, call)),
            key=lambda order: (order[field], order["order_id"]),
            reverse=not ascending,
        )
        results = [self._view(order) for order in found[offset : offset + limit]]
        return Answer(200, {"count": len(found), "results": results})

    def transactions(self, call: Call) -> Answer:
        """GetShopReceiptTransactionsByReceipt."""
        results = self._view(self._named(call))["transactions"]
        return Answer(200, {"count": len(results), "results": results})

    def _named(self, call: Call) -> Record:
        number = call.params["receipt_id"]
        order = find_order(self._place, call.account, number)
        if order is None:
            shop_id = call.params["shop_id"]
            text = f"Could not find a Shop Receipt with receipt_id = {number}"
            raise Refused(404, f"{text} associated with shop_id = {shop_id}.")
        call.sku = order["sku"]
        return order

    def _view(self, order: Record) -> dict[str, Any]:
        seller = self._place.market.accounts.find("etsy", order["account"])
        return views.receipt(order, shop_ids(seller)["user_id"])


BOUNDS = (
    ("min_created", "at", 1),
    ("max_created", "at", -1),
    ("min_last_modified", "modified_at", 1),
    ("max_last_modified", "modified_at", -1),
)


def _wanted(order: Record, call: Call) -> bool:
    return all(
        (epoch(order[field]) - int(call.query[name])) * sign >= 0
        for name, field, sign in BOUNDS
        if name in call.query
    )
