"""eBay as the reconcile loop sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from brocante.contracts.marketplace import Content
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
    Observation,
    Outcome,
    Progress,
    RequirementSet,
    RetryLater,
    Unauthorized,
    Unknown,
    Window,
)
from marketplace_sync.marketplaces.ebay import aspects, errors, mapping, paging, webhooks
from marketplace_sync.marketplaces.ebay.client import EbayClient

OFFER = "offer_id"
ON_SALE = ("active", "unknown")
SEARCHED = 500


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
        self._base_url = account.base_url
        self._site = str(account.defaults.get("marketplaceId", "EBAY_US"))
        self._client = EbayClient(calls, self._site)

    async def find(self, content: Content, link: Link) -> Outcome:
        """The offer of the link's SKU, from whatever attempt."""
        del content  # the SKU alone tells
        return await self.read(link)

    async def activate(self, content: Content, quantity: int, link: Link) -> Outcome:
        """Item, then offer (Progress), then publish unless it is on sale with them already."""
        if (failed := await self._write_item(content, quantity, link, "activate")) is not None:
            return failed
        offer_id = link.steps.get(OFFER)
        if offer_id is None:
            return await self._create_offer(content, quantity, link)
        if (failed := await self._write_offer(content, quantity, link, "activate")) is not None:
            return failed
        if link.external_id is not None:
            # Listed before: one back from a hold is on sale again with its quantity alone.
            shown = await self.read(link)
            if not isinstance(shown, Done) or shown.observation.observed == "active":
                return shown
        failed = await self._publish(offer_id, link)
        return await self.read(link) if failed is None else failed

    async def _publish(self, offer_id: str, link: Link) -> Outcome | None:
        answer = await self._client.publish(offer_id, link.external_sku)
        if isinstance(answer, Response) and errors.error_ids(answer) == {errors.NO_QUANTITY}:
            return errors.not_taken_up()
        return _failed(answer, write=True)

    async def _write_item(
        self, content: Content, quantity: int, link: Link, operation: str
    ) -> Outcome | None:
        if (refused := mapping.wrong_currency(content, self._defaults)) is not None:
            return Invalid((refused,))
        item = mapping.inventory_item(content, quantity)
        return _failed(await self._client.put_item(link.external_sku, item, operation))

    async def _write_offer(
        self, content: Content, quantity: int, link: Link, operation: str
    ) -> Outcome | None:
        body = mapping.offer_details(content, quantity, self._defaults)
        offer_id, sku = link.steps[OFFER], link.external_sku
        return _failed(await self._client.put_offer(offer_id, body, sku, operation))

    async def _create_offer(self, content: Content, quantity: int, link: Link) -> Outcome:
        body = mapping.offer(content, quantity, link.external_sku, self._defaults)
        answer = await self._client.create_offer(body, "activate")
        if isinstance(answer, Response):
            for error in errors.errors_of(answer.body):
                known = errors.parameter(error, "offerId")
                if known:
                    return Progress(_with_offer(link, known))
        failed = _failed(answer, write=True)
        if isinstance(failed, Gone):
            # The item was put a moment ago: eBay does not show it to this call yet.
            return RetryLater(None, "retrying")
        if failed is not None:
            return failed
        created = _body(answer).get("offerId")
        return Progress(_with_offer(link, str(created))) if created else Unknown("no offer id")

    async def update(self, content: Content, quantity: int, link: Link) -> Outcome:
        """Replace item and offer of a listing on sale; one that is not is left alone.

        One just sold is tried again: its quantity would put it back on sale before its order is
        known here (rule R9).
        """
        shown = await self.read(link)
        if not isinstance(shown, Done) or shown.observation.observed != "active":
            sold = isinstance(shown, Done) and shown.observation.observed == "sold"
            return errors.sold_unseen() if sold else shown
        link = shown.link
        if (failed := await self._write_item(content, quantity, link, "update")) is not None:
            return failed
        if (failed := await self._write_offer(content, quantity, link, "update")) is not None:
            return failed
        return await self.read(link)

    async def hold(self, link: Link, until: datetime | None) -> Outcome:
        """Quantity 0: the listing stays, nobody can buy."""
        del until  # eBay has no such date; inventory's timer ends the hold
        return await self._take_off(link, held=True)

    async def deactivate(self, link: Link) -> Outcome:
        """Withdraw the offer; one that is not published is off sale already."""
        return await self._take_off(link, held=False)

    async def _take_off(self, link: Link, *, held: bool) -> Outcome:
        if link.steps.get(OFFER) is None:
            found = await self.read(link)
            if not isinstance(found, Done):
                return found
            link = found.link
        offer_id, sku = link.steps[OFFER], link.external_sku
        answer = await (
            self._client.set_quantity(sku, 0, offer_id)
            if held
            else self._client.withdraw(offer_id, sku)
        )
        failed = _failed(answer)
        # eBay refuses to take off what is off sale already: look before believing a refusal.
        if failed is not None and not isinstance(failed, Invalid | Gone):
            return failed
        shown = await self._read(link, mark=held and failed is None)
        on_sale = isinstance(shown, Done) and shown.observation.observed in ON_SALE
        return failed if isinstance(failed, Invalid) and on_sale else shown

    async def read(self, link: Link) -> Outcome:
        """The offer of the SKU and its listing."""
        return await self._read(link, mark=False)

    async def _read(self, link: Link, *, mark: bool) -> Outcome:
        """`mark`: it was put on hold just now, and is remembered to have been."""
        if not link.external_sku:
            return await self._search(link)
        answer = await self._client.offers(link.external_sku, "read")
        if (failed := _failed(answer)) is not None:
            return failed
        offers = _body(answer).get("offers")
        if not isinstance(offers, list):
            # A page of someone in between is never taken for "not there".
            return RetryLater(None, "retrying")
        own = [one for one in offers if one.get("format", "FIXED_PRICE") == "FIXED_PRICE"]
        return self._shown(own[0], link, mark=mark) if own else Gone()

    def _shown(self, offer: Mapping[str, Any], link: Link, *, mark: bool) -> Done:
        listing_id = (offer.get("listing") or {}).get("listingId") or link.external_id
        steps = {**link.steps, OFFER: str(offer["offerId"])}
        if mark:
            steps[mapping.HELD] = mapping.held_mark(offer)
        url = mapping.url(listing_id, self._base_url, self._site)
        seen = replace(link, external_id=listing_id, url=url, steps=steps)
        shown = mapping.observation(offer, datetime.now(UTC), steps.get(mapping.HELD))
        if shown.observed == "draft" and listing_id is not None:
            shown = replace(shown, observed="inactive")
        return Done(shown, seen, verified=True)

    async def _search(self, link: Link) -> Outcome:
        """A listing linked by hand has no SKU here yet: eBay finds offers by nothing else."""
        cursor: str | None = "0"
        searched = 0
        while cursor is not None and link.external_id is not None:
            page = await self._items(cursor, link)
            if not isinstance(page, Notices):
                return page
            for seen in page.notices:
                ours = isinstance(seen, ListingSeen) and seen.external_id == link.external_id
                if ours and isinstance(seen, ListingSeen) and seen.external_sku:
                    return await self.read(replace(link, external_sku=seen.external_sku))
            cursor, searched = page.cursor, searched + paging.ITEMS
            if searched >= SEARCHED and cursor is not None:
                return Invalid((errors.not_found_among(SEARCHED),))
        return Gone()

    async def read_order(self, external_order_id: str) -> Notices | Outcome:
        """One order with its cancel requests."""
        answer = await self._client.order(external_order_id)
        if (failed := _failed(answer)) is not None:
            return failed
        order = _body(answer)
        if not order.get("orderId"):
            return RetryLater(None, "retrying")
        return Notices(tuple(mapping.notices(order)))

    async def listing_changes(self, cursor: str | None) -> Notices | Outcome:
        """A page of the account's SKUs, each with what its offer shows."""
        return await self._items(cursor or "0", None)

    async def _items(self, cursor: str, searched: Link | None) -> Notices | Outcome:
        answer = await self._client.items(int(cursor), paging.ITEMS)
        if (failed := _failed(answer)) is not None:
            return failed
        body = _body(answer)
        seen: list[Notice] = []
        for item in body.get("inventoryItems") or ():
            found = await self.read(Link("", str(item["sku"])))
            if isinstance(found, RetryLater | Unauthorized):
                return found
            if isinstance(found, Gone):
                nothing = Observation("none", datetime.now(UTC))
                seen.append(ListingSeen(None, str(item["sku"]), nothing))
            if isinstance(found, Done):
                # A listing that was withdrawn has no id any more: only its SKU tells whose it was.
                shown = found.observation
                seen.append(ListingSeen(found.link.external_id, found.link.external_sku, shown))
                if searched is not None and found.link.external_id == searched.external_id:
                    break
        return Notices(tuple(seen), paging.next_items(body, int(cursor)))

    async def order_changes(self, cursor: str | None) -> Notices | Outcome:
        """A page of changed orders; canceled ones are read singly for their reason."""
        at = paging.orders_at(cursor, datetime.now(UTC))
        answer = await self._client.orders(at.since, at.offset, paging.ORDERS)
        if (failed := _failed(answer)) is not None:
            return failed
        body = _body(answer)
        orders = body.get("orders")
        if not isinstance(orders, list) and body.get("total") != 0:
            return RetryLater(None, "retrying")
        found: list[Notice] = []
        for order in orders or ():
            notices = await self._notices(order)
            if not isinstance(notices, Notices):
                return notices
            found.extend(notices.notices)
        following, resume = at.after(orders or (), int(body.get("total") or 0))
        return Notices(tuple(found), following, resume)

    async def _notices(self, order: Mapping[str, Any]) -> Notices | Outcome:
        """The list never has cancel requests, and without its reason a cancellation says little."""
        if (order.get("cancelStatus") or {}).get("cancelState") == "CANCELED":
            whole = await self.read_order(str(order["orderId"]))
            if not isinstance(whole, Gone | Invalid):
                return whole
        return Notices(tuple(mapping.notices(order)))

    async def requirements(self, category: str | None) -> RequirementSet | Outcome:
        """Aspects of the leaf category, and eBay's limits on every listing."""
        content = Content(sku="", title="", category=category)
        category_id = mapping.category_id(content, self._defaults)
        if not category_id:
            text = "There is no eBay category, neither the item's own nor the account's."
            return Invalid((errors.our_issue("ebay_no_category", "dealer", "/category", text),))
        answer = await self._client.aspects(category_id)
        if (failed := _failed(answer)) is not None:
            return failed
        return aspects.requirement_set(category or category_id, _body(answer).get("aspects") or ())

    def decode(self, headers: Mapping[str, str], body: bytes) -> Sequence[Notice]:
        """What a notification says."""
        return webhooks.decode(headers, body)


def _failed(answer: Answer, *, write: bool = False) -> Outcome | None:
    """`write`: the call is not idempotent, so after a fault it may have had an effect."""
    return errors.outcome(answer, write=write) if isinstance(answer, Response) else answer


def _body(answer: Answer) -> Mapping[str, Any]:
    body = answer.body if isinstance(answer, Response) else None
    return body if isinstance(body, Mapping) else {}


def _with_offer(link: Link, offer_id: str) -> Link:
    return replace(link, steps={**link.steps, OFFER: offer_id})
