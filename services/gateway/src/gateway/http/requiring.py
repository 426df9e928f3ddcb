"""What marketplaces require of items, and what an item lacks: for as long as one answer is made."""

from datetime import UTC, datetime
from typing import Any

from brocante.contracts.requirements import check
from brocante.contracts.values import Issue, Requirement
from gateway.http.context import Context

Item = dict[str, Any]
CONTENT = ("title", "description", "price", "category", "condition", "images", "attributes")


class Requirements:
    """The marketplaces' requirements, looked up once for each category."""

    def __init__(self, gateway: Context, dealer: str) -> None:
        self._gateway = gateway
        self._dealer = dealer
        self._known: dict[tuple[str, str | None], list[Requirement]] = {}
        self._now = datetime.now(UTC)

    async def fields(self, item: Item, marketplace: str) -> list[Requirement]:
        """What a marketplace asks of an item of this category."""
        key = (marketplace, content_shown(item, marketplace).get("category"))
        if key not in self._known:
            _, self._known[key] = await self._gateway.marketplaces.requirements(self._dealer, *key)
        return self._known[key]

    async def issues(self, item: Item, marketplace: str) -> list[Issue]:
        """What a marketplace would miss or refuse in an item, by the rules the worker uses."""
        fields = await self.fields(item, marketplace)
        return check(content_shown(item, marketplace), fields, marketplace, self._now)


def content_shown(item: Item, marketplace: str) -> dict[str, Any]:
    """What a listing shows: the item's content with the listing's own details over it."""
    details = item.get("listings", {}).get(marketplace, {}).get("details", {})
    content = {name: details.get(name, item.get(name)) for name in CONTENT}
    content["attributes"] = {**item.get("attributes", {}), **details.get("attributes", {})}
    return content
