"""What stands in the way of listings, with each field's label: looked up once for a page."""

from collections.abc import Sequence
from typing import Any

from brocante.contracts.values import Issue, Requirement
from gateway.http.context import Context
from gateway.http.requiring import Requirements

Item = dict[str, Any]
Issues = list[dict[str, Any]]
ON_SALE = frozenset({"active", "pending_review", "sold", "unknown"})
STOPPED = frozenset({"needs_dealer", "needs_person", "blocked"})


class Required:
    """The marketplaces' requirements, for as long as one page is made."""

    def __init__(self, gateway: Context, dealer: str) -> None:
        self._asked = Requirements(gateway, dealer)

    async def fields(self, item: Item, slug: str) -> list[Requirement]:
        """What a marketplace asks of an item of this category."""
        return await self._asked.fields(item, slug)

    async def issues(self, item: Item, slug: str) -> Issues:
        """Everything an activation there would be refused for, found without asking anybody."""
        found = await self._asked.issues(item, slug)
        return _labeled(found, await self.fields(item, slug))

    async def standing(self, item: Item, slug: str) -> Issues:
        """What is to be told of a listing as it is now.

        What the marketplace itself said stays; what was found by checking is checked again, so
        that a field that was filled in is not called missing.
        """
        listing = item["listings"][slug]
        stopped = listing["operation"] in STOPPED
        told = [Issue.model_validate(one) for one in listing.get("issues", [])] if stopped else []
        fields = await self.fields(item, slug)
        kept = _labeled([one for one in told if one.marketplace_code or not one.field], fields)
        if item["status"] != "available" or (listing["observed"] in ON_SALE and not stopped):
            return kept
        fresh = [one for one in await self.issues(item, slug) if one["severity"] == "error"]
        seen = {one["field"] for one in kept}
        return [*kept, *(one for one in fresh if one["field"] not in seen)]

    async def of_listings(self, item: Item) -> dict[str, Issues]:
        """`standing` of each of an item's listings."""
        return {slug: await self.standing(item, slug) for slug in item["listings"]}


def _labeled(issues: Sequence[Issue], fields: Sequence[Requirement]) -> Issues:
    labels = {one.field: one.label for one in fields}
    return [
        {**one.model_dump(mode="json"), "label": labels.get(one.field or "") or label_of(one.field)}
        for one in issues
    ]


def label_of(field: str | None) -> str:
    """A field's label where nobody gave one: `/attributes/period` is Period."""
    return (field or "").rsplit("/", 1)[-1].replace("_", " ").capitalize()
