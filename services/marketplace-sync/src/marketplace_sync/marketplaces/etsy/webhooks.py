"""Etsy's webhooks are thin: they name a receipt, which must be read on the configured host."""

import json
import re
from collections.abc import Mapping, Sequence

from marketplace_sync.marketplaces.contract import Notice, OrderToRead

EVENTS = frozenset({"order.paid", "order.canceled", "order.cancelled"})
_RECEIPT = re.compile(r"/receipts/(?P<id>[0-9]{1,20})(?:[/?#]|$)")


def decode(_headers: Mapping[str, str], body: bytes) -> Sequence[Notice]:
    """The receipt to read; the URL in the body gives its number and nothing else.

    Raises ValueError for a body that is not JSON.
    """
    event = json.loads(body)
    if not isinstance(event, dict) or event.get("event_type") not in EVENTS:
        return ()
    match = _RECEIPT.search(str(event.get("resource_url", "")))
    return [OrderToRead(match["id"])] if match else ()
