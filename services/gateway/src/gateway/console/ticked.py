"""The items that were ticked in a list, and the marketplaces one can choose for them."""

from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response

from gateway.console import words
from gateway.console.asking import once
from gateway.console.pages import Form, own_path, page, redirect
from gateway.http.context import Context
from gateway.records.access import Principal

MOST = 200
BACK = "/inventory"
NOTHING = "Tick at least one item first."


@dataclass(frozen=True, slots=True)
class Ticked:
    """What a dialog is about: `items` as they are now, and where its list was."""

    items: list[dict[str, Any]]
    back: str

    @property
    def one(self) -> dict[str, Any] | None:
        """The item, when it is only one."""
        return self.items[0] if len(self.items) == 1 else None

    @property
    def named(self) -> str:
        """The item's title, or how many they are."""
        return str(self.one["title"]) if self.one else f"{len(self.items)} items"


async def ticked_of(gateway: Context, who: Principal, fields: Form) -> Ticked:
    """The items that a form or an address names, in its order; those that are gone are left out."""
    asked = list(dict.fromkeys(fields.getlist("item")))[:MOST]
    found = await gateway.views.many(who.dealer, asked)
    items = [found[one] for one in asked if one in found]
    return Ticked(items, own_path(fields.get("back"), BACK))


def connected(gateway: Context, who: Principal) -> list[str]:
    """The marketplaces on which this dealer has an account."""
    return sorted(
        slug
        for slug, entry in gateway.entries.items()
        if any(account.dealer == who.dealer for account in entry.accounts)
    )


def chosen(fields: Form, possible: list[str]) -> list[str]:
    """The marketplaces ticked in a dialog, of those that can be."""
    return [slug for slug in possible if slug in fields.getlist("marketplace")]


def count_by_state(items: list[dict[str, Any]], slug: str) -> str:
    """What a marketplace shows of these items: `2 active, 1 inactive`; of one only its state."""
    states = [words.standing(one["listings"][slug]) for one in items if slug in one["listings"]]
    counts = {state: states.count(state) for state in dict.fromkeys(states)}
    if len(items) > len(states):
        counts["not listed"] = len(items) - len(states)
    if len(items) == 1:
        return next(iter(counts))
    return ", ".join(f"{count} {state}" for state, count in counts.items())


async def dialog(
    request: Request,
    gateway: Context,
    who: Principal,
    template: str,
    ticked: Ticked,
    **values: Any,
) -> Response:
    """A dialog about ticked items, or back to the list when there are none."""
    if not ticked.items:
        return redirect(request, ticked.back, NOTHING)
    values = {"error": "", "once": once(), **values}
    return await page(request, gateway, who, template, ticked=ticked, **values)
