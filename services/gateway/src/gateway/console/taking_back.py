"""The commands that take back another one, where there is such a thing."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from brocante.contracts.inventory import ItemActivate, ItemDeactivate, ItemHold, ItemRelease
from brocante.contracts.message import Command, Message
from brocante.contracts.sales import SaleCancel
from brocante.contracts.snapshot import ItemChanged
from gateway.records.commands import Kept

OPPOSITES: dict[str, type[Command]] = {
    "item.activate": ItemDeactivate,
    "item.deactivate": ItemActivate,
    "item.hold": ItemRelease,
    "item.release": ItemHold,
}
CAN_BE_TAKEN_BACK = frozenset({*OPPOSITES, "sale.record"})
UNDONE_WHERE = {
    "item.activate": frozenset({"draft", "inactive"}),
    "item.deactivate": frozenset({"active"}),
    "item.hold": frozenset({"active", "draft", "inactive"}),
    "item.release": frozenset[str](),
}
"""By command, what was wanted before where its opposite brings that back."""
Wanted = Mapping[str, Any]


def taking_back(kept: Kept, before: Mapping[str, Wanted] | None = None) -> list[Message]:
    """What undoes a command; `before` is what was wanted of each listing just before it.

    A listing that was on hold goes back on that hold, whatever was done to it; one that the command
    did not change stays as it is. Where nobody knows what was before, the opposite is done. A sale
    recorded by hand is canceled with every listing back to what it was. Empty: it cannot be undone.
    """
    if kept.type == "sale.record":
        return [SaleCancel(sale_id=kept.payload["sale_id"], relist="as_before")]
    opposite = OPPOSITES.get(kept.type)
    if opposite is None:
        return []
    item_id, named = str(kept.payload["item_id"]), list(kept.payload["marketplaces"])
    if before is None:
        return [opposite.model_validate({"item_id": item_id, "marketplaces": named})]
    meant = sorted(before) if "*" in named else named
    was = {slug: before.get(slug, {"desired": "draft"}) for slug in meant}
    plain = [slug for slug in meant if was[slug]["desired"] in UNDONE_WHERE[kept.type]]
    undoing = [_held_again(item_id, slug, was[slug]) for slug in meant if was[slug].get("hold")]
    if plain:
        undoing.append(opposite.model_validate({"item_id": item_id, "marketplaces": plain}))
    return undoing


def wanted_before(kept: Kept, happened: Sequence[Mapping[str, Any]]) -> Mapping[str, Wanted] | None:
    """What was wanted of an item's listings just before a command, by what happened to the item.

    None where that is not known. A command that changed nothing found what it left.
    """
    changes = [one for one in happened if one["type"] == ItemChanged.TYPE]
    own = next((one["what"] for one in changes if one.get("cause") == kept.command_id), None)
    if own is None:
        return None
    earlier = [one["what"] for one in changes if one["what"]["revision"] < own["revision"]]
    before: Sequence[Wanted] = earlier if own["changed"] else [own]
    last = max(before, key=lambda what: int(what["revision"]), default={})
    wanted: Mapping[str, Wanted] | None = last.get("wanted")
    return wanted


def _held_again(item_id: str, slug: str, was: Wanted) -> Message:
    """The hold as it was; an end that has passed meanwhile is left out, and it stays off sale."""
    hold = {name: value for name, value in was["hold"].items() if value is not None}
    if "until" in hold and datetime.fromisoformat(hold["until"]) <= datetime.now(UTC):
        del hold["until"]
    return ItemHold.model_validate({"item_id": item_id, "marketplaces": [slug], **hold})
