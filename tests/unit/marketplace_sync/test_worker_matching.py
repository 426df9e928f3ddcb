"""A delivery that an adapter cannot read is a reason, whatever the adapter raises."""

import base64
from collections.abc import Mapping, Sequence

import pytest

from brocante.contracts.listings import WebhookReceived
from brocante.documents.store import DocumentStore
from brocante.messaging.wire import Position, RawRecord, Received
from brocante.testing.memory_database import MemoryDatabase
from marketplace_sync.marketplaces.contract import Notice
from marketplace_sync.matching import Matcher
from tests.support import toy
from tests.support.fake_account import KINDS, MARKETPLACE
from tests.support.fake_adapter import FakeAdapter
from tests.support.worker_listings import NOW


class Puzzled(FakeAdapter):
    """Raises at each delivery."""

    error: Exception = KeyError("order")

    def decode(self, headers: Mapping[str, str], body: bytes) -> Sequence[Notice]:  # noqa: ARG002 - contract
        raise self.error


def delivery(body: str) -> Received:
    message = WebhookReceived(
        webhook_id="w1",
        marketplace=MARKETPLACE,
        account="shop",
        headers={},
        body_base64=body,
        received_at=NOW,
    )
    raw = RawRecord(Position(0, "t", 0, 0), b"main/w1", b"", (), 0)
    return Received(toy.envelope(message, "w1"), message, raw)


def matcher(adapter: FakeAdapter) -> Matcher:
    store = DocumentStore(MemoryDatabase(), KINDS.listings.collection)
    return Matcher(KINDS, store, {"main": adapter})


@pytest.mark.parametrize(
    "error", [KeyError("order"), RecursionError("deep"), ZeroDivisionError(), LookupError("zone")]
)
async def test_whatever_an_adapter_raises_is_why_it_cannot_be_decoded(error: Exception) -> None:
    adapter = Puzzled()
    adapter.error = error
    received = delivery(base64.b64encode(b"{}").decode())
    decoded = await matcher(adapter).resolve([received])
    assert repr(error) in (decoded[0].error or "")


async def test_a_body_that_is_no_base64_cannot_be_decoded() -> None:
    decoded = await matcher(FakeAdapter()).resolve([delivery("no base64!")])
    assert "cannot be decoded" in (decoded[0].error or "")
