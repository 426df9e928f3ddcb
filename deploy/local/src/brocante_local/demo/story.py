"""The story, step by step; each step says what it sees."""

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from brocante_local.demo.views import HTTP_REFUSED, Gateway, Sandbox, StoryEnded, until
from brocante_local.supervisor.layout import MARKETPLACES

SOLD_ON = "ebay"
PICKY = "etsy"
PERIOD = {
    "field": "/attributes/period",
    "label": "Period",
    "required": True,
    "type": "string",
    "why": "Buyers search by period.",
}
AT_ONCE = 8
# So that the whole story takes less than a minute on two cores with the embedded back ends.
MOST_ON_SALE = 80
ACTIVATION_SECONDS = 240.0
QUIET_SECONDS = 4.0
LOOK_SECONDS = 0.5
AT_REST = ("needs_dealer", "needs_person", "blocked")


@dataclass
class Outcome:
    """What the demo's last line says (docs/running.md)."""

    items: int = 0
    activated: int = 0
    rejected: list[dict[str, Any]] = field(default_factory=list)
    sale: dict[str, Any] = field(default_factory=dict)
    cancel: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def as_wished(self) -> bool:
        """Whether the origin is active and all others inactive, as the marketplaces show."""
        origin, others = self.cancel.get("origin", {}), self.cancel.get("others", {})
        return set(origin.values()) == {"active"} and set(others.values()) == {"inactive"}


class Story:
    """Import, activate, fix, sell, cancel."""

    def __init__(self, gateway: Gateway, sandbox: Sandbox, say: Callable[[str], None]) -> None:
        self._gateway = gateway
        self._sandbox = sandbox
        self._say = say
        self.outcome = Outcome()

    async def play(self, catalogue: Path) -> None:
        """The whole of it."""
        await self._import(catalogue)
        hero, others = await self._choose()
        await self._activate_all(others)
        await self._refused_then_fixed(hero)
        sku = await self._sku_of(hero)
        sale_id = await self._sell(hero, sku)
        await self._cancel(hero, sku, sale_id)

    async def _import(self, catalogue: Path) -> None:
        self._say(f"Importing {catalogue.name} ...")
        result = await self._gateway.import_file(catalogue)
        for row in result["bad_rows"]:
            self._say(f"  line {row['line']}: {row['message']}")
        self.outcome.items = result["accepted"]
        self._say(f"{self.outcome.items} items are in the inventory, none on sale.")

    async def _choose(self) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The piece the story is about (nothing speaks against it), and the rest."""
        await self._sandbox.require(PICKY, [])
        there = [item for item in await self._gateway.items() if item["status"] == "available"]
        for item in filter(_untouched, there):
            asked = ",".join(MARKETPLACES)
            check = await self._gateway.get(f"/items/{item['item_id']}/check", marketplaces=asked)
            if check["ready"]:
                return item, [other for other in there if other is not item][:MOST_ON_SALE]
        raise StoryEnded("no item in this catalogue can be put on sale everywhere")

    async def _activate_all(self, items: list[dict[str, Any]]) -> None:
        self._say(f"Putting {len(items)} of them on sale on {', '.join(MARKETPLACES)} ...")
        limit = asyncio.Semaphore(AT_ONCE)

        async def one(item: dict[str, Any]) -> None:
            async with limit:
                path = f"/items/{item['item_id']}/activate"
                body = {"marketplaces": list(MARKETPLACES)}
                await self._gateway.send("POST", path, body, wait=False)

        await asyncio.gather(*(one(item) for item in items))
        await self._until_quiet(len(items) * len(MARKETPLACES))
        wanted = {item["item_id"] for item in items}
        settled = await until(
            lambda: self._all_at_rest(wanted), "every listing is at rest", ACTIVATION_SECONDS
        )
        for item in settled:
            self._note_refusals(item)
        refused = len(self.outcome.rejected)
        self._say(f"On sale: {await self._count_active()} listings; {refused} refused:")
        for one_refused in self.outcome.rejected:
            self._say("  {item_id} on {marketplace}: {field}".format(**one_refused))

    async def _until_quiet(self, most: int) -> None:
        """Watch the marketplaces until all is on sale, or nothing more happens there for a while.

        Cheaper than asking for every item over and over, which comes afterwards.
        """
        seen, since = -1, time.monotonic()
        while seen < most and time.monotonic() - since < QUIET_SECONDS:
            await asyncio.sleep(LOOK_SECONDS)
            active = await self._count_active()
            if active != seen:
                seen, since = active, time.monotonic()

    async def _all_at_rest(self, wanted: set[str]) -> list[dict[str, Any]] | None:
        items = [i for i in await self._gateway.items() if i["item_id"] in wanted]
        listings = (item["listings"].get(m, {}) for item in items for m in MARKETPLACES)
        at_rest = all(
            one.get("operation") in AT_REST or one.get("observed") == "active" for one in listings
        )
        return items if at_rest else None

    async def _refused_then_fixed(self, hero: dict[str, Any]) -> None:
        item_id = hero["item_id"]
        self._say(f'{PICKY} begins to ask for a period. Now "{hero["title"]}" goes on sale ...')
        await self._sandbox.require(PICKY, [PERIOD])
        await self._expect_refusal(item_id)
        period = _date_in(hero.get("description") or "") or "unknown"
        await self._gateway.send("PATCH", f"/items/{item_id}", {"attributes": {"period": period}})
        self._say(f'The dealer fills it in: period "{period}", and tries again.')
        body = {"marketplaces": [PICKY]}
        await self._gateway.send("POST", f"/items/{item_id}/activate", body)
        sku = await self._sku_of(hero)
        await self._until_shown(sku, dict.fromkeys(MARKETPLACES, "active"))
        self.outcome.activated = await self._count_active()
        self._say(f"It is active on {', '.join(MARKETPLACES)}.")

    async def _expect_refusal(self, item_id: str) -> None:
        """Activate until the new requirement is in force: then exactly one place refuses."""

        async def refused() -> bool:
            body = {"marketplaces": list(MARKETPLACES)}
            answer = await self._gateway.try_to("POST", f"/items/{item_id}/activate", body)
            return answer.status_code == HTTP_REFUSED

        await until(refused, f"{PICKY} refuses {item_id}")
        item = await self._gateway.get(f"/items/{item_id}")
        for refusal in self._note_refusals(item):
            self._say("  refused by {marketplace}: {field}; the others go on".format(**refusal))

    async def _sell(self, hero: dict[str, Any], sku: str) -> str:
        self._say(f"A buyer buys it on {SOLD_ON} ...")
        sold = await self._sandbox.sell(SOLD_ON, sku)
        sale_id: str = sold["sale_id"]
        others = {m: "inactive" for m in MARKETPLACES if m != SOLD_ON}
        await self._until_shown(sku, others)
        delisted = await self._sandbox.delisted_after(sku, sold["order_id"])
        self.outcome.sale = {"sale_id": sale_id, "marketplace": SOLD_ON, "delisted": delisted}
        for marketplace, seconds in delisted.items():
            self._say(f"  off {marketplace} {seconds:.2f} s after the order")
        await until(lambda: self._is_sold(hero["item_id"]), "the item is sold")
        return sale_id

    async def _cancel(self, hero: dict[str, Any], sku: str, sale_id: str) -> None:
        self._say("The buyer changes their mind; the dealer cancels the sale ...")
        body = {"reason": "buyer_changed_mind"}
        await self._gateway.send("POST", f"/sales/{sale_id}/cancel", body)
        expected = {m: "active" if m == SOLD_ON else "inactive" for m in MARKETPLACES}
        await self._until_shown(sku, expected)
        shown = await self._sandbox.shown(sku)
        self.outcome.cancel = {
            "origin": {SOLD_ON: shown.pop(SOLD_ON)},
            "others": dict(sorted(shown.items())),
        }
        self._say(f'"{hero["title"]}" is active on {SOLD_ON} again, and inactive elsewhere.')

    async def _is_sold(self, item_id: str) -> bool:
        item = await self._gateway.get(f"/items/{item_id}")
        return bool(item["status"] == "sold")

    async def _until_shown(self, sku: str, expected: dict[str, str]) -> None:
        async def as_expected() -> bool:
            shown = await self._sandbox.shown(sku)
            return all(shown.get(m) == state for m, state in expected.items())

        await until(as_expected, f"the marketplaces show {expected} for {sku}", 60)

    async def _count_active(self) -> int:
        return sum(1 for one in await self._sandbox.listings() if one["state"] == "active")

    async def _sku_of(self, hero: dict[str, Any]) -> str:
        """The external SKU: the item's own if no other item on the account had it."""
        item = await self._gateway.get(f"/items/{hero['item_id']}")
        ids = {listing.get("external_id") for listing in item["listings"].values()} - {None}
        for listing in await self._sandbox.listings():
            if listing["external_id"] in ids:
                return str(listing["sku"])
        return str(item["sku"])

    def _note_refusals(self, item: dict[str, Any]) -> list[dict[str, Any]]:
        found = [
            {"item_id": item["item_id"], "marketplace": m, "field": issue.get("field")}
            for m, listing in sorted(item["listings"].items())
            if listing["operation"] == "needs_dealer"
            for issue in listing["issues"]
        ]
        self.outcome.rejected += found
        return found


def _untouched(item: dict[str, Any]) -> bool:
    """Never on sale, and without what will be asked for (a story may be played again)."""
    return not item["listings"] and "period" not in (item.get("attributes") or {})


def _date_in(description: str) -> str | None:
    """The date as the catalogue's descriptions have it."""
    match = re.search(r"Date:\s*([^<\n]{1,60})", description)
    return match[1].strip() if match else None
