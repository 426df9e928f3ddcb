"""What every service answers with, and saying it all again (docs/messages.md)."""

from brocante.contracts.message import Command, Event
from brocante.contracts.topics import (
    INVENTORY_COMMANDS,
    INVENTORY_EVENTS,
    MARKETPLACE_COMMANDS,
    MARKETPLACE_EVENTS,
    SALES_COMMANDS,
    SALES_EVENTS,
)
from brocante.contracts.values import Issue, Natural, Time

EVENT_TOPICS = (SALES_EVENTS, INVENTORY_EVENTS, MARKETPLACE_EVENTS)


class CommandRejected(Event, type="command.rejected", topics=EVENT_TOPICS):
    """A command was refused by a rule; nothing changed. Its subject is the command's.

    `intent`: of the target that a worker refused, so that a newer one is not taken for it.
    """

    command_id: str
    command_type: str
    code: str
    message: str
    field: str | None = None
    issues: list[Issue] | None = None
    intent: Natural | None = None


class ResyncRequested(
    Command,
    type="resync.requested",
    topics=(SALES_COMMANDS, INVENTORY_COMMANDS, MARKETPLACE_COMMANDS),
    key=("resync_id",),
):
    """Say again what others may have missed since a broker was lost (docs/architecture.md)."""

    resync_id: str
    epoch: Natural
    since: Time


class ResyncCompleted(Event, type="resync.completed", topics=EVENT_TOPICS, key=("resync_id",)):
    """A service has said again everything it had to; `said` counts messages."""

    resync_id: str
    service: str
    said: Natural
