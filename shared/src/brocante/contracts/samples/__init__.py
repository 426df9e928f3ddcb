"""One realistic sample of every message, all about the same few pieces of one dealer.

They are what docs/messages.md shows and what docs/contracts/samples holds: data to copy from.
"""

from collections.abc import Iterator

from brocante.contracts.catalogue import Message, message_classes
from brocante.contracts.samples import inventory, listings, marketplace, sales
from brocante.contracts.values import JsonObject

SAMPLES: dict[str, JsonObject] = {
    **sales.SAMPLES,
    **inventory.SAMPLES,
    **marketplace.SAMPLES,
    **listings.SAMPLES,
}
"""The payload of each message, by type, as it is on the wire."""


def sample(cls: type[Message]) -> Message:
    """A realistic message of this class; KeyError when nobody wrote one."""
    return cls.model_validate(SAMPLES[cls.TYPE])


def samples() -> Iterator[Message]:
    """A sample of every message class, by type."""
    return map(sample, message_classes())
