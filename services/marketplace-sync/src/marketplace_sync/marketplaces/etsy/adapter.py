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
    Invalid,
    Link,
    ListingSeen,
    Notice,
    Notices,
    Outcome,
    Progress,
    RequirementSet,
    RetryLater,
    Unknown,
    Window,
)
from marketplace_sync.marketplaces.etsy import errors, mapping, webhooks
from marketplace_sync.marketplaces.etsy.client import EtsyClient

PAGE = 100
ON_SALE = ("active", "unknown")
SWEPT = ("active", "inactive", "sold_out", "expired")
# On sale first: a copy that a dealer made of a listing carries its SKU, too.
FINDABLE = ("active", "inactive", "sold_out", "draft", "expired")


class EtsyAdapter:
    """One Etsy shop. `external_id` is the listing id, known as soon as there is a draft."""

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
        """A listing with our SKU; or a draft marked with it: ours, cut off before it got one."""
        del content  # titles repeat; the SKU alone tells
        for state in FINDABLE:
            offset, total = 0, 1
            while offset < total:
                answer = await self._client.listings(state, offset, PAGE, "find")
                if (failed := _failed(answer, write=False)) is not None:
                    return failed
                body = _body(answer)
                for listing in body.get("results") or ():
                    if _ours(listing, link):
                        return _done(listing, link)
                total, offset = int(body.get("count") or 0), offset + PAGE
        return Gone()

    async def activate(self, content: Content, quantity: int, link: Link) -> Outcome:
        """Draft (Progress), then SKU, price and quantity, properties, fields and state in one."""
        if link.external_id is None:
            return await self._create(content, quantity, link)
        refused = await self._stock(content, quantity, link, "activate")
        if refused is not None:
            return refused
        return await self._write(content, quantity, link, {"state": "active"}, "activate")

    async def _create(self, content: Content, quantity: int, link: Link) -> Outcome:
        form = mapping.listing_form(content, quantity, self._defaults, new=True)
        form["description"] = mapping.marked(form["description"], link.external_sku)
        answer = await self._client.create(form, link.external_sku)
        if (failed := _failed(answer, write=True)) is not None:
            return failed
        listing = _body(answer)
        if not listing.get("listing_id"):
            return Unknown("a draft without an id")
        created = str(listing["listing_id"])
        return Progress(replace(link, external_id=created, url=listing.get("url")))

    async def _stock(
        self, content: Content, quantity: int, link: Link, operation: str
    ) -> Outcome | None:
        body = mapping.inventory(content, quantity, link.external_sku)
        answer = await self._client.put_inventory(str(link.external_id), body, operation)
        return _failed(answer, write=True, names_one=True)

    async def _write(
        self, content: Content, quantity: int, link: Link, state: dict[str, str], operation: str
    ) -> Outcome:
        """Properties and fields, with the state if it is to change; then what is shown."""
        refused = await self._describe(str(link.external_id), content, operation)
        if refused is not None:
            return refused
        form = mapping.listing_form(content, quantity, self._defaults, new=False)
        answer = await self._client.update(str(link.external_id), {**form, **state}, operation)
        if (failed := _failed(answer, write=True, names_one=True)) is not None:
            return failed
        return await self.read(link)

    async def _describe(self, listing_id: str, content: Content, operation: str) -> Outcome | None:
        """Write the attributes that the listing's category has properties for."""
        properties = await self._properties(content.category)
        if not isinstance(properties, list):
            return properties
        for one in properties:
            values = mapping.texts(content.attributes.get(one["name"]))
            if not values:
                continue
            number, body = int(one["property_id"]), mapping.property_values(one, values)
            written = await self._client.put_property(listing_id, number, body, operation)
            if (failed := _failed(written, write=True)) is not None:
                return failed
        return None

    async def _properties(self, category: str | None) -> list[Mapping[str, Any]] | Outcome:
        content = Content(sku="", title="", category=category)
        taxonomy = mapping.taxonomy_id(content, self._defaults)
        if not taxonomy:
            return errors.no_category()
        answer = await self._client.properties(taxonomy)
        failed = _failed(answer, write=False, names_one=True)
        if failed is not None:
            return errors.no_category() if isinstance(failed, Gone) else failed
        return list(_body(answer).get("results") or ())

    async def update(self, content: Content, quantity: int, link: Link) -> Outcome:
        """Inventory, properties and fields of a listing on sale; one that is not is left alone.

        One just sold is tried again: its quantity would put it back on sale before its order is
        known here (rule R9).
        """
        shown = await self.read(link)
        if not isinstance(shown, Done) or shown.observation.observed != "active":
            sold = isinstance(shown, Done) and shown.observation.observed == "sold"
            return errors.sold_unseen() if sold else shown
        refused = await self._stock(content, quantity, link, "update")
        if refused is not None:
            return refused
        return await self._write(content, quantity, link, {}, "update")

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
        failed = _failed(answer, write=True, names_one=True)
        # Etsy refuses to take off what is off sale already: look before believing a refusal.
        if failed is not None and not isinstance(failed, Invalid):
            return failed
        shown = await self.read(link)
        if failed is not None and isinstance(shown, Done) and shown.observation.observed in ON_SALE:
            return failed
        return shown

    async def read(self, link: Link) -> Outcome:
        """The listing as Etsy shows it."""
        if link.external_id is None:
            return Gone()
        answer = await self._client.listing(link.external_id)
        if (failed := _failed(answer, write=False, names_one=True)) is not None:
            return failed
        return _done(_body(answer), link)

    async def read_order(self, external_order_id: str) -> Notices | Outcome:
        """One receipt."""
        answer = await self._client.receipt(external_order_id)
        if (failed := _failed(answer, write=False, names_one=True)) is not None:
            return failed
        return Notices(tuple(mapping.notices(_body(answer))))

    async def listing_changes(self, cursor: str | None) -> Notices | Outcome:
        """A page of the shop's listings, state after state; the cursor is `state:offset`."""
        state, _, start = (cursor or f"{SWEPT[0]}:0").partition(":")
        offset = int(start or 0)
        answer = await self._client.listings(state, offset, PAGE, "sweep")
        if (failed := _failed(answer, write=False)) is not None:
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
        if (failed := _failed(answer, write=False)) is not None:
            return failed
        body = _body(answer)
        receipts = body.get("results") or ()
        found = tuple(notice for receipt in receipts for notice in mapping.notices(receipt))
        newest = max((mapping.changed_at(receipt) for receipt in receipts), default=since)
        if offset + PAGE >= int(body.get("count") or 0):
            return Notices(found, None, json.dumps({"since": max(newest, since)}))
        # A receipt that changes meanwhile moves to the end and shifts the rest: the next page
        # starts at a time, never at a place, unless all of one page share a second.
        following = (
            {"since": newest} if newest > since else {"since": since, "offset": offset + PAGE}
        )
        return Notices(found, json.dumps(following))

    async def requirements(self, category: str | None) -> RequirementSet | Outcome:
        """Properties of the taxonomy node, and Etsy's limits on every listing."""
        properties = await self._properties(category)
        if not isinstance(properties, list):
            return properties
        fields = tuple(mapping.requirements(properties, self._defaults))
        text = json.dumps([field.model_dump(mode="json") for field in fields], sort_keys=True)
        version = hashlib.sha256(text.encode()).hexdigest()[:16]
        return RequirementSet(category or "", version, fields)

    def decode(self, headers: Mapping[str, str], body: bytes) -> Sequence[Notice]:
        """What a webhook says."""
        return webhooks.decode(headers, body)


def _ours(listing: Mapping[str, Any], link: Link) -> bool:
    sku = mapping.sku_of(listing)
    if sku is not None:
        return sku == link.external_sku
    return mapping.is_marked(listing, link.external_sku)


def _done(listing: Mapping[str, Any], link: Link) -> Outcome:
    if not listing.get("listing_id"):
        return RetryLater(None, "retrying")
    shown = replace(link, external_id=str(listing["listing_id"]), url=listing.get("url"))
    return Done(mapping.observation(listing, datetime.now(UTC)), shown, verified=True)


def _failed(answer: Answer, *, write: bool, names_one: bool = False) -> Outcome | None:
    if not isinstance(answer, Response):
        return answer
    return errors.outcome(answer, write=write, names_one=names_one)


def _body(answer: Answer) -> Mapping[str, Any]:
    body = answer.body if isinstance(answer, Response) else None
    return body if isinstance(body, Mapping) else {}
