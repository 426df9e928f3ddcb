"""The bare chain: as many processes as a sale passes services, each a plain loop with one write."""

import asyncio
import json
import os
import sys
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer

from brocante.contracts.topics import SALES_COMMANDS
from tests.bench.latency.hop import LAST
from tests.bench.loads.load import Sent
from tests.bench.loads.sales import record
from tests.bench.preparing import drop_database, make_topics
from tests.bench.servers import Servers

HOPS = 5
READY_SECONDS = 60
ANSWER_SECONDS = 30


@dataclass(slots=True)
class BareChain:
    """A running chain."""

    topics: list[str]
    producer: AIOKafkaProducer
    last: asyncio.StreamReader
    sent: int = 0

    async def seconds(self, hops: int) -> float:
        """Send one message through so many hops; from just before it is sent to the last write."""
        self.sent += 1
        sale = record(f"ebay:{self.sent}", f"piece-{self.sent}")
        wire = Sent(f"r{self.sent}", SALES_COMMANDS, sale).wire("")
        topic = self.topics[-hops]
        key = f"{topic}/{self.sent}".encode()
        began = time.time()
        await self.producer.send(topic, value=wire.value, key=key, headers=list(wire.headers))
        line = await asyncio.wait_for(self.last.readline(), ANSWER_SECONDS)
        said = json.loads(line)
        if said["id"] != key.decode():
            raise RuntimeError(f"{said['id']} came out of the chain, {key.decode()} went in")
        return float(said["at"]) - began


@asynccontextmanager
async def bare_chain(servers: Servers, hops: int = HOPS) -> AsyncIterator[BareChain]:
    """Every process started and given its partitions; killed with the block."""
    name = f"c{uuid.uuid4().hex[:8]}"
    topics = [f"{name}.{n}" for n in range(hops)]
    await make_topics(servers.kafka, "", topics)
    producer = AIOKafkaProducer(bootstrap_servers=servers.kafka, acks="all", linger_ms=0)
    await producer.start()
    try:
        async with AsyncExitStack() as stack:
            outputs = await asyncio.gather(
                *(
                    stack.enter_async_context(_process(servers, name, source, target))
                    for source, target in zip(topics, [*topics[1:], LAST], strict=True)
                )
            )
            yield BareChain(topics, producer, outputs[-1])
    finally:
        await producer.stop()
        await drop_database(servers.mongo, name)


@asynccontextmanager
async def _process(
    servers: Servers, database: str, source: str, target: str
) -> AsyncIterator[asyncio.StreamReader]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.latency.hop"),
        *(servers.kafka, servers.mongo, database, source, target),
        stdout=asyncio.subprocess.PIPE,
        env=dict(os.environ),
    )
    try:
        assert process.stdout is not None
        if not await asyncio.wait_for(process.stdout.readline(), READY_SECONDS):
            raise RuntimeError(f"the chain's process for {source} ended")
        yield process.stdout
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
