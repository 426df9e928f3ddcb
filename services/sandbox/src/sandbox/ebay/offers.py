"""Offers and the listings they become."""

from typing import Any

from sandbox.ebay.content import (
    account_errors,
    content_errors,
    content_of,
    quantity_of,
    require_language,
    with_quantity,
)
from sandbox.ebay.errors import INVALID, Refused, error, of_problem, refused
from sandbox.market.calls import Answer, Call, Route
from sandbox.market.listings import Shown
from sandbox.market.market import Market
from sandbox.market.store import Record

PREFIX = "/sell/inventory/v1"
OWN = ("account", "status", "listing_id", "listing_status", "sold", "offerId")


class Offers:
    """One offer per SKU; published, it is a listing with an id of its own."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self._store = market.store

    def routes(self) -> list[Route]:
        """Every path it serves."""
        offer = f"{PREFIX}/offer/{{offerId}}"
        return [
            Route("POST", f"{PREFIX}/offer", self.create),
            Route("GET", f"{PREFIX}/offer", self.page),
            Route("GET", offer, lambda call: Answer(200, self.view(self._named(call)))),
            Route("PUT", offer, self.update),
            Route("DELETE", offer, self.delete),
            Route("POST", f"{offer}/publish", self.publish),
            Route("POST", f"{offer}/withdraw", self.withdraw),
        ]

    def create(self, call: Call) -> Answer:
        """CreateOffer."""
        require_language(call)
        body = call.object()
        sku = call.sku = body.get("sku", "")
        if self._store.get("ebay.item", f"{call.account}/{sku}") is None:
            raise refused(25702, f"{sku} could not be found or is not available in the system.")
        for name in ("marketplaceId", "format"):
            if not body.get(name):
                raise refused(25709, f"Invalid value for {name}.")
        known = self.of_sku(call.account, sku)
        if known is not None:
            text = "A user error has occurred. Offer entity already exists."
            raise refused(25002, text, ("offerId", known["offerId"]))
        offer_id = str(self._store.next_number("ebay.offer", 5_000_000_001))
        own = {"account": call.account, "status": "UNPUBLISHED", "sold": 0, "offerId": offer_id}
        self._store.put("ebay.offer", offer_id, body | own)
        self._store.put("ebay.offer_of_sku", f"{call.account}/{sku}", {"offerId": offer_id})
        return Answer(201, {"offerId": offer_id})

    def page(self, call: Call) -> Answer:
        """GetOffers of one SKU; 25713 (404) when it has none."""
        sku = call.sku = call.query.get("sku", "")
        if not sku:
            raise refused(25709, "Invalid value for sku.")
        offer = self.of_sku(call.account, sku)
        if offer is None:
            raise refused(25713, "This Offer is not available.", status=404)
        href = f"https://api.ebay.com{PREFIX}/offer?sku={sku}&limit=25&offset=0"
        body = {"href": href, "limit": 25, "size": 1, "total": 1, "offers": [self.view(offer)]}
        return Answer(200, body)

    def update(self, call: Call) -> Answer:
        """updateOffer: replaces all of it; a live listing changes with it."""
        offer = self._named(call)
        require_language(call)
        own = {name: offer[name] for name in OWN if name in offer}
        fixed = {name: offer[name] for name in ("sku", "marketplaceId", "format")}
        changed = call.object() | fixed | own
        if offer["status"] == "PUBLISHED" and offer["listing_status"] in ("ACTIVE", "OUT_OF_STOCK"):
            self._check(changed, self._item(changed))
        self._store.put("ebay.offer", offer["offerId"], changed)
        self.refresh(call.account, offer["sku"])
        return Answer(204)

    def delete(self, call: Call) -> Answer:
        """DeleteOffer."""
        self.remove(call.account, self._named(call)["sku"])
        return Answer(204)

    def publish(self, call: Call) -> Answer:
        """publishOffer: checks everything, then there is a listing; a live one keeps its id."""
        offer = self._named(call)
        item = self._item(offer)
        self._check(offer, item)
        if quantity_of(item) < 1:
            raise refused(25004, f"{INVALID} an invalid quantity. Quantity must be at least 1.")
        live = offer["status"] == "PUBLISHED" and offer["listing_status"] == "ACTIVE"
        if not live:
            listing_id = str(self._store.next_number("ebay.listing", 110_000_000_001))
            if offer.get("listing_id"):
                self.market.listings.hide("ebay", offer["listing_id"])
            offer = offer | {"status": "PUBLISHED", "listing_id": listing_id, "sold": 0}
            offer["listing_status"] = "ACTIVE"
            self._store.put("ebay.offer", offer["offerId"], offer)
            self.show(offer)
            self.market.went_live("ebay", listing_id)
        return Answer(200, {"listingId": offer["listing_id"]})

    def withdraw(self, call: Call) -> Answer:
        """withdrawOffer: the listing ends; the offer stays and can be published again."""
        offer = self._named(call)
        if offer["status"] != "PUBLISHED":
            raise refused(25002, "A user error has occurred. This offer is not published.")
        offer = offer | {"status": "UNPUBLISHED", "listing_status": "ENDED"}
        self._store.put("ebay.offer", offer["offerId"], offer)
        self.show(offer)
        return Answer(200, {"listingId": offer["listing_id"]})

    def reprice(self, call: Call, entry: Record) -> dict[str, Any]:
        """One offer of a bulk update."""
        offer = self._store.get("ebay.offer", str(entry.get("offerId")))
        if offer is None or offer["account"] != call.account:
            missing = error(25713, "This Offer is not available.")
            return {"offerId": entry.get("offerId"), "statusCode": 404, "errors": [missing]}
        call.sku = offer["sku"]
        if "price" in entry:
            pricing = offer.get("pricingSummary", {}) | {"price": entry["price"]}
            offer = offer | {"pricingSummary": pricing}
        if "availableQuantity" in entry:
            key = f"{call.account}/{offer['sku']}"
            item = self._store.get("ebay.item", key) or {}
            self._store.put("ebay.item", key, with_quantity(item, entry["availableQuantity"]))
        self._store.put("ebay.offer", offer["offerId"], offer)
        self.refresh(call.account, offer["sku"])
        return {"offerId": offer["offerId"], "sku": offer["sku"], "statusCode": 200}

    def of_sku(self, account: str, sku: str) -> Record | None:
        """The offer of a SKU."""
        found = self._store.get("ebay.offer_of_sku", f"{account}/{sku}")
        return self._store.get("ebay.offer", found["offerId"]) if found else None

    def of_listing(self, shown: Shown) -> Record:
        """The offer behind a listing."""
        offer = self.of_sku(shown.account, shown.sku)
        if offer is None:
            raise KeyError(shown.external_id)
        return offer

    def refresh(self, account: str, sku: str) -> None:
        """After a change of quantity: a live listing goes out of stock, or comes back."""
        offer = self.of_sku(account, sku)
        if offer is None or offer["status"] != "PUBLISHED":
            return
        if offer["listing_status"] in ("ACTIVE", "OUT_OF_STOCK"):
            stocked = quantity_of(self._item(offer)) > 0
            status = "ACTIVE" if stocked else "OUT_OF_STOCK"
            if status != offer["listing_status"]:
                offer = offer | {"listing_status": status}
                self._store.put("ebay.offer", offer["offerId"], offer)
                self.show(offer)

    def set_status(self, offer: Record, listing_status: str, sold: int = 0) -> None:
        """The listing's status changes from outside (sale, end, dealer)."""
        changed = offer | {"listing_status": listing_status, "sold": offer["sold"] + sold}
        if listing_status == "WITHDRAWN":
            changed |= {"status": "UNPUBLISHED", "listing_status": "ENDED"}
        else:
            changed["status"] = "PUBLISHED"
        self._store.put("ebay.offer", offer["offerId"], changed)
        self.show(changed)

    def remove(self, account: str, sku: str) -> None:
        """The offer is deleted and its listing with it."""
        offer = self.of_sku(account, sku)
        if offer is not None:
            if offer.get("listing_id"):
                self.market.listings.hide("ebay", offer["listing_id"])
            self._store.delete("ebay.offer", offer["offerId"])
            self._store.delete("ebay.offer_of_sku", f"{account}/{sku}")

    def show(self, offer: Record) -> None:
        """Tell the control API and the ledger what the listing shows."""
        seller = self.market.accounts.find("ebay", offer["account"])
        self.market.listings.show(
            Shown(
                "ebay",
                seller.account,
                seller.dealer,
                offer["listing_id"],
                offer["sku"],
                observed(offer),
            )
        )

    def view(self, offer: Record) -> dict[str, Any]:
        """EbayOfferDetailsWithAll; `listing` is there only for published offers."""
        item = self._item(offer)
        body = {name: value for name, value in offer.items() if name not in OWN}
        body |= {"offerId": offer["offerId"], "status": offer["status"]}
        body["availableQuantity"] = quantity_of(item)
        if offer["status"] == "PUBLISHED":
            body["listing"] = {
                "listingId": offer["listing_id"],
                "listingStatus": offer["listing_status"],
                "soldQuantity": offer["sold"],
            }
        return body

    def check_live(self, offer: Record, item: Record) -> None:
        """A live listing's new content must be as valid as a new listing's."""
        if offer["status"] == "PUBLISHED" and offer["listing_status"] in ("ACTIVE", "OUT_OF_STOCK"):
            self._check(offer, item)

    def _named(self, call: Call) -> Record:
        offer = self._store.get("ebay.offer", call.params["offerId"])
        if offer is None or offer["account"] != call.account:
            raise refused(25713, "This Offer is not available.", status=404)
        call.sku = offer["sku"]
        return offer

    def _item(self, offer: Record) -> Record:
        return self._store.get("ebay.item", f"{offer['account']}/{offer['sku']}") or {}

    def _check(self, offer: Record, item: Record) -> None:
        errors = [*account_errors(offer), *content_errors(offer, item)]
        content = content_of(offer, item)
        problems = self.market.requirements.problems("ebay", offer.get("categoryId"), content)
        errors += [of_problem(problem) for problem in problems]
        if errors:
            raise Refused(400, errors)


def observed(offer: Record) -> str:
    """The listing's state in the words of *observed*."""
    if offer["status"] != "PUBLISHED":
        return "inactive"
    if offer["listing_status"] == "ENDED":
        return "sold" if offer["sold"] else "ended"
    return {"ACTIVE": "active", "OUT_OF_STOCK": "on_hold"}.get(offer["listing_status"], "ended")
