"""Selling and canceling, the same on every marketplace; bodies are each marketplace's own."""

from collections.abc import Iterable

from sandbox.market.listings import Shown
from sandbox.market.market import Marketplace
from sandbox.market.store import Record


class NotActive(Exception):  # noqa: N818 - it says what the listing is
    """Only an active listing can be sold."""


def sell(place: Marketplace, shown: Shown, quantity: int) -> Record:
    """A buyer buys: stock falls, the order exists, its webhook is queued."""
    if shown.state != "active":
        raise NotActive(f"The listing is {shown.state}.")
    market = place.market
    seller = market.accounts.find(shown.marketplace, shown.account)
    sold = place.take(shown, quantity)
    ids = place.order_ids()
    now = market.clock.stamp()
    order: Record = {
        **ids,
        "sale_id": f"{place.slug}:{ids['line_id']}",
        "marketplace": place.slug,
        "account": shown.account,
        "sku": shown.sku,
        "external_id": shown.external_id,
        "title": sold.title,
        "price": sold.price,
        "currency": sold.currency,
        "quantity": quantity,
        "at": now,
        "modified_at": now,
        "canceled_at": None,
        "reason": None,
    }
    market.store.put("order", f"{place.slug}/{order['order_id']}", order)
    place.announce_order(seller, order)
    return order


def cancel(place: Marketplace, order_id: str, reason: str | None, *, restock: bool) -> Record:
    """The order is canceled on the marketplace; again is fine. Raises KeyError when unknown."""
    market = place.market
    key = f"{place.slug}/{order_id}"
    order = market.store.all("order")[key]
    if order["canceled_at"] is not None:
        return order
    now = market.clock.stamp()
    order = order | {"canceled_at": now, "modified_at": now, "reason": reason}
    market.store.put("order", key, order)
    if restock:
        place.restock(order)
    place.announce_order(market.accounts.find(place.slug, order["account"]), order)
    return order


def orders_of(place: Marketplace, account: str) -> Iterable[Record]:
    """The orders of one account, oldest first."""
    for order in place.market.store.all("order").values():
        if order["marketplace"] == place.slug and order["account"] == account:
            yield order


def find_order(place: Marketplace, account: str, order_id: str) -> Record | None:
    """One order of an account."""
    order = place.market.store.get("order", f"{place.slug}/{order_id}")
    return order if order and order["account"] == account else None
