"""Etsy as the reconcile loop sees it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from brocante.contracts.marketplace import Content
from brocante.contracts.values import Money
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
    Progress,
    RequirementSet,
    Window,
)
from marketplace_sync.marketplaces.etsy import errors, mapping, webhooks
from marketplace_sync.marketplaces.etsy.client import EtsyClient

PAGE = 100
NOT_FOUND = 404
SKU_STEP = "sku"
SWEPT = ("active", "inactive", "sold_out", "expired")
FINDABLE = ("draft", "active", "inactive", "sold_out")


class EtsyAdapter:
    """One Etsy shop. `external_id` is the listing id; `steps["sku"]` says the SKU was written."""

    slug = "etsy"
    capabilities = Capabilities(
        satisfies_on_hold=frozenset({"on_hold", "inactive", "ended"}),
        # Etsy, Open API rate limits: 10 per second and 10,000 per day by default, read 2026-11.
        windows=(Window("second", 10, 1.0), Window("day", 10_000, 86_400)),
        idempotent_activation=False,
        verify_after=frozenset({"activate", "deactivate"}),
        # A sold-out listing that becomes active is renewed for a fee (Etsy fees, read 2026-11).
        activation_cost=Money(amount="0.20", currency="USD"),
    )

    def __init__(self, account: Account, calls: Calls) -> None:
        self._defaults: Mapping[str, Any] = account.defaults
        shop_id = account.defaults.get("shop_id") or account.credentials.get("shop_id", "")
        self._client = EtsyClient(calls, str(shop_id))

    async def find(self, content: Content, link: Link) -> Outcome:
        """A listing with our SKU; or a draft without one that has the same title: ours, cut off."""
        for state in FINDABLE:
            offset, total = 0, 1
            while offset < total:
                answer = await self._client.listings(state, offset, PAGE, "find")
                if (failed := _failed(answer)) is not None:
                    return failed
                body = _body(answer)
                for listing in body.get("results") or ():
                    if _ours(listing, content, link):
                        return _done(listing, link)
                total, offset = int(body.get("count") or 0), offset + PAGE
        return Gone()

    async def activate(self, content: Content, quantity: int, link: Link) -> Outcome:
        """Draft (Progress), then SKU, price and quantity (Progress), properties, then active."""
        if link.external_id is None:
            return await self._create(content, quantity, link)
        listing_id = link.external_id
        body = mapping.inventory(content, quantity, link.external_sku)
        answer = await self._client.put_inventory(listing_id, body, "activate")
        if (failed := _failed(answer)) is not None:
            return failed
        if SKU_STEP not in link.steps:
            return Progress(replace(link, steps={**link.steps, SKU_STEP: link.external_sku}))
        refused = await self._describe(listing_id, content, "activate")
        if refused is not None:
            return refused
        form = mapping.listing_form(content, quantity, self._defaults, new=False)
        answer = await self._client.update(listing_id, {**form, "state": "active"}, "activate")
        if (failed := _failed(answer)) is not None:
            return failed
        return await self.read(link)

    async def _create(self, content: Content, quantity: int, link: Link) -> Outcome:
        form = mapping.listing_form(content, quantity, self._defaults, new=True)
        answer = await self._client.create(form, link.external_sku)
        if (failed := _failed(answer)) is not None:
            return failed
        listing = _body(answer)
        created = str(listing["listing_id"])
        return Progress(replace(link, external_id=created, url=listing.get("url")))

    async def _describe(self, listing_id: str, content: Content, operation: str) -> Outcome | None:
        """Write the attributes that the listing's category has properties for."""
        taxonomy = mapping.taxonomy_id(content, self._defaults)
        answer = await self._client.properties(taxonomy)
        if (failed := _failed(answer)) is not None:
            return failed
        for one in _body(answer).get("results") or ():
            values = mapping.texts(content.attributes.get(one["name"]))
            if not values:
                continue
            number = int(one["property_id"])
            written = await self._client.put_property(listing_id, number, values, operation)
            if (failed := _failed(written)) is not None:
                return failed
        return None

    async def update(self, content: Content, quantity: int, link: Link) -> Outcome:
        """Inventory, properties and fields; the state stays."""
        if link.external_id is None:
            return Gone()
        body = mapping.inventory(content, quantity, link.external_sku)
        answer = await self._client.put_inventory(link.external_id, body, "update")
        if (failed := _failed(answer)) is not None:
            return failed
        refused = await self._describe(link.external_id, content, "update")
        if refused is not None:
            return refused
        form = mapping.listing_form(content, quantity, self._defaults, new=False)
        answer = await self._client.update(link.external_id, form, "update")
        if (failed := _failed(answer)) is not None:
            return failed
        return await self.read(link)

    async def hold(self, link: Link, until: datetime | None) -> Outcome:
        """Inactive: Etsy knows no hold, and no quantity 0."""
        del until  # inventory's timer ends the hold
        return await self._take_off(link, "hold")

    async def deactivate(self, link: Link) -> Outcome:
        """Inactive; sold out, expired or a draft is off sale already."""
        return await self._take_off(link, "deactivate")

    async def _take_off(self, link: Link, operation: str) -> Outcome:
        if link.external_id is None:
            return Gone()
        form = {"state": "inactive"}
        answer = await self._client.update(link.external_id, form, operation, off_sale=True)
        refused = isinstance(answer, Response) and answer.status == 400  # noqa: PLR2004 - state
        if not refused and (failed := _failed(answer)) is not None:
            return failed
        shown = await self.read(link)
        if refused and isinstance(shown, Done) and shown.observation.observed == "active":
            return _failed(answer) or shown
        return shown

    async def read(self, link: Link) -> Outcome:
        """The listing as Etsy shows it."""
        if link.external_id is None:
            return Gone()
        answer = await self._client.listing(link.external_id)
        if (failed := _failed(answer)) is not None:
            return failed
        return _done(_body(answer), link)

    async def read_order(self, external_order_id: str) -> Notices | Outcome:
        """One receipt."""
        answer = await self._client.receipt(external_order_id)
        if (failed := _failed(answer)) is not None:
            return failed
        return Notices(tuple(mapping.notices(_body(answer))))

    async def listing_changes(self, cursor: str | None) -> Notices | Outcome:
        """A page of the shop's listings, state after state; the cursor is `state:offset`."""
        state, _, start = (cursor or f"{SWEPT[0]}:0").partition(":")
        offset = int(start or 0)
        answer = await self._client.listings(state, offset, PAGE, "sweep")
        if (failed := _failed(answer)) is not None:
            return failed
        body, now = _body(answer), datetime.now(UTC)
        seen: tuple[Notice, ...] = tuple(
            ListingSeen(
                str(listing["listing_id"]),
                mapping.sku_of(listing),
                mapping.observation(listing, now),
            )
            for listing in body.get("results") or ()
        )
        if offset + PAGE < int(body.get("count") or 0):
            return Notices(seen, f"{state}:{offset + PAGE}")
        following = SWEPT[SWEPT.index(state) + 1 :]
        return Notices(seen, f"{following[0]}:0" if following else None)

    async def order_changes(self, cursor: str | None) -> Notices | Outcome:
        """A page of changed receipts; the cursor is `{since, offset}`, in seconds."""
        at = json.loads(cursor) if cursor else {}
        month_ago = int((datetime.now(UTC) - timedelta(days=30)).timestamp())
        since, offset = int(at.get("since") or month_ago), int(at.get("offset") or 0)
        answer = await self._client.receipts(since, offset, PAGE)
        if (failed := _failed(answer)) is not None:
            return failed
        body = _body(answer)
        receipts = body.get("results") or ()
        found = tuple(notice for receipt in receipts for notice in mapping.notices(receipt))
        if offset + PAGE < int(body.get("count") or 0):
            return Notices(found, json.dumps({"since": since, "offset": offset + PAGE}))
        newest = max((int(r["updated_timestamp"]) for r in receipts), default=since)
        return Notices(found, None, json.dumps({"since": newest}))

    async def requirements(self, category: str | None) -> RequirementSet | Outcome:
        """Properties of the taxonomy node, and Etsy's limits on every listing."""
        content = Content(sku="", title="", category=category)
        taxonomy = mapping.taxonomy_id(content, self._defaults)
        answer = await self._client.properties(taxonomy)
        if (failed := _failed(answer)) is not None:
            return failed
        properties = _body(answer).get("results") or ()
        version = hashlib.sha256(json.dumps(properties, sort_keys=True).encode()).hexdigest()
        fields = (*mapping.FIXED_REQUIREMENTS, *mapping.requirements(properties))
        return RequirementSet(category or taxonomy, version[:16], fields)

    def decode(self, headers: Mapping[str, str], body: bytes) -> Sequence[Notice]:
        """What a webhook says."""
        return webhooks.decode(headers, body)


def _ours(listing: Mapping[str, Any], content: Content, link: Link) -> bool:
    sku = mapping.sku_of(listing)
    if sku is not None:
        return sku == link.external_sku
    return listing.get("state") == "draft" and listing.get("title") == content.title


def _done(listing: Mapping[str, Any], link: Link) -> Done:
    shown = replace(link, external_id=str(listing["listing_id"]), url=listing.get("url"))
    return Done(mapping.observation(listing, datetime.now(UTC)), shown, verified=True)


def _failed(answer: Answer) -> Outcome | None:
    if not isinstance(answer, Response):
        return answer
    if answer.status < 300:  # noqa: PLR2004 - success
        return None
    return Gone() if answer.status == NOT_FOUND else errors.outcome(answer)


def _body(answer: Answer) -> Mapping[str, Any]:
    body = answer.body if isinstance(answer, Response) else None
    return body if isinstance(body, Mapping) else {}
