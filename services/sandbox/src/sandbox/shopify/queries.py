"""Query roots."""

from typing import Any

from brocante.contracts.values import Requirement
from sandbox.market.accounts import Seller
from sandbox.market.calls import Call
from sandbox.market.market import Marketplace
from sandbox.market.orders import find_order, orders_of
from sandbox.market.requirements import ATTRIBUTES
from sandbox.market.store import Record
from sandbox.shopify import shop as shops
from sandbox.shopify import views
from sandbox.shopify.catalogue import Catalogue
from sandbox.shopify.definitions import definition
from sandbox.shopify.filters import matching, terms
from sandbox.shopify.graphql import Object, Resolver, Root
from sandbox.shopify.ids import connection, count, digits
from sandbox.shopify.orders import order

ALWAYS = ("/title", "/price", "/quantity", "/images")


class Queries:
    """What one call may ask."""

    def __init__(
        self, place: Marketplace, catalogue: Catalogue, seller: Seller, call: Call
    ) -> None:
        self._place = place
        self._catalogue = catalogue
        self._seller = seller
        self._call = call

    def resolvers(self) -> dict[str, Resolver]:
        """By root field."""
        seller = self._seller
        currency = self._place.market.settings.currency
        return {
            "product": lambda root: self._product(root.arguments["id"]),
            "productByIdentifier": self.product_by_identifier,
            "products": self.products,
            "productsCount": lambda root: count(len(self._matching(root.arguments))),
            "productVariant": lambda root: self._by("variant", root, views.variant),
            "productVariants": self.variants,
            "inventoryItem": lambda root: self._by("item", root, views.inventory_item),
            "order": lambda root: self._order(root.arguments["id"]),
            "orders": self.orders,
            "node": self.node,
            "nodes": lambda root: [self._node(entry) for entry in root.arguments["ids"]],
            "shop": lambda _: shops.shop(seller, currency),
            "location": lambda _: shops.location(seller),
            "locations": lambda root: one(shops.location(seller), root),
            "publication": lambda _: shops.publication(seller),
            "publications": lambda root: one(shops.publication(seller), root),
            "currentAppInstallation": lambda _: shops.installation(seller),
            "metafieldDefinitions": self.definitions,
        }

    def product_by_identifier(self, root: Root) -> Object | None:
        """By id or handle."""
        identifier = root.arguments["identifier"]
        if identifier.get("handle"):
            record = self._catalogue.by("handle", self._seller.account, identifier["handle"])
            return views.product(record, self._seller) if record else None
        return self._product(identifier.get("id"))

    def products(self, root: Root) -> Object:
        """Searched, sorted by id or UPDATED_AT."""
        entries = sorted_by(self._matching(root.arguments), root, "id")
        return connection(
            entries, lambda record: views.product(record, self._seller), root.arguments
        )

    def variants(self, root: Root) -> Object:
        """Searched by the product's fields."""
        entries = sorted_by(self._matching(root.arguments), root, "id")
        return connection(
            entries, lambda record: views.variant(record, self._seller), root.arguments
        )

    def orders(self, root: Root) -> Object:
        """Searched, sorted by UPDATED_AT, or when they were made."""
        found = filter(
            matching(root.arguments.get("query"), order_fields),
            orders_of(self._place, self._seller.account),
        )
        return connection(
            sorted_by(list(found), root, "order_id"),
            lambda record: order(record, self._seller, self._catalogue),
            root.arguments,
        )

    def node(self, root: Root) -> Object | None:
        """Any object by its global id."""
        return self._node(root.arguments["id"])

    def definitions(self, root: Root) -> Object:
        """Metafield definitions of products: how requirements are published."""
        if root.arguments.get("ownerType") != "PRODUCT":
            return connection([], lambda entry: entry, root.arguments)
        subtype = root.arguments.get("constraintSubtype") or {}
        market = self._place.market
        fields = [
            field
            for field in market.requirements.of("shopify", subtype.get("value"))
            if field.field not in ALWAYS or field.max_length is not None or field.required
        ]
        wanted = root.arguments.get("namespace")
        now = market.clock.now()
        shown = [definition(field, now) for field in fields]
        entries = [
            ((f"{place:06d}", ""), entry)
            for place, entry in enumerate(shown)
            if wanted in (None, entry["namespace"])
        ]
        return connection(entries, lambda entry: entry, root.arguments)

    def _product(self, product_id: Any) -> Object | None:
        record = self._catalogue.find(self._seller.account, product_id)
        if record is None:
            return None
        self._call.sku = record["sku"] or None
        return views.product(record, self._seller)

    def _by(self, index: str, root: Root, view: Any) -> Object | None:
        record = self._catalogue.by(index, self._seller.account, digits(root.arguments["id"]))
        view_of: Object | None = view(record, self._seller) if record else None
        return view_of

    def _order(self, order_id: Any) -> Object | None:
        record = find_order(self._place, self._seller.account, digits(order_id))
        return order(record, self._seller, self._catalogue) if record else None

    def _node(self, global_id: str) -> Object | None:
        return self._order(global_id) if "/Order/" in global_id else self._product(global_id)

    def _matching(self, arguments: Any) -> list[Record]:
        query = arguments.get("query")
        sku = next((term for term in terms(query) if term.name == "sku"), None)
        account = self._seller.account
        if sku is not None:
            self._call.sku = sku.text
            record = self._catalogue.by("sku", account, sku.text)
            return [record] if record and matching(query, product_fields)(record) else []
        return [
            record
            for record in self._catalogue.of(account)
            if matching(query, product_fields)(record)
        ]


def one(entry: Object, root: Root) -> Object:
    """A connection of one."""
    return connection([(("1", "1"), entry)], lambda node: node, root.arguments)


def sorted_by(records: list[Record], root: Root, name: str) -> list[tuple[tuple[str, str], Record]]:
    """Records with their sort keys, in order."""
    field = {"UPDATED_AT": "modified_at", "ID": name}.get(root.arguments.get("sortKey", ""), "at")
    return sorted(
        (((record[field], record[name]), record) for record in records), key=lambda pair: pair[0]
    )


def product_fields(record: Record) -> dict[str, Any]:
    """What products can be searched by."""
    return {
        "id": record["id"],
        "sku": record["sku"],
        "title": record["title"],
        "handle": record["handle"],
        "status": record["status"],
        "vendor": record["vendor"],
        "product_type": record["productType"],
        "created_at": record["at"],
        "updated_at": record["modified_at"],
    }


def order_fields(record: Record) -> dict[str, Any]:
    """What orders can be searched by."""
    return {
        "id": record["order_id"],
        "name": f"#{record['number']}",
        "created_at": record["at"],
        "processed_at": record["at"],
        "updated_at": record["modified_at"],
        "sku": record["sku"],
    }


def is_attribute(field: Requirement) -> bool:
    """Whether a requirement is about an attribute."""
    return field.field.startswith(ATTRIBUTES)
