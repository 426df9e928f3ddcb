"""Imports every message, so that the registry is complete wherever it is read."""

from brocante.contracts import answers, inventory, listings, marketplace, sales, snapshot
from brocante.contracts.message import Message, message_class, message_classes

__all__ = [
    "Message",
    "answers",
    "inventory",
    "listings",
    "marketplace",
    "message_class",
    "message_classes",
    "sales",
    "snapshot",
]
