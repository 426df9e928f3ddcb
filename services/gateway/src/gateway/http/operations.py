"""Operations: paused partitions, unmatched webhooks, saying everything again."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request

from brocante.contracts import parties, sources
from brocante.contracts.answers import ResyncRequested
from brocante.contracts.envelope import Envelope
from brocante.contracts.topics import INVENTORY_COMMANDS, MARKETPLACE_COMMANDS, SALES_COMMANDS
from brocante.messaging import brake
from brocante.messaging.epoch import Epochs
from gateway.domain.problems import Problem
from gateway.http.bodies import json_object
from gateway.http.context import Context, Gateway, Operator, Reader, of_installation

router = APIRouter(tags=["operations"])
SINCE = timedelta(days=7)


@router.post("/partitions/{topic}/{number}/resume")
async def resume_partition(
    topic: str, number: Annotated[int, Path(ge=0, le=100_000)], gateway: Gateway, who: Operator
) -> dict[str, Any]:
    """Read a partition again that was paused after too many dead letters in a row."""
    of_installation(who)
    name = f"{gateway.settings.topic_prefix}{topic}"
    released = await brake.release(gateway.database, name, number)
    if not released:
        raise Problem("not_found", f"Partition {number} of {topic} is not paused.")
    return {"topic": topic, "partition": number, "resumed": released}


@router.get("/webhooks")
async def list_webhooks(gateway: Gateway, who: Reader, result: str = "unmatched") -> dict[str, Any]:
    """Deliveries with a result: unmatched ones wait for a link."""
    found = await gateway.webhooks.listed(who.dealer, result)
    return {"items": found, "next_cursor": None}


@router.post("/resync", status_code=202)
async def resync(request: Request, gateway: Gateway, who: Operator) -> dict[str, Any]:
    """Make everyone say again what others may have missed since a broker was lost.

    What changed after `since` comes first. Left out, it is when what two whole resyncs said began.
    """
    of_installation(who)
    values = await json_object(request, gateway.settings.body_limit)
    since = None
    if values.get("since"):
        try:
            since = datetime.fromisoformat(str(values["since"])).astimezone(UTC)
        except ValueError as error:
            text = "since is not a time such as 2026-11-24T08:00:00Z."
            raise Problem("invalid", text, field="/since") from error
    return await say_everything_again(gateway, since)


async def say_everything_again(gateway: Context, since: datetime | None) -> dict[str, Any]:
    """Raise the epoch, ask every service, and repeat what is not answered."""
    now = datetime.now(UTC)
    services = parties.answering_resyncs(gateway.entries)
    epoch = await Epochs(gateway.database).raise_for_resync(services, now)
    since = since or epoch.surely_heard or now - SINCE
    asked = ResyncRequested(resync_id=str(uuid.uuid4()), epoch=epoch.number, since=since)
    envelope = Envelope(
        id=asked.resync_id,
        source=sources.GATEWAY,
        type=asked.TYPE,
        time=now,
        subject=asked.resync_id,
    )
    workers = [MARKETPLACE_COMMANDS.format(marketplace=m) for m in sorted(gateway.entries)]
    # What is not answered by now was lost with the broker or is still on its way: the same ids,
    # and before anything newer.
    commands = await gateway.commands.repeat(everything=True)
    webhooks = await gateway.webhooks.say_again(since)
    for topic in (SALES_COMMANDS, INVENTORY_COMMANDS, *workers):
        await gateway.publisher.send(envelope, asked, topic=topic)
    return {
        "resync_id": asked.resync_id,
        "epoch": epoch.number,
        "commands": commands,
        "webhooks": webhooks,
    }
