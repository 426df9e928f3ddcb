"""The shop's products: kept, found, shown, and what they must have to be on sale."""

from typing import Any

from sandbox.market.accounts import Seller
from sandbox.market.listings import Shown
from sandbox.market.market import Market
from sandbox.market.requirements import Problem
from sandbox.market.store import Record
from sandbox.shopify.graphql import Object
from sandbox.shopify.ids import FIRST_ID, digits, user_error

MAX_TITLE = 255
MAX_IMAGES = 250
PATHS = {
    "title": ["title"],
    "description": ["descriptionHtml"],
    "price": ["variants", "0", "price"],
    "images": ["files"],
    "category": ["productType"],
    "condition": ["metafields", "custom.condition"],
}


class Catalogue:
    """Products by id, handle, SKU, variant and inventory item."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self._store = market.store

    def new(self, seller: Seller) -> Record:
        """A product with nothing in it yet, not kept."""
        now = self.market.clock.stamp()
        product_id, variant_id, item_id = (self.new_id() for _ in range(3))
        return {
            "id": product_id,
            "account": seller.account,
            "variant_id": variant_id,
            "inventory_item_id": item_id,
            "title": "",
            "descriptionHtml": "",
            "handle": f"product-{product_id}",
            "vendor": "",
            "productType": "",
            "category": None,
            "tags": [],
            "status": "ACTIVE",
            "published": False,
            "published_at": None,
            "was_live": False,
            "sold_out": False,
            "sku": "",
            "price": "0.00",
            "currency": self.market.settings.currency,
            "quantity": 0,
            "metafields": {},
            "files": [],
            "at": now,
            "modified_at": now,
        }

    def new_id(self) -> str:
        """The next id of anything."""
        return str(self._store.next_number("shopify.id", FIRST_ID))

    def find(self, account: str, product_id: Any) -> Record | None:
        """A product by global id or digits."""
        record = self._store.get("shopify.product", digits(product_id))
        return record if record and record["account"] == account else None

    def by(self, index: str, account: str, value: str) -> Record | None:
        """A product by `handle`, `sku`, `variant` or `item`."""
        found = self._store.get(f"shopify.{index}", f"{account}/{value}")
        return self.find(account, found["id"]) if found else None

    def of(self, account: str) -> list[Record]:
        """Every product of a shop."""
        products = self._store.all("shopify.product").values()
        return [record for record in products if record["account"] == account]

    def keep(self, record: Record) -> Record:
        """Write a product, its look-ups, and what it shows; gives it back as kept."""
        before = self._store.get("shopify.product", record["id"])
        state = observed(record)
        went_live = state == "active" and (before is None or observed(before) != "active")
        record = record | {
            "modified_at": self.market.clock.stamp(),
            "was_live": record["was_live"] or state == "active",
            "sold_out": record["sold_out"] and record["quantity"] < 1,
        }
        if before is None or before["handle"] != record["handle"]:
            self._index("handle", record, record["handle"])
        if before is None or before["sku"] != record["sku"]:
            self._index("sku", record, record["sku"])
        if before is None:
            self._index("variant", record, record["variant_id"])
            self._index("item", record, record["inventory_item_id"])
        self._store.put("shopify.product", record["id"], record)
        self._show(record)
        if went_live:
            self.market.went_live("shopify", record["id"])
        return record

    def delete(self, record: Record) -> None:
        """The product is gone."""
        for index, value in (
            ("handle", record["handle"]),
            ("sku", record["sku"]),
            ("variant", record["variant_id"]),
            ("item", record["inventory_item_id"]),
        ):
            self._store.delete(f"shopify.{index}", f"{record['account']}/{value}")
        self._store.delete("shopify.product", record["id"])
        self.market.listings.hide("shopify", record["id"])

    def errors(self, record: Record, prefix: list[str], code: str | None = None) -> list[Object]:
        """User errors of a product as it would be kept: shape always, requirements if active."""
        errors = []
        if not record["title"].strip():
            errors.append(user_error([*prefix, "title"], "Title can't be blank", code))
        if len(record["title"]) > MAX_TITLE:
            text = f"Title is too long (maximum is {MAX_TITLE} characters)"
            errors.append(user_error([*prefix, "title"], text, code))
        if len(record["files"]) > MAX_IMAGES:
            text = f"Files can't be more than {MAX_IMAGES}"
            errors.append(user_error([*prefix, "files"], text, code))
        if record["status"] != "ACTIVE":
            return errors
        category = record["productType"] or None
        problems = self.market.requirements.problems("shopify", category, content_of(record))
        return errors + [of_problem(problem, prefix, code) for problem in problems]

    def _index(self, index: str, record: Record, value: str) -> None:
        if value:
            key = f"{record['account']}/{value}"
            self._store.put(f"shopify.{index}", key, {"id": record["id"]})

    def _show(self, record: Record) -> None:
        seller = self.market.accounts.find("shopify", record["account"])
        self.market.listings.show(
            Shown(
                "shopify",
                seller.account,
                seller.dealer,
                record["id"],
                record["sku"],
                observed(record),
            )
        )


def observed(record: Record) -> str:
    """The product's state in the words of *observed*."""
    if record["status"] == "DRAFT" and not record["was_live"]:
        return "draft"
    if record["sold_out"] and record["quantity"] < 1:
        return "sold"
    if record["status"] != "ACTIVE" or not record["published"]:
        return "inactive"
    return "active" if record["quantity"] > 0 else "on_hold"


def of_problem(problem: Problem, prefix: list[str], code: str | None) -> Object:
    """A broken requirement in Shopify's words."""
    path = ["metafields", f"custom.{problem.name}"]
    if not problem.attribute:
        path = PATHS.get(problem.name, [problem.name])
    label = problem.requirement.label
    text = f"{label} can't be blank" if problem.fault == "missing" else f"{label} {problem.text}"
    if code is not None:
        code = "INVALID_METAFIELD" if path[0] == "metafields" else code
    return user_error([*prefix, *path], text, code)


def content_of(record: Record) -> dict[str, Any]:
    """The product's content by the JSON Pointers that requirements use."""
    content = {
        "/title": record["title"],
        "/description": record["descriptionHtml"],
        "/price": record["price"],
        "/quantity": record["quantity"],
        "/images": record["files"],
        "/category": record["category"] or record["productType"],
    }
    for name, entry in record["metafields"].items():
        namespace, _, key = name.partition(".")
        if namespace == "custom":
            content[f"/attributes/{key}"] = entry["value"]
            if key == "condition":
                content["/condition"] = entry["value"]
    return content
