"""What the gateway publishes at once and what it publishes again are the same, byte for byte."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from brocante.contracts.sales import SaleCancel
from brocante.settings import Settings
from brocante.testing.memory_broker import MemoryBroker, MemoryPublisher
from brocante.testing.memory_database import MemoryDatabase
from gateway.records.access import Principal
from gateway.records.commands import Commands
from gateway.records.webhooks import Webhooks
from tests.support.running import eventually

DEALER = Principal("main", frozenset(("write",)), "token:test", "token")


async def published_twice(
    broker: MemoryBroker, topic: str, records: Commands | Webhooks, accept: Coroutine[Any, Any, Any]
) -> None:
    publishing = asyncio.create_task(records.outbox.run_forever())
    await accept
    await eventually(lambda: len(broker.read(topic)) == 1, "it is published")
    await records.repeat(everything=True)
    publishing.cancel()
    first, second = broker.read(topic)
    assert (first.key, first.value, first.headers) == (second.key, second.value, second.headers)


async def test_a_delivery_said_again_is_the_same() -> None:
    broker = MemoryBroker()
    publisher = MemoryPublisher(Settings(), broker)
    webhooks = Webhooks(MemoryDatabase(), publisher, "", 5.0)
    accept = webhooks.accept("main", "d1", "ebay", "main", {"a": "b"}, b"{}")
    await published_twice(broker, "marketplace.ebay.webhooks", webhooks, accept)


async def test_a_command_said_again_is_the_same() -> None:
    broker = MemoryBroker()
    publisher = MemoryPublisher(Settings(), broker)
    commands = Commands(MemoryDatabase(), publisher, "", 5.0)
    accept = commands.accept(DEALER, "c1", SaleCancel(sale_id="s1"), "")
    await published_twice(broker, "sales.commands", commands, accept)
