"""Who says each message on each topic, and who acts on it (docs/messages.md)."""

from collections.abc import Iterable
from dataclasses import dataclass

from brocante.contracts.message import Message
from brocante.contracts.topics import (
    DEAD_LETTERS,
    INVENTORY_COMMANDS,
    INVENTORY_EVENTS,
    MARKETPLACE_COMMANDS,
    MARKETPLACE_EVENTS,
    MARKETPLACE_WEBHOOKS,
    SALES_COMMANDS,
    SALES_EVENTS,
)

APPS = "apps"
GATEWAY = "gateway"
INVENTORY = "inventory"
SALES = "sales"
WORKERS = "marketplace-sync"
SERVICES = (SALES, INVENTORY, WORKERS, GATEWAY)


def worker(marketplace: str) -> str:
    """One marketplace's worker as a service: the name of its group, logs and metrics."""
    return f"{WORKERS}-{marketplace}"


def answering_resyncs(marketplaces: Iterable[str]) -> list[str]:
    """The services that answer `resync.requested`, by name."""
    return [SALES, INVENTORY, *(worker(marketplace) for marketplace in marketplaces)]


@dataclass(frozen=True, slots=True)
class Channel:
    """A topic as others see it: its record key, who writes it, who reads it, what it is for."""

    topic: str
    record_key: str
    senders: tuple[str, ...]
    readers: tuple[str, ...]
    purpose: str

    @property
    def name(self) -> str:
        """The topic without its parameter."""
        return self.topic.replace(".{marketplace}", "")


CHANNELS = (
    Channel(
        SALES_COMMANDS,
        "`<dealer>/<sale_id>`",
        (APPS, GATEWAY, INVENTORY, WORKERS),
        (SALES,),
        "What is asked of sales.",
    ),
    Channel(
        SALES_EVENTS,
        "`<dealer>/<item_id>`, else the subject",
        (SALES,),
        (INVENTORY, GATEWAY, APPS),
        "What became of sales.",
    ),
    Channel(
        INVENTORY_COMMANDS,
        "`<dealer>/<item_id>`",
        (APPS, GATEWAY, INVENTORY),
        (INVENTORY,),
        "What is asked of inventory.",
    ),
    Channel(
        INVENTORY_EVENTS,
        "`<dealer>/<item_id>`",
        (INVENTORY,),
        (GATEWAY, APPS),
        "Items as they now are.",
    ),
    Channel(
        MARKETPLACE_COMMANDS,
        "`<dealer>/<item_id>`, else the marketplace",
        (INVENTORY, GATEWAY),
        (WORKERS,),
        "What is asked of one marketplace's worker.",
    ),
    Channel(
        MARKETPLACE_WEBHOOKS,
        "`<dealer>/<account>`",
        (GATEWAY,),
        (WORKERS,),
        "What one marketplace delivered, verified and stored.",
    ),
    Channel(
        MARKETPLACE_EVENTS,
        "`<dealer>/<item_id>`, else the marketplace",
        (WORKERS,),
        (INVENTORY, GATEWAY, APPS),
        "What the marketplaces show, refuse and ask for.",
    ),
    Channel(
        DEAD_LETTERS,
        "the original key",
        SERVICES,
        (GATEWAY,),
        "Records that could not be processed, byte for byte.",
    ),
)

_BY_HAND = (APPS, GATEWAY)
_SENDERS: dict[str, tuple[str, ...]] = {
    "sale.record": (APPS, GATEWAY, WORKERS),
    "sale.cancel": (APPS, GATEWAY, WORKERS),
    "sale.merge": (INVENTORY, APPS, GATEWAY),
    "sale.split": (INVENTORY, APPS, GATEWAY),
    "item.create": _BY_HAND,
    "item.update": _BY_HAND,
    "item.activate": _BY_HAND,
    "item.deactivate": _BY_HAND,
    "item.hold": _BY_HAND,
    "item.release": (APPS, GATEWAY, INVENTORY),
    "item.delete": _BY_HAND,
    "item.link": _BY_HAND,
    "item.accept_drift": _BY_HAND,
    "item.restore": _BY_HAND,
    "listing.activate": (INVENTORY,),
    "listing.update": (INVENTORY,),
    "listing.hold": (INVENTORY,),
    "listing.deactivate": (INVENTORY,),
    "listing.link": (INVENTORY,),
    "listing.check": (GATEWAY,),
    "listing.retry": (GATEWAY,),
    "marketplace.pause": (GATEWAY,),
    "marketplace.resume": (GATEWAY,),
    "task.complete": (GATEWAY,),
    "resync.requested": (GATEWAY,),
}
"""Who sends each command. An event comes from the one service whose topic it is on."""


def channels_of(cls: type[Message]) -> tuple[Channel, ...]:
    """The topics a message travels on."""
    return tuple(channel for channel in CHANNELS if channel.topic in cls.TOPICS)


def senders(cls: type[Message], channel: Channel) -> tuple[str, ...]:
    """Who says this message on this topic."""
    return _SENDERS.get(cls.TYPE, channel.senders)
