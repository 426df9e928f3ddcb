"""The topics, their partitions and their retention (docs/messages.md, Topics)."""

from collections.abc import Iterable
from dataclasses import dataclass

SALES_COMMANDS = "sales.commands"
SALES_EVENTS = "sales.events"
INVENTORY_COMMANDS = "inventory.commands"
INVENTORY_EVENTS = "inventory.events"
MARKETPLACE_COMMANDS = "marketplace.{marketplace}.commands"
MARKETPLACE_WEBHOOKS = "marketplace.{marketplace}.webhooks"
MARKETPLACE_EVENTS = "marketplace.events"
DEAD_LETTERS = "dead-letters"

DAY_MS = 24 * 60 * 60 * 1000
MESSAGE_BYTES = 4 * 1024 * 1024
DEAD_LETTER_BYTES = 5 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic as `brocante topics apply` makes it; `cleanup.policy` is always delete."""

    name: str
    partitions: int
    retention_ms: int = 7 * DAY_MS
    max_message_bytes: int = MESSAGE_BYTES

    @property
    def config(self) -> dict[str, str]:
        """Kafka's topic settings."""
        return {
            "cleanup.policy": "delete",
            "retention.ms": str(self.retention_ms),
            "max.message.bytes": str(self.max_message_bytes),
        }


def topics_for(
    marketplaces: Iterable[str], *, prefix: str = "", partitions: int = 6
) -> tuple[Topic, ...]:
    """Every topic of an installation.

    All item-keyed topics have the same partition count, so that the range assignor gives an item's
    partitions to one member of a group.
    """
    names = [
        SALES_COMMANDS,
        SALES_EVENTS,
        INVENTORY_COMMANDS,
        INVENTORY_EVENTS,
        MARKETPLACE_EVENTS,
    ]
    for marketplace in sorted(marketplaces):
        names.append(MARKETPLACE_COMMANDS.format(marketplace=marketplace))
        names.append(MARKETPLACE_WEBHOOKS.format(marketplace=marketplace))
    kept = Topic(
        f"{prefix}{DEAD_LETTERS}",
        partitions,
        retention_ms=30 * DAY_MS,
        max_message_bytes=DEAD_LETTER_BYTES,
    )
    return (*(Topic(f"{prefix}{name}", partitions) for name in names), kept)
