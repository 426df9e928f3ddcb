"""Shopify as the reconcile loop sees it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from brocante.contracts.marketplace import Content
from marketplace_sync.marketplaces.calls import Answer, Calls, Response
from marketplace_sync.marketplaces.contract import (
    Account,
    Capabilities,
    Done,
    Gone,
    Link,
    ListingSeen,
    Notice,
    Notices,
    Outcome,
    RequirementSet,
    Unknown,
    Window,
)
from marketplace_sync.marketplaces.shopify import documents, errors, mapping, webhooks
from marketplace_sync.marketplaces.shopify.client import ShopifyClient

PRODUCT_ID = "gid://shopify/Product/"
ORDER_ID = "gid://shopify/Order/"


class ShopifyAdapter:
    """One shop. `external_id` is the product's number, as text."""

    slug = "shopify"
    capabilities = Capabilities(
        satisfies_on_hold=frozenset({"on_hold", "inactive", "ended"}),
        # Shopify, API rate limits: cost buckets answer for themselves; this only keeps bursts low.
        windows=(Window("second", 20, 1.0),),
        idempotent_activation=True,
        verify_after=frozenset({"activate", "deactivate"}),
    )

    def __init__(self, account: Account, calls: Calls) -> None:
        self._defaults: Mapping[str, Any] = account.defaults
        self._client = ShopifyClient(calls)
        # As last asked for: requirements are asked again from time to time, and this with them.
        self._types: Mapping[str, str] | None = None

    async def find(self, content: Content, link: Link) -> Outcome:
        """A product whose SKU is exactly ours, on sale if one is: the search alone is not exact."""
        del content  # the SKU alone tells
        escaped = link.external_sku.replace("\\", "\\\\").replace("'", "\\'")
        found: list[Done] = []
        after: str | None = None
        while True:
            variables = {"query": f"sku:'{escaped}'", "after": after}
            answer = await self._client.query(documents.FIND, variables, "find", link.external_sku)
            if (failed := _failed(answer, write=False)) is not None:
                return failed
            page = _data(answer).get("productVariants") or {}
            variants = [v for v in page.get("nodes") or () if v.get("sku") == link.external_sku]
            found += [_done(variant["product"], link) for variant in variants]
            after = _following(page)
            if after is None:
                return min(found, key=lambda one: one.observation.observed, default=Gone())

    async def activate(self, content: Content, quantity: int, link: Link) -> Outcome:
        """Set the whole product by its handle (or id), put it on the publication, read it back."""
        publication = self._defaults.get("publication_id")
        if not publication:
            return errors.not_set_up("publication_id")
        product = await self._set(content, quantity, link, "activate", {"status": "ACTIVE"})
        if not isinstance(product, Done):
            return product
        variables = {
            "id": PRODUCT_ID + str(product.link.external_id),
            "input": [{"publicationId": publication}],
        }
        answer = await self._client.mutate(
            documents.PUBLISH, variables, "activate", link.external_sku
        )
        if (failed := _failed(answer, write=True)) is not None:
            return failed
        return await self.read(product.link)

    async def update(self, content: Content, quantity: int, link: Link) -> Outcome:
        """Set the whole product again, if it is on sale; one that is not is left alone.

        One just sold is tried again: its quantity would put it back on sale before its order is
        known here (rule R9).
        """
        shown = await self.read(link)
        if not isinstance(shown, Done) or shown.observation.observed != "active":
            sold = isinstance(shown, Done) and shown.observation.observed == "sold"
            return errors.sold_unseen() if sold else shown
        product = await self._set(content, quantity, link, "update", {})
        return await self.read(product.link) if isinstance(product, Done) else product

    async def _set(
        self, content: Content, quantity: int, link: Link, operation: str, state: dict[str, str]
    ) -> Outcome:
        """The product as wanted, by productSet; what is there already gets its stock apart."""
        location, sku = str(self._defaults.get("location_id") or ""), link.external_sku
        if not location:
            return errors.not_set_up("location_id")
        if self._types is None and not isinstance(asked := await self._definitions(), list):
            return asked
        given = {**mapping.product_input(content, sku, self._types), **state}
        identifier = {"id": PRODUCT_ID + str(link.external_id)}
        if link.external_id is None:
            given = mapping.new_product(given, quantity, sku, location)
            identifier = {"handle": given["handle"]}
        variables = {"identifier": identifier, "input": given, "location": location}
        answer = await self._client.mutate(documents.SET, variables, operation, sku)
        if (failed := _failed(answer, write=True)) is not None:
            return failed
        product = (_data(answer).get("productSet") or {}).get("product")
        if not product:
            return Unknown("an answer without a product")
        change = mapping.stock_change(product, quantity, location)
        stocked = await self._stock(change, operation, sku) if change else None
        return stocked or _done(product, link)

    async def _stock(self, change: dict[str, Any], operation: str, sku: str) -> Outcome | None:
        # A key for each attempt: the same change may be wanted again after a sale and its cancel,
        # and comparing with what was there already keeps a repeated one from counting twice.
        variables = {"input": change, "key": str(uuid4())}
        answer = await self._client.mutate(documents.SET_QUANTITY, variables, operation, sku)
        return _failed(answer, write=True)

    async def _definitions(self) -> list[Mapping[str, Any]] | Outcome:
        answer = await self._client.query(documents.DEFINITIONS, {}, "requirements", None)
        if (failed := _failed(answer, write=False)) is not None:
            return failed
        found = list((_data(answer).get("metafieldDefinitions") or {}).get("nodes") or ())
        self._types = mapping.types_of(found)
        return found

    async def hold(self, link: Link, until: datetime | None) -> Outcome:
        """Draft: Shopify knows no hold."""
        del until  # inventory's timer ends the hold
        return await self._to_draft(link, "hold")

    async def deactivate(self, link: Link) -> Outcome:
        """Draft; already off sale stays so."""
        return await self._to_draft(link, "deactivate")

    async def _to_draft(self, link: Link, operation: str) -> Outcome:
        if link.external_id is None:
            return Gone()
        variables = {"product": {"id": PRODUCT_ID + link.external_id, "status": "DRAFT"}}
        answer = await self._client.mutate(
            documents.UPDATE,
            variables,
            operation,
            link.external_sku,
            idempotent=True,
            off_sale=True,
        )
        if (failed := _failed(answer, write=True)) is not None:
            return failed
        return await self.read(link)

    async def read(self, link: Link) -> Outcome:
        """The product as Shopify shows it."""
        if link.external_id is None:
            return Gone()
        variables = {"id": PRODUCT_ID + link.external_id}
        answer = await self._client.query(documents.READ, variables, "read", link.external_sku)
        if (failed := _failed(answer, write=False)) is not None:
            return failed
        product = _data(answer).get("product")
        return _done(product, link) if product else Gone()

    async def read_order(self, external_order_id: str) -> Notices | Outcome:
        """One order."""
        variables = {"id": ORDER_ID + external_order_id}
        answer = await self._client.query(documents.ORDER, variables, "read_order", None)
        if (failed := _failed(answer, write=False)) is not None:
            return failed
        order = _data(answer).get("order")
        return Notices(tuple(mapping.notices(order))) if order else Gone()

    async def listing_changes(self, cursor: str | None) -> Notices | Outcome:
        """A page of the shop's products."""
        answer = await self._client.query(documents.SWEEP, {"after": cursor}, "sweep", None)
        if (failed := _failed(answer, write=False)) is not None:
            return failed
        products, now = _data(answer).get("products") or {}, datetime.now(UTC)
        seen: tuple[Notice, ...] = tuple(
            ListingSeen(
                mapping.digits(product["id"]),
                mapping.sku_of(product),
                mapping.observation(product, now),
            )
            for product in products.get("nodes") or ()
        )
        return Notices(seen, _following(products))

    async def order_changes(self, cursor: str | None) -> Notices | Outcome:
        """A page of changed orders, oldest change first; the cursor is `{since, after}`."""
        at = json.loads(cursor) if cursor else {}
        month_ago = (datetime.now(UTC) - timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
        since, newest = at.get("since") or month_ago, at.get("newest") or ""
        variables = {"query": f"updated_at:>='{since}'", "after": at.get("after")}
        answer = await self._client.query(documents.ORDERS, variables, "sweep", None)
        if (failed := _failed(answer, write=False)) is not None:
            return failed
        orders = _data(answer).get("orders") or {}
        nodes = orders.get("nodes") or ()
        found = tuple(notice for order in nodes for notice in mapping.notices(order))
        newest = max([newest, *(str(order["updatedAt"]) for order in nodes)])
        after = _following(orders)
        if after is not None:
            return Notices(found, json.dumps({"since": since, "after": after, "newest": newest}))
        return Notices(found, None, json.dumps({"since": newest or since}))

    async def requirements(self, category: str | None) -> RequirementSet | Outcome:
        """Metafield definitions of products, and Shopify's limits; the same in every category."""
        definitions = await self._definitions()
        if not isinstance(definitions, list):
            return definitions
        fields = tuple(mapping.requirements(definitions, self._defaults))
        text = json.dumps([field.model_dump(mode="json") for field in fields], sort_keys=True)
        version = hashlib.sha256(text.encode()).hexdigest()[:16]
        return RequirementSet(category or "", version, fields)

    def decode(self, headers: Mapping[str, str], body: bytes) -> Sequence[Notice]:
        """What a webhook says."""
        return webhooks.decode(headers, body)


def _following(page: Mapping[str, Any]) -> str | None:
    info = page.get("pageInfo") or {}
    return str(info["endCursor"]) if info.get("hasNextPage") else None


def _done(product: Mapping[str, Any], link: Link) -> Done:
    shown = replace(
        link, external_id=mapping.digits(product["id"]), url=product.get("onlineStoreUrl")
    )
    return Done(mapping.observation(product, datetime.now(UTC)), shown, verified=True)


def _failed(answer: Answer, *, write: bool) -> Outcome | None:
    if not isinstance(answer, Response):
        return answer
    return errors.outcome(answer, write=write)


def _data(answer: Answer) -> Mapping[str, Any]:
    body = answer.body if isinstance(answer, Response) else None
    data = body.get("data") if isinstance(body, Mapping) else None
    return data if isinstance(data, Mapping) else {}
