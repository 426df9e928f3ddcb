"""Failures of one cause: each message to be sent again, corrected, or put aside."""

from fastapi import Request, Response

from gateway.console.operations import HERE, of_installation
from gateway.console.pages import Form, Operator, form, page, pages, redirect
from gateway.console.words import number
from gateway.domain.problems import Problem
from gateway.http.context import Context, Gateway
from gateway.records.access import Principal
from gateway.records.dead_letters import Edit

router = pages()
SHOWN = 100


@router.get("/operations/failures/{group}")
async def failures(group: str, request: Request, gateway: Gateway, who: Operator) -> Response:
    """The open failures of a group, and those done with."""
    of_installation(who)
    opened = await gateway.dead_letters.letters(group)
    closed = await gateway.dead_letters.letters(group, closed=True)
    if not opened and not closed:
        raise Problem("not_found", "There is no such group of failures.")
    named = next((one for one in await gateway.dead_letters.groups() if one["group"] == group), {})
    return await page(
        request,
        gateway,
        who,
        "failures.html",
        group=group,
        named=named,
        count=len(opened),
        opened=opened[:SHOWN],
        closed=closed[::-1][:SHOWN],
    )


@router.post("/operations/failures")
async def retry_all(request: Request, gateway: Gateway, who: Operator) -> Response:
    """Send every open failure again, group by group."""
    of_installation(who)
    groups = [one["group"] for one in await gateway.dead_letters.groups()]
    sent = [await gateway.dead_letters.retry(group, who.actor) for group in groups]
    return redirect(request, HERE, f"{number(sum(sent), 'message')} sent again.")


@router.post("/operations/failures/{group}")
async def decide(group: str, request: Request, gateway: Gateway, who: Operator) -> Response:
    """Send a group or one of it again, as it came or corrected, or put it aside."""
    of_installation(who)
    fields = await form(request, gateway)
    one = fields.get("id")
    said = await _done(gateway, who, group, fields, [one] if one else None)
    left = await gateway.dead_letters.letters(group)
    return redirect(request, f"/operations/failures/{group}" if left and one else HERE, said)


async def _done(
    gateway: Context, who: Principal, group: str, fields: Form, ids: list[str] | None
) -> str:
    letters = gateway.dead_letters
    match fields.get("action"):
        case "retry":
            count = await letters.retry(group, who.actor, ids)
            return f"{number(count, 'message')} sent again."
        case "archive":
            count = await letters.archive(group, who.actor, ids)
            return f"{number(count, 'message')} put aside."
        case "edit" if ids:
            edit = Edit(fields.get("value", ""), {})
            count = await letters.edit_and_retry(group, who.actor, ids[0], edit)
            return f"{number(count, 'message')} sent again as corrected; the correction is kept."
    raise Problem("invalid", "Say what to do with it.")
