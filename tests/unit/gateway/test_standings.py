"""What the gateway's metrics say of listings, webhooks and sales."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY

from brocante.contracts.envelope import Decoded, Envelope
from brocante.contracts.listings import WebhookProcessed
from brocante.contracts.message import Message
from brocante.contracts.samples.inventory import SAMPLES
from brocante.contracts.snapshot import ItemChanged, ItemOversold
from brocante.testing.memory_database import MemoryDatabase
from gateway import metrics
from gateway.records.standing import Standings
from gateway.records.views import ITEMS, Views
from gateway.watching import count

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
SAMPLE = ItemChanged.model_validate(SAMPLES["item.changed"])
LISTING = next(iter(SAMPLE.listings.values()))


class Gauges:
    """Views in memory, and the gauges as they are NOW."""

    def __init__(self) -> None:
        database = MemoryDatabase()
        self.views = Views(database, ("ebay", "etsy"))
        self.standings = Standings(database.collection(ITEMS), ("ebay", "etsy"), lambda: NOW)

    async def say(
        self, item: str, revision: int, seconds_ago: float, status: str = "available", **ebay: Any
    ) -> None:
        """A snapshot of an item whose listing on eBay is like this."""
        listing = LISTING.model_copy(update={"observed": "active", **ebay})
        changed = {
            "item_id": item,
            "revision": revision,
            "status": status,
            "listings": {"ebay": listing},
        }
        at = NOW - timedelta(seconds=seconds_ago)
        await self.views.take([event(SAMPLE.model_copy(update=changed), at)])

    async def oldest(self, marketplace: str = "ebay") -> float | None:
        """Seconds that the oldest listing waits."""
        await self.standings.look()
        labels = {"marketplace": marketplace}
        return REGISTRY.get_sample_value("brocante_unsettled_oldest_seconds", labels)


def event(message: Message, at: datetime = NOW) -> Decoded:
    return Decoded(Envelope("e1", "brocante/inventory", message.TYPE, at, message.subject), message)


def listings() -> dict[tuple[str, str], float]:
    (family,) = metrics.LISTINGS.collect()
    return {(one.labels["desired"], one.labels["observed"]): one.value for one in family.samples}


@pytest.fixture
def gauges() -> Gauges:
    return Gauges()


async def test_the_listing_that_waits_longest_is_seen_until_it_is_at_rest(gauges: Gauges) -> None:
    await gauges.say("lamp", 1, 30, operation="queued")
    await gauges.say("sofa", 1, 20, operation="queued")
    assert (await gauges.oldest(), await gauges.oldest("etsy")) == (30.0, 0.0)
    await gauges.say("lamp", 2, 10, operation="retrying")
    assert await gauges.oldest() == 30.0
    await gauges.say("lamp", 3, 5, operation="idle")
    assert await gauges.oldest() == 20.0
    await gauges.say("lamp", 4, 4, operation="queued")
    await gauges.say("sofa", 2, 3, operation="needs_dealer")
    assert await gauges.oldest() == 4.0


async def test_what_a_person_must_do_or_review_is_no_wait(gauges: Gauges) -> None:
    await gauges.say("lamp", 1, 30, operation="blocked")
    await gauges.say("sofa", 1, 30, operation="queued", observed="pending_review")
    assert await gauges.oldest() == 0.0


async def test_listings_are_counted_by_what_is_wanted_and_shown(gauges: Gauges) -> None:
    await gauges.say("lamp", 1, 30, desired="active", operation="idle")
    await gauges.say("sofa", 1, 30, desired="active", operation="idle")
    await gauges.say("vase", 1, 30, desired="inactive", operation="queued")
    await gauges.say("bowl", 1, 30, "deleted", desired="inactive", operation="idle")
    await gauges.standings.count()
    assert listings() == {("active", "active"): 2.0, ("inactive", "active"): 1.0}
    await gauges.say("vase", 2, 20, desired="inactive", observed="inactive", operation="idle")
    await gauges.standings.count()
    assert listings() == {("active", "active"): 2.0, ("inactive", "inactive"): 1.0}


def test_oversold_items_and_what_became_of_deliveries_are_counted() -> None:
    def value(name: str, **labels: str) -> float:
        return REGISTRY.get_sample_value(name, labels) or 0.0

    before = value("brocante_oversold_total")
    oversold = ItemOversold(item_id="lamp", sales=["s1", "s2"])
    applied = WebhookProcessed(webhook_id="w1", marketplace="counted", result="applied")
    again = applied.model_copy(update={"result": "duplicate"})
    count([event(one) for one in (oversold, applied, again)])
    assert value("brocante_oversold_total") == before + 1
    assert value("brocante_webhooks_total", marketplace="counted", result="applied") == 1
    assert value("brocante_webhooks_total", marketplace="counted", result="duplicate") == 0
