"""Which document a message is about; every id begins `<dealer>/`."""

from brocante.contracts.values import DEFAULT_DEALER
from brocante.messaging.wire import Received

ACCOUNT = "account"
RESYNC = f"{DEFAULT_DEALER}/resync"
"""The last resync, which is the whole installation's affair."""
EVERY_LISTING = "@all"
"""Stands for many listings at once; no item has such an id."""


def account_id(dealer: str) -> str:
    """The document of a dealer's account."""
    return f"{dealer}/{ACCOUNT}"


def item_of(received: Received) -> str:
    """The listing of an item."""
    item = getattr(received.message, "item_id", None)
    return f"{received.dealer}/{item or EVERY_LISTING}"


def account_of(received: Received) -> str:
    """The dealer's account."""
    return account_id(received.dealer)


def webhook_of(received: Received) -> str:
    """The delivery."""
    return f"{received.dealer}/{getattr(received.message, 'webhook_id', '')}"


def last_resync(_received: Received) -> str:
    """What is known of the last resync."""
    return RESYNC
