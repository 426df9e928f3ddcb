"""Failures: dead letters by cause, replayed one or all, as they came or edited, or put aside."""

from typing import Annotated, Any, Self

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from gateway.domain.problems import Problem
from gateway.http.bodies import json_object, read_as
from gateway.http.context import Context, Gateway, Operator, of_installation
from gateway.http.describing import described_body
from gateway.records.access import Principal
from gateway.records.dead_letters import Edit

router = APIRouter(tags=["operations"])
LetterId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
HeaderName = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,256}$")]


class Letters(BaseModel):
    """Which letters of the group; left out: all that are open."""

    model_config = ConfigDict(extra="forbid")

    ids: Annotated[list[LetterId], Field(min_length=1)] | None = None


class Correction(BaseModel):
    """One letter, and what to change: its value, headers by name (null takes one away)."""

    model_config = ConfigDict(extra="forbid")

    id: LetterId
    value: str | None = None
    headers: dict[HeaderName, str | None] = {}

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.value is None and not self.headers:
            raise ValueError("give a value or headers; to send it as it is, retry")
        return self


@router.get("/failures")
async def list_failures(gateway: Gateway, who: Operator) -> dict[str, Any]:
    """Dead letters by service and cause; `repeats` failed again after a retry."""
    of_installation(who)
    return {"items": await gateway.dead_letters.groups(), "next_cursor": None}


@router.get("/failures/{group}")
async def show_failures(
    group: str, gateway: Gateway, who: Operator, closed: bool = False
) -> dict[str, Any]:
    """The open dead letters of a group, or those closed (with who, when and what edit)."""
    of_installation(who)
    letters = await gateway.dead_letters.letters(group, closed=closed)
    if not letters:
        which = "closed" if closed else "open"
        raise Problem("not_found", f"There is no group {group} with {which} dead letters.")
    return {"group": group, "items": letters, "next_cursor": None}


@router.post("/failures/{group}/retry", openapi_extra=described_body(Letters))
async def retry_failures(
    group: str, request: Request, gateway: Gateway, who: Operator
) -> dict[str, Any]:
    """Publish a group's dead letters, or these of it, to where they came from, in order."""
    ids = await _ids(group, request, gateway, who)
    return {"group": group, "replayed": await gateway.dead_letters.retry(group, who.actor, ids)}


@router.post("/failures/{group}/edit-and-retry", openapi_extra=described_body(Correction))
async def edit_and_retry(
    group: str, request: Request, gateway: Gateway, who: Operator
) -> dict[str, Any]:
    """Publish one dead letter changed; what came, and the edit with its author, are kept."""
    of_installation(who)
    values = await json_object(request, gateway.settings.body_limit)
    asked = read_as(Correction, values, fixed={})
    await _check(gateway, group, [asked.id])
    edit = Edit(asked.value, asked.headers)
    done = await gateway.dead_letters.edit_and_retry(group, who.actor, asked.id, edit)
    return {"group": group, "replayed": done}


@router.post("/failures/{group}/archive", openapi_extra=described_body(Letters))
async def archive_failures(
    group: str, request: Request, gateway: Gateway, who: Operator
) -> dict[str, Any]:
    """Put a group, or these of it, aside."""
    ids = await _ids(group, request, gateway, who)
    return {"group": group, "archived": await gateway.dead_letters.archive(group, who.actor, ids)}


async def _ids(group: str, request: Request, gateway: Context, who: Principal) -> list[str] | None:
    of_installation(who)
    asked = read_as(Letters, await json_object(request, gateway.settings.body_limit), fixed={})
    if asked.ids is not None:
        await _check(gateway, group, asked.ids)
    return asked.ids


async def _check(gateway: Context, group: str, ids: list[str]) -> None:
    """Refuse letters that are not open in the group: another operator may have been faster."""
    known = {letter["id"] for letter in await gateway.dead_letters.letters(group)}
    for id_ in ids:
        if id_ not in known:
            raise Problem("not_found", f"Group {group} has no open dead letter {id_}.")
