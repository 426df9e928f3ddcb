"""Mutations on products."""

from sandbox.market.accounts import Seller
from sandbox.market.calls import Call
from sandbox.market.store import Record
from sandbox.shopify import views
from sandbox.shopify.catalogue import Catalogue
from sandbox.shopify.graphql import Object, Resolver, Root
from sandbox.shopify.ids import digits, gid, user_error
from sandbox.shopify.inputs import BadInput, a_file, with_fields, with_metafields, with_variant
from sandbox.shopify.shop import location_id, publication_id, shop

STATUSES = ("ACTIVE", "ARCHIVED", "DRAFT", "UNLISTED")
MISSING = "Product does not exist"


class Products:
    """What one call may do to products."""

    def __init__(self, catalogue: Catalogue, seller: Seller, call: Call) -> None:
        self._catalogue = catalogue
        self._seller = seller
        self._call = call

    def resolvers(self) -> dict[str, Resolver]:
        """By root field."""
        return {
            "productSet": self.set,
            "productCreate": self.create,
            "productUpdate": self.update,
            "productChangeStatus": self.change_status,
            "productDelete": self.delete,
            "productVariantsBulkUpdate": self.update_variants,
            "publishablePublish": lambda root: self.publish(root, published=True),
            "publishableUnpublish": lambda root: self.publish(root, published=False),
            "metafieldsSet": self.set_metafields,
            "metafieldsDelete": self.delete_metafields,
        }

    def set(self, root: Root) -> Object:
        """Create or update in one go, found by `identifier`."""
        payload: Object = {"__typename": "ProductSetPayload", "productSetOperation": None}
        given = root.arguments["input"]
        identifier = root.arguments.get("identifier") or {}
        record = self._identified(identifier)
        if record is None and identifier.get("id"):
            error = user_error(["identifier", "id"], MISSING, "PRODUCT_DOES_NOT_EXIST")
            return payload | {"product": None, "userErrors": [error]}
        handle = {"handle": identifier["handle"]} if identifier.get("handle") else {}
        record = (record or self._catalogue.new(self._seller)) | handle
        try:
            record = with_fields(record, given, self._catalogue.new_id)
            for place, variant in enumerate(given.get("variants") or ()):
                field = ["input", "variants", str(place)]
                record = with_variant(record, variant, field, location_id(self._seller))
            errors = self._errors(record, ["input"], "INVALID_PRODUCT")
        except BadInput as bad:
            errors = bad.errors
        return payload | self._kept(record, errors)

    def create(self, root: Root) -> Object:
        """A new product; its variant is changed by productVariantsBulkUpdate."""
        record = self._catalogue.new(self._seller)
        given = root.arguments.get("product") or root.arguments.get("input") or {}
        return self._changed("ProductCreatePayload", record, given, root)

    def update(self, root: Root) -> Object:
        """Change fields of a product."""
        given = root.arguments.get("product") or root.arguments.get("input") or {}
        identifier = root.arguments.get("identifier") or {"id": given.get("id")}
        record = self._identified(identifier)
        if record is None:
            errors = [user_error(["id"], MISSING)]
            return {"__typename": "ProductUpdatePayload", "product": None, "userErrors": errors}
        return self._changed("ProductUpdatePayload", record, given, root)

    def change_status(self, root: Root) -> Object:
        """Only the status."""
        typename = "ProductChangeStatusPayload"
        record = self._identified({"id": root.arguments["productId"]})
        if record is None:
            errors = [user_error(["productId"], MISSING, "PRODUCT_NOT_FOUND")]
            return {"__typename": typename, "product": None, "userErrors": errors}
        record = record | {"status": root.arguments["status"]}
        errors = self._catalogue.errors(record, [], "INVALID")
        return {"__typename": typename} | self._kept(record, errors)

    def delete(self, root: Root) -> Object:
        """Gone for good."""
        product_id = (root.arguments.get("input") or {}).get("id")
        record = self._identified({"id": product_id})
        payload = {
            "__typename": "ProductDeletePayload",
            "shop": self._shop(),
            "productDeleteOperation": None,
        }
        if record is None:
            errors = [user_error(["id"], MISSING)]
            return payload | {"deletedProductId": None, "userErrors": errors}
        self._catalogue.delete(record)
        return payload | {"deletedProductId": gid("Product", record["id"]), "userErrors": []}

    def update_variants(self, root: Root) -> Object:
        """Price, SKU and the like of the one variant."""
        payload: Object = {"__typename": "ProductVariantsBulkUpdatePayload"}
        record = self._identified({"id": root.arguments["productId"]})
        if record is None:
            errors = [user_error(["productId"], MISSING, "PRODUCT_DOES_NOT_EXIST")]
            return payload | {"product": None, "productVariants": None, "userErrors": errors}
        errors = []
        for place, variant in enumerate(root.arguments["variants"]):
            field = ["variants", str(place)]
            if variant.get("id") and digits(variant["id"]) != record["variant_id"]:
                text = "Product variant does not exist"
                errors.append(user_error([*field, "id"], text, "PRODUCT_VARIANT_DOES_NOT_EXIST"))
                continue
            try:
                record = with_variant(record, variant, field, location_id(self._seller))
            except BadInput as bad:
                errors += bad.errors
        kept = self._kept(record, errors)
        variants = None if errors else [views.variant(record, self._seller)]
        return payload | kept | {"productVariants": variants}

    def publish(self, root: Root, *, published: bool) -> Object:
        """On or off the Online Store."""
        typename = "PublishablePublishPayload" if published else "PublishableUnpublishPayload"
        payload = {"__typename": typename, "shop": self._shop()}
        record = self._identified({"id": root.arguments["id"]})
        if record is None:
            errors = [user_error(["id"], "Resource does not exist")]
            return payload | {"publishable": None, "userErrors": errors}
        errors = [
            user_error(
                ["input", str(place), "publicationId"],
                "Publication does not exist or is not publishable",
            )
            for place, entry in enumerate(root.arguments["input"])
            if entry.get("publicationId") != publication_id(self._seller)
        ]
        if published and not errors:
            errors = self._catalogue.errors(record, [])
        if not errors:
            stamp = self._catalogue.market.clock.stamp()
            record = record | {"published": published, "published_at": stamp}
            record = self._catalogue.keep(record)
        return payload | {"publishable": views.product(record, self._seller), "userErrors": errors}

    def set_metafields(self, root: Root) -> Object:
        """Metafields of products."""
        payload: Object = {"__typename": "MetafieldsSetPayload"}
        kept = []
        for place, entry in enumerate(root.arguments["metafields"]):
            record = self._identified({"id": entry.get("ownerId")})
            if record is None:
                field = ["metafields", str(place), "ownerId"]
                error = user_error(field, "Owner does not exist", "INVALID")
                return payload | {"metafields": [], "userErrors": [error]}
            metafields = with_metafields(record, [entry], self._catalogue.new_id)
            record = self._catalogue.keep(record | {"metafields": metafields})
            name = f"{entry.get('namespace') or 'custom'}.{entry['key']}"
            kept.append(views.metafield(record["metafields"][name], record))
        return payload | {"metafields": kept, "userErrors": []}

    def delete_metafields(self, root: Root) -> Object:
        """Remove metafields of products; what is not there is null in the answer."""
        gone: list[Object | None] = []
        for entry in root.arguments["metafields"]:
            record = self._identified({"id": entry["ownerId"]})
            name = f"{entry['namespace']}.{entry['key']}"
            if record is None or name not in record["metafields"]:
                gone.append(None)
                continue
            rest = {key: value for key, value in record["metafields"].items() if key != name}
            self._catalogue.keep(record | {"metafields": rest})
            gone.append({"__typename": "MetafieldIdentifier", **entry})
        typename = "MetafieldsDeletePayload"
        return {"__typename": typename, "deletedMetafields": gone, "userErrors": []}

    def _changed(self, typename: str, record: Record, given: Object, root: Root) -> Object:
        try:
            record = with_fields(record, given, self._catalogue.new_id)
            pictures = [
                a_file(entry, self._catalogue.new_id) for entry in root.arguments.get("media") or ()
            ]
            record = record | {"files": [*record["files"], *pictures]}
            errors = self._errors(record, [], None)
        except BadInput as bad:
            errors = [user_error(error["field"][1:], error["message"]) for error in bad.errors]
        return {"__typename": typename} | self._kept(record, errors)

    def _errors(self, record: Record, prefix: list[str], code: str | None) -> list[Object]:
        errors = self._catalogue.errors(record, prefix, code)
        if record["status"] not in STATUSES:
            errors.append(user_error([*prefix, "status"], "Status is invalid", code))
        other = self._catalogue.by("handle", self._seller.account, record["handle"])
        if other is not None and other["id"] != record["id"]:
            text = f"Handle '{record['handle']}' already in use. Please provide a new handle."
            code = code and "HANDLE_NOT_UNIQUE"
            errors.append(user_error([*(prefix or ["input"]), "handle"], text, code))
        return errors

    def _kept(self, record: Record, errors: list[Object]) -> Object:
        self._call.sku = record["sku"] or self._call.sku
        if errors:
            return {"product": None, "userErrors": errors}
        record = self._catalogue.keep(record)
        return {"product": views.product(record, self._seller), "userErrors": []}

    def _identified(self, identifier: Object) -> Record | None:
        record = None
        if identifier.get("id"):
            record = self._catalogue.find(self._seller.account, identifier["id"])
        elif identifier.get("handle"):
            record = self._catalogue.by("handle", self._seller.account, identifier["handle"])
        if record is not None:
            self._call.sku = record["sku"] or None
        return record

    def _shop(self) -> Object:
        return shop(self._seller, self._catalogue.market.settings.currency)
