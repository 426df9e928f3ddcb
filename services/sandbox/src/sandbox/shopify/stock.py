"""Mutations on inventory, which since 2026-04 need `@idempotent` and `changeFromQuantity`."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from sandbox.market.accounts import Seller
from sandbox.market.calls import Call
from sandbox.market.clock import seconds
from sandbox.shopify import views
from sandbox.shopify.catalogue import Catalogue
from sandbox.shopify.graphql import GraphQLError, Object, Resolver, Root
from sandbox.shopify.ids import digits, gid, user_error
from sandbox.shopify.shop import location_id

MAX_QUANTITY = 1_000_000_000
NAMES = ("available", "on_hand")


class Stock:
    """What one call may do to stock."""

    def __init__(self, catalogue: Catalogue, seller: Seller, call: Call) -> None:
        self._catalogue = catalogue
        self._seller = seller
        self._call = call

    def resolvers(self) -> dict[str, Resolver]:
        """By root field."""
        return {
            "inventorySetQuantities": self.set_quantities,
            "inventoryActivate": self.activate,
        }

    def set_quantities(self, root: Root) -> Object:
        """Set what is available; a wrong `changeFromQuantity` changes nothing."""
        key = self._key(root)
        given = root.arguments["input"]
        if not all("changeFromQuantity" in entry for entry in given["quantities"]):
            raise GraphQLError(
                "InventoryQuantityInput must include the following argument: changeFromQuantity.",
                "INVALID_FIELD_ARGUMENTS",
                [root.name],
            )
        payload: Object = {"__typename": "InventorySetQuantitiesPayload"}
        fingerprint = sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()
        known = self._catalogue.market.store.get("shopify.idempotent", key)
        if known is not None and known["hash"] != fingerprint:
            text = "The same idempotency key was used with other parameters."
            error = user_error(None, text, "IDEMPOTENCY_KEY_PARAMETER_MISMATCH")
            return payload | {"inventoryAdjustmentGroup": None, "userErrors": [error]}
        if known is not None:
            return payload | {"inventoryAdjustmentGroup": self._group(known), "userErrors": []}
        errors = self._errors(given)
        if errors:
            return payload | {"inventoryAdjustmentGroup": None, "userErrors": errors}
        group = self._apply(given) | {"hash": fingerprint}
        self._catalogue.market.store.put("shopify.idempotent", key, group)
        return payload | {"inventoryAdjustmentGroup": self._group(group), "userErrors": []}

    def activate(self, root: Root) -> Object:
        """Stock an item at the location; it always is, so only the quantity can change."""
        self._key(root)
        payload: Object = {"__typename": "InventoryActivatePayload"}
        item = digits(root.arguments["inventoryItemId"])
        record = self._catalogue.by("item", self._seller.account, item)
        if record is None or root.arguments["locationId"] != location_id(self._seller):
            error = user_error(["inventoryItemId"], "The product couldn't be stocked there.")
            return payload | {"inventoryLevel": None, "userErrors": [error]}
        if root.arguments.get("available") is not None:
            record = self._catalogue.keep(record | {"quantity": root.arguments["available"]})
        level = views.inventory_level(record, self._seller)
        return payload | {"inventoryLevel": level, "userErrors": []}

    def _key(self, root: Root) -> str:
        key = root.directives.get("idempotent", {}).get("key")
        if not key:
            raise GraphQLError(
                "The @idempotent directive is required for this mutation but was not provided.",
                "BAD_REQUEST",
                [root.name],
            )
        return f"{self._seller.account}/{root.name}/{key}"

    def _errors(self, given: Mapping[str, Any]) -> list[Object]:
        if given.get("name") not in NAMES:
            text = "The quantity name must be either 'available' or 'on_hand'."
            return [user_error(["input", "name"], text, "INVALID_NAME")]
        return [
            error
            for place, entry in enumerate(given["quantities"])
            for error in self._entry_errors(entry, ["input", "quantities", str(place)])
        ]

    def _entry_errors(self, entry: Object, path: list[str]) -> list[Object]:
        record = self._catalogue.by(
            "item", self._seller.account, digits(entry.get("inventoryItemId"))
        )
        if record is None:
            text = "The specified inventory item could not be found."
            return [user_error([*path, "inventoryItemId"], text, "INVALID_INVENTORY_ITEM")]
        self._call.sku = record["sku"] or None
        if entry.get("locationId") != location_id(self._seller):
            text = "The specified location could not be found."
            return [user_error([*path, "locationId"], text, "INVALID_LOCATION")]
        if entry["quantity"] < 0:
            text = "The quantity can't be negative."
            return [user_error([*path, "quantity"], text, "INVALID_QUANTITY_NEGATIVE")]
        if entry["quantity"] > MAX_QUANTITY:
            text = "The quantity can't be higher than 1,000,000,000."
            return [user_error([*path, "quantity"], text, "INVALID_QUANTITY_TOO_HIGH")]
        if entry["changeFromQuantity"] not in (None, record["quantity"]):
            text = "The specified quantity does not match the current quantity."
            field = [*path, "changeFromQuantity"]
            return [user_error(field, text, "CHANGE_FROM_QUANTITY_STALE")]
        return []

    def _apply(self, given: Mapping[str, Any]) -> Object:
        changes = []
        for entry in given["quantities"]:
            item = digits(entry["inventoryItemId"])
            record = self._catalogue.by("item", self._seller.account, item)
            if record is not None:
                delta = entry["quantity"] - record["quantity"]
                self._catalogue.keep(record | {"quantity": entry["quantity"]})
                changes.append({"item": item, "name": given["name"], "delta": delta})
        return {
            "id": self._catalogue.new_id(),
            "at": self._catalogue.market.clock.stamp(),
            "reason": given["reason"],
            "changes": changes,
        }

    def _group(self, group: Object) -> Object:
        return {
            "__typename": "InventoryAdjustmentGroup",
            "id": gid("InventoryAdjustmentGroup", group["id"]),
            "createdAt": seconds(group["at"]),
            "reason": group["reason"],
            "referenceDocumentUri": None,
            "changes": lambda _: [self._change(change) for change in group["changes"]],
        }

    def _change(self, change: Object) -> Object:
        record = self._catalogue.by("item", self._seller.account, change["item"])
        item = views.inventory_item(record, self._seller) if record else None
        return {
            "__typename": "InventoryChange",
            "name": change["name"],
            "delta": change["delta"],
            "quantityAfterChange": record["quantity"] if record else None,
            "ledgerDocumentUri": None,
            "item": item,
        }
