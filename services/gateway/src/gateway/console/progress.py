"""How far commands are that a page has just sent: in words, until their listings are at rest."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from gateway.console import words
from gateway.console.required import Required
from gateway.console.taking_back import CAN_BE_TAKEN_BACK
from gateway.http.context import Context
from gateway.http.resting import at_rest, concerned
from gateway.http.sending import of_rejection
from gateway.records.access import Principal
from gateway.records.commands import Kept

MOST = 200
DONE = {
    "item.activate": "Activate",
    "item.deactivate": "Deactivate",
    "item.hold": "Hold",
    "item.release": "Release",
    "item.delete": "Delete",
    "item.update": "Save",
    "item.create": "Create",
    "item.link": "Link",
    "item.accept_drift": "Accept what is shown",
    "item.restore": "Restore",
    "sale.record": "Mark as sold",
    "sale.cancel": "Cancel sale",
    "sale.merge": "Merge sales",
    "sale.split": "Split sales",
    "listing.check": "Check",
    "listing.retry": "Try again",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One command: what it is about, whether it is over, and what came of it."""

    command_id: str
    action: str
    item_id: str
    title: str
    outcome: str
    said: str
    listings: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Progress:
    """Commands sent together. `settled`: none of them will change any more by itself."""

    steps: list[Step]
    undo: list[str]

    @property
    def settled(self) -> bool:
        """Whether everything is over."""
        return all(step.outcome != "waiting" for step in self.steps)

    @property
    def refused(self) -> bool:
        """Whether anything did not come about."""
        return any(step.outcome == "refused" for step in self.steps)

    @property
    def items(self) -> list[str]:
        """The items concerned."""
        return sorted({step.item_id for step in self.steps if step.item_id})

    @property
    def headline(self) -> str:
        """All of it in one sentence."""
        counts = {
            outcome: sum(step.outcome == outcome for step in self.steps)
            for outcome in ("waiting", "done", "refused")
        }
        if counts["waiting"]:
            over = len(self.steps) - counts["waiting"]
            return f"Working: {over} of {words.number(len(self.steps), 'change')} done."
        if not counts["refused"]:
            return f"Done: {words.number(counts['done'], 'change')}."
        return f"{counts['done']} done, {counts['refused']} not."


async def progress_of(gateway: Context, who: Principal, ids: Sequence[str]) -> Progress | None:
    """How far these commands are; those that are not this dealer's are left out."""
    found = await gateway.commands.many(who.dealer, list(dict.fromkeys(ids))[:MOST])
    kept = [found[id_] for id_ in dict.fromkeys(ids) if id_ in found]
    required = Required(gateway, who.dealer)
    steps = [await _step(gateway, who, required, one) for one in kept]
    undo = [
        one.command_id
        for one, step in zip(kept, steps, strict=True)
        if one.type in CAN_BE_TAKEN_BACK and step.outcome == "done"
    ]
    return Progress(steps, undo) if steps else None


async def _step(gateway: Context, who: Principal, required: Required, kept: Kept) -> Step:
    sale_id = kept.payload.get("sale_id")
    sale = await gateway.views.sale(who.dealer, sale_id) if sale_id else None
    item_id = str(kept.payload.get("item_id") or (sale or {}).get("item_id") or "")
    item = await gateway.views.item(who.dealer, item_id) if item_id else None
    title = str((item or {}).get("title") or item_id or sale_id or "")
    action = DONE.get(kept.type, kept.type)
    if kept.status == "rejected":
        why = of_rejection(kept)
        return Step(kept.command_id, action, item_id, title, "refused", why.detail or why.title)
    if kept.status == "accepted":
        return Step(kept.command_id, action, item_id, title, "waiting", "on its way")
    listings = await _listings(required, kept, item) if item else []
    rested = await at_rest(gateway, who, kept, monotonic())
    refused = kept.type == "item.activate" and any(one["issues"] for one in listings)
    outcome = "waiting" if not rested else "refused" if refused else "done"
    said = {"waiting": "under way", "refused": "not everywhere", "done": "done"}[outcome]
    return Step(kept.command_id, action, item_id, title, outcome, said, listings)


async def _listings(required: Required, kept: Kept, item: dict[str, Any]) -> list[dict[str, Any]]:
    told = []
    for slug, listing in sorted(concerned(kept, item).items()):
        trouble = words.trouble(listing)
        issues = await required.standing(item, slug) if trouble == "stopped" else []
        said = words.listing(slug, listing, issues)
        told.append({"marketplace": slug, "words": said, "trouble": trouble, "issues": issues})
    return told
