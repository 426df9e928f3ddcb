"""An item's history: every command, event and call about it, its sales' included."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from brocante.contracts.values import ItemId, rfc3339
from gateway.domain.problems import Problem
from gateway.http.context import Gateway, Reader

router = APIRouter(tags=["items"])
Place = tuple[datetime, str]


class HistoryPage(BaseModel):
    """Where to go on."""

    model_config = ConfigDict(extra="forbid")

    cursor: str | None = None
    limit: int = Field(200, ge=1, le=1000)


@router.get("/items/{item_id}/history")
async def history_of_item(
    item_id: ItemId, gateway: Gateway, who: Reader, asked: Annotated[HistoryPage, Query()]
) -> dict[str, Any]:
    """Who asked for what and why, what came of it and what happened, newest first.

    `kind` is `command` or `event`; a command has its `outcome`, refused with its `problem`. An
    event names its `cause` (a command's id); outcomes of calls are the events of a `source`
    `brocante/marketplace-sync/<m>`.
    """
    before = _place(asked.cursor) if asked.cursor else None
    found = await gateway.commands.of_item(who.dealer, item_id)
    found += await gateway.history.of_item(who.dealer, item_id)
    entries = sorted(found, key=_of, reverse=True)
    left = [one for one in entries if before is None or _of(one) < before]
    page = left[: asked.limit]
    more = len(left) > asked.limit
    return {
        "items": [{**entry, "at": rfc3339(entry["at"])} for entry in page],
        "next_cursor": _cursor(page[-1]) if more else None,
    }


def _of(entry: dict[str, Any]) -> Place:
    return entry["at"], entry["id"]


def _cursor(entry: dict[str, Any]) -> str:
    return f"{rfc3339(entry['at'])}|{entry['id']}"


def _place(cursor: str) -> Place:
    moment, _, id_ = cursor.partition("|")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError as error:
        raise Problem("invalid", "cursor is not one of ours.", field="/cursor") from error
    if at.tzinfo is None or not id_:
        raise Problem("invalid", "cursor is not one of ours.", field="/cursor")
    return at, id_
