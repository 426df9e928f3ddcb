"""The command that takes back another one, where there is such a thing."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from brocante.contracts.inventory import ItemActivate, ItemDeactivate, ItemHold, ItemRelease
from brocante.contracts.message import Message
from brocante.contracts.sales import SaleCancel
from gateway.records.commands import Kept

CAN_BE_TAKEN_BACK = frozenset(
    {"item.activate", "item.deactivate", "item.hold", "item.release", "sale.record"}
)
OF_HOLD = ("until", "holder", "reason")


def taking_back(kept: Kept, earlier: Sequence[Mapping[str, Any]] = ()) -> Message | None:
    """What undoes a command; `earlier` is what was asked of the item before, newest first.

    A release is undone by the hold that it ended; a sale recorded by hand by canceling it, with
    every listing back to what it was. None: it cannot be undone.
    """
    if kept.type == "sale.record":
        return SaleCancel(sale_id=kept.payload["sale_id"], relist="as_before")
    about = {name: kept.payload.get(name) for name in ("item_id", "marketplaces")}
    match kept.type:
        case "item.activate":
            return ItemDeactivate.model_validate(about)
        case "item.deactivate":
            return ItemActivate.model_validate(about)
        case "item.hold":
            return ItemRelease.model_validate(about)
        case "item.release":
            return ItemHold.model_validate({**about, **_last_hold(earlier)})
    return None


def _last_hold(earlier: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    held: dict[str, Any] = next(
        (one["what"] for one in earlier if one["type"] == ItemHold.TYPE), {}
    )
    said = {name: held[name] for name in OF_HOLD if held.get(name)}
    if "until" in said and datetime.fromisoformat(said["until"]) <= datetime.now(UTC):
        del said["until"]
    return said
