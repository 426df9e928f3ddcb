"""What a command on its way can be asked."""

import asyncio
from dataclasses import dataclass
from time import monotonic
from typing import Any, Protocol

from brocante.contracts.message import Command

LOOK_SECONDS = 0.1


class Rejected(Exception):  # noqa: N818 - what the service said, not a failure of ours
    """A rule refused the command; nothing changed."""

    def __init__(
        self, code: str, message: str, field: str | None, issues: list[dict[str, Any]]
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.field = field
        self.issues = issues


class NotInTime(Exception):  # noqa: N818 - it may still come
    """Not answered, or not settled, within the time given; it may still happen."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered: the event's type and payload."""

    type: str
    payload: dict[str, Any]


class Transport(Protocol):
    """How commands get to Brocante and answers back."""

    async def start(self) -> None:
        """Connect."""
        ...

    async def stop(self) -> None:
        """Disconnect."""
        ...

    async def send(self, command: Command, command_id: str) -> None:
        """Send a command; sending it again with the same id is harmless."""
        ...

    async def answer(self, command: Command, command_id: str, seconds: float) -> Answer | None:
        """The answer, or None when it does not come in time; raises Rejected."""
        ...

    async def item(self, item_id: str) -> dict[str, Any] | None:
        """The newest snapshot of an item, as far as known."""
        ...


@dataclass(frozen=True, slots=True)
class Handle:
    """A command that was sent."""

    command: Command
    command_id: str
    transport: Transport

    async def answer(self, timeout: float = 30.0) -> Answer:  # noqa: ASYNC109 - the word callers expect
        """What the service answered; raises Rejected, or NotInTime."""
        found = await self.transport.answer(self.command, self.command_id, timeout)
        if found is None:
            raise NotInTime(f"{self.command.TYPE} {self.command_id} was not answered")
        return found

    async def settled(self, timeout: float = 60.0) -> dict[str, Any]:  # noqa: ASYNC109 - the word callers expect
        """The item once every listing is as wanted (or needs someone); NotInTime otherwise."""
        end = monotonic() + timeout
        answered = await self.answer(timeout)
        item_id = answered.payload.get("item_id") or getattr(self.command, "item_id", None)
        while monotonic() < end:
            item = await self.transport.item(str(item_id))
            if item is not None and _reflects(item, answered) and _at_rest(item):
                return item
            await asyncio.sleep(LOOK_SECONDS)
        raise NotInTime(f"item {item_id} is not settled")


def _reflects(item: dict[str, Any], answered: Answer) -> bool:
    """The snapshot is not older than the answer."""
    if "revision" in answered.payload:
        return int(item["revision"]) >= int(answered.payload["revision"])
    known = item.get("sale_versions", {}).get(answered.payload.get("sale_id"), 0)
    return int(known) >= int(answered.payload.get("sale_version", 0))


def _at_rest(item: dict[str, Any]) -> bool:
    listings: dict[str, dict[str, Any]] = item.get("listings", {})
    return all(one["operation"] not in ("queued", "retrying") for one in listings.values())
