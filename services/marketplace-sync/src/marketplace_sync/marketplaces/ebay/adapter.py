"""eBay as the reconcile loop sees it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

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
    Progress,
    RequirementSet,
    Window,
)
from marketplace_sync.marketplaces.ebay import errors, mapping, webhooks
from marketplace_sync.marketplaces.ebay.client import EbayClient

OFFER = "offer_id"
PAGE = 100
NOT_FOUND = 404
NO_OFFER, NO_ITEM, NOT_PUBLISHED = 25713, 25702, 25002


class EbayAdapter:
    """One eBay account. `steps["offer_id"]` of a link is its offer; `external_id` its listing."""

    slug = "ebay"
    capabilities = Capabilities(
        satisfies_on_hold=frozenset({"on_hold", "inactive", "ended"}),
        # eBay, API call limits and listing revision limit, read 2026-11.
        windows=(Window("day", 2_000_000, 86_400), Window("revisions", 250, 86_400, True)),
        idempotent_activation=True,
        verify_after=frozenset({"activate", "deactivate"}),
    )

    def __init__(self, account: Account, calls: Calls) -> None:
        self._defaults: Mapping[str, Any] = account.defaults
        self._client = EbayClient(calls)

    async def find(self, content: Content, link: Link) -> Outcome:
        """The offer of the link's SKU, from whatever attempt."""
        del content  # the SKU alone tells
        return await self.read(link)

    async def activate(self, content: Content, quantity: int, link: Link) -> Outcome:
        """Item, then offer (Progress), then publish."""
        sku = link.external_sku
        item = mapping.inventory_item(content, quantity)
        answer = await self._client.put_item(sku, item, "activate")
        if (failed := _failed(answer)) is not None:
            return failed
        body = mapping.offer(content, quantity, sku, self._defaults)
        offer_id = link.steps.get(OFFER)
        if offer_id is None:
            return await self._create_offer(body, link)
        answer = await self._client.put_offer(offer_id, body, sku, "activate")
        if (failed := _failed(answer)) is not None:
            return failed
        answer = await self._client.publish(offer_id, sku)
        if (failed := _failed(answer)) is not None:
            return failed
        return await self.read(link)

    async def _create_offer(self, body: Mapping[str, Any], link: Link) -> Outcome:
        answer = await self._client.create_offer(body, "activate")
        if isinstance(answer, Response):
            for error in errors.errors_of(answer.body):
                known = errors.parameter(error, OFFER.replace("_id", "Id"))
                if known:
                    return Progress(_with_offer(link, known))
        if (failed := _failed(answer)) is not None:
            return failed
        return Progress(_with_offer(link, str(_body(answer)["offerId"])))

    async def update(self, content: Content, quantity: int, link: Link) -> Outcome:
        """Replace item and offer: a live listing changes with them."""
        sku, offer_id = link.external_sku, link.steps.get(OFFER)
        if offer_id is None:
            return Gone()
        item = mapping.inventory_item(content, quantity)
        answer = await self._client.put_item(sku, item, "update")
        if (failed := _failed(answer)) is not None:
            return failed
        body = mapping.offer(content, quantity, sku, self._defaults)
        answer = await self._client.put_offer(offer_id, body, sku, "update")
        if (failed := _failed(answer)) is not None:
            return failed
        return await self.read(link)

    async def hold(self, link: Link, until: datetime | None) -> Outcome:
        """Quantity 0: the listing stays, nobody can buy."""
        del until  # eBay has no such date; inventory's timer ends the hold
        offer_id = link.steps.get(OFFER)
        if offer_id is None:
            return Gone()
        answer = await self._client.set_quantity(link.external_sku, 0, offer_id)
        if (failed := _failed(answer)) is not None:
            return failed
        return await self.read(link)

    async def deactivate(self, link: Link) -> Outcome:
        """Withdraw the offer; one that is not published is off sale already."""
        offer_id = link.steps.get(OFFER)
        if offer_id is None:
            found = await self.read(link)
            if not isinstance(found, Done):
                return found
            link = found.link
            offer_id = link.steps[OFFER]
        answer = await self._client.withdraw(offer_id, link.external_sku)
        already = isinstance(answer, Response) and errors.error_ids(answer) & {
            NOT_PUBLISHED,
            NO_OFFER,
        }
        if not already and (failed := _failed(answer)) is not None:
            return failed
        return await self.read(link)

    async def read(self, link: Link) -> Outcome:
        """The offer of the SKU and its listing."""
        answer = await self._client.offers(link.external_sku, "read")
        if isinstance(answer, Response) and answer.status == NOT_FOUND:
            return Gone()
        if (failed := _failed(answer)) is not None:
            return failed
        offers = _body(answer).get("offers") or ()
        if not offers:
            return Gone()
        offer = offers[0]
        listing_id = (offer.get("listing") or {}).get("listingId") or link.external_id
        seen = _with_offer(replace(link, external_id=listing_id), str(offer["offerId"]))
        observed = mapping.observation(offer, datetime.now(UTC))
        if observed.observed == "draft" and link.external_id is not None:
            observed = replace(observed, observed="inactive")
        return Done(observed, seen, verified=True)

    async def read_order(self, external_order_id: str) -> Notices | Outcome:
        """One order with its cancel requests."""
        answer = await self._client.order(external_order_id)
        if isinstance(answer, Response) and answer.status == NOT_FOUND:
            return Gone()
        if (failed := _failed(answer)) is not None:
            return failed
        return Notices(tuple(mapping.notices(_body(answer))))

    async def listing_changes(self, cursor: str | None) -> Notices | Outcome:
        """A page of the account's SKUs, each with what its offer shows."""
        offset = int(cursor or 0)
        answer = await self._client.items(offset, PAGE)
        if (failed := _failed(answer)) is not None:
            return failed
        body = _body(answer)
        seen: list[Notice] = []
        for item in body.get("inventoryItems") or ():
            found = await self.read(Link("", str(item["sku"])))
            if isinstance(found, Done) and found.link.external_id:
                sku = found.link.external_sku
                seen.append(ListingSeen(found.link.external_id, sku, found.observation))
        following = offset + PAGE if offset + PAGE < int(body.get("total", 0)) else None
        return Notices(tuple(seen), str(following) if following else None)

    async def order_changes(self, cursor: str | None) -> Notices | Outcome:
        """A page of changed orders; canceled ones are read singly for their reason.

        The cursor is `{since, offset}`; `resume` starts a little before the newest change seen.
        """
        at = json.loads(cursor) if cursor else {}
        since = at.get("since") or _stamp(datetime.now(UTC) - timedelta(days=30))
        offset = int(at.get("offset", 0))
        answer = await self._client.orders(since, offset, PAGE)
        if (failed := _failed(answer)) is not None:
            return failed
        body = _body(answer)
        orders = body.get("orders") or ()
        found: list[Notice] = []
        for order in orders:
            found.extend(await self._notices(order))
        if offset + PAGE < int(body.get("total", 0)):
            page = json.dumps({"since": since, "offset": offset + PAGE})
            return Notices(tuple(found), page)
        newest = max((str(order["lastModifiedDate"]) for order in orders), default=since)
        return Notices(tuple(found), None, json.dumps({"since": newest}))

    async def _notices(self, order: Mapping[str, Any]) -> Sequence[Notice]:
        if (order.get("cancelStatus") or {}).get("cancelState") == "CANCELED":
            whole = await self.read_order(str(order["orderId"]))
            if isinstance(whole, Notices):
                return whole.notices
        return mapping.notices(order)

    async def requirements(self, category: str | None) -> RequirementSet | Outcome:
        """Aspects of the leaf category, and eBay's limits on every listing."""
        content = Content(sku="", title="", category=category)
        category_id = mapping.category_id(content, self._defaults)
        marketplace_id = str(self._defaults.get("marketplaceId", "EBAY_US"))
        answer = await self._client.aspects(marketplace_id, category_id)
        if (failed := _failed(answer)) is not None:
            return failed
        aspects = _body(answer).get("aspects") or ()
        text = json.dumps(aspects, sort_keys=True).encode()
        fields = (*mapping.FIXED_REQUIREMENTS, *mapping.requirements(aspects))
        version = hashlib.sha256(text).hexdigest()[:16]
        return RequirementSet(category or category_id, version, fields)

    def decode(self, headers: Mapping[str, str], body: bytes) -> Sequence[Notice]:
        """What a notification says."""
        return webhooks.decode(headers, body)


def _failed(answer: Answer) -> Outcome | None:
    if not isinstance(answer, Response):
        return answer
    if answer.status < 300:  # noqa: PLR2004 - success
        return None if answer.status != 207 else _partly(answer)  # noqa: PLR2004 - bulk answer
    return errors.outcome(answer)


def _partly(answer: Response) -> Outcome | None:
    return errors.outcome(answer) if list(errors.errors_of(answer.body)) else None


def _body(answer: Answer) -> Mapping[str, Any]:
    body = answer.body if isinstance(answer, Response) else None
    return body if isinstance(body, Mapping) else {}


def _with_offer(link: Link, offer_id: str) -> Link:
    return replace(link, steps={**link.steps, OFFER: offer_id})


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
