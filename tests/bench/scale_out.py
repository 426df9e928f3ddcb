"""Throughput of one, two and four replicas of sales: `python -m tests.bench.scale_out`.

Each replica is a process of its own on the same broker and database. On a machine with few cores
the figures grow only as far as those allow.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic

import httpx2

from brocante.contracts.envelope import encode
from brocante.contracts.sales import SaleRecord
from brocante.contracts.topics import SALES_COMMANDS, topics_for
from brocante.documents.driver import connect
from brocante.messaging.cluster import apply_topics
from brocante.messaging.publisher import Publisher
from brocante.messaging.wire import Wire
from brocante.settings import Settings
from brocante_local.backends.ports import HOST, free_port
from tests.support import toy

AT_ONCE = 500
READY_SECONDS = 120.0
DONE_SECONDS = 240.0


@dataclass(frozen=True)
class Measured:
    """What so many replicas did: commands per second, and how many each applied."""

    replicas: int
    commands: int
    per_second: float
    shares: tuple[int, ...]


def measure(kafka: str, mongo: str, replicas: int, commands: int) -> Measured:
    """Let replicas of sales work off commands; every one is applied once."""
    name = f"scale{uuid.uuid4().hex[:8]}"
    settings = Settings(kafka=kafka, mongo=mongo, topic_prefix=f"{name}.", database=name)
    asyncio.run(apply_topics(settings, topics_for((), prefix=f"{name}.", partitions=4)))
    ports = [free_port() for _ in range(replicas)]
    with _running(settings, ports):
        for port in ports:
            _until_ready(port)
        began = monotonic()
        asyncio.run(_publish(settings, commands))
        while sum(shares := [_applied(port) for port in ports]) < commands:
            if monotonic() - began > DONE_SECONDS:
                raise TimeoutError(f"{sum(shares)} of {commands} applied")
        seconds = monotonic() - began
        asyncio.run(_check(settings, commands))
    return Measured(replicas, commands, round(commands / seconds, 1), tuple(shares))


@contextmanager
def _running(settings: Settings, ports: list[int]) -> Iterator[None]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("BROCANTE_")}
    given = {
        "BROCANTE_KAFKA": settings.kafka,
        "BROCANTE_MONGO": settings.mongo,
        "BROCANTE_TOPIC_PREFIX": settings.topic_prefix,
        "BROCANTE_DATABASE": settings.database,
        "BROCANTE_LOG_LEVEL": "ERROR",
    }
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "sales"],
            env={**kept, **given, "BROCANTE_METRICS_PORT": str(port)},
        )
        for port in ports
    ]
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()


def _until_ready(port: int) -> None:
    end = monotonic() + READY_SECONDS
    while monotonic() < end:
        try:
            if httpx2.get(f"http://{HOST}:{port}/readyz", trust_env=False).status_code == 200:
                return
        except httpx2.TransportError:
            continue
    raise TimeoutError(f"the replica on port {port} is not ready")


def _applied(port: int) -> int:
    text = httpx2.get(f"http://{HOST}:{port}/metrics", trust_env=False, timeout=30).text
    lines = [line for line in text.splitlines() if line.startswith("brocante_messages_total{")]
    return int(sum(float(line.split()[-1]) for line in lines if 'outcome="applied"' in line))


async def _publish(settings: Settings, commands: int) -> None:
    publisher = Publisher(settings)
    await publisher.start()
    topic = f"{settings.topic_prefix}{SALES_COMMANDS}"
    for start in range(0, commands, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, commands))
        await publisher.send_all([_command(topic, number) for number in numbers])
    await publisher.stop()


def _command(topic: str, number: int) -> Wire:
    message = SaleRecord(
        sale_id=f"s{number}", item_id=f"i{number}", marketplace="fair", sold_at=toy.NOW
    )
    value, headers = encode(toy.envelope(message, f"c{number}"), message)
    return Wire(topic, f"main/s{number}".encode(), value, headers)


async def _check(settings: Settings, commands: int) -> None:
    """Each command made one document, of version 1: applied once, by whichever replica."""
    database = connect(settings.mongo, settings.database)
    try:
        once = await database.collection("sales").count({"version": 1})
        if once != commands:
            raise AssertionError(f"{once} of {commands} sales were written once")
    finally:
        await database.drop()
        await database.close()


def main() -> None:
    """Print one JSON line per number of replicas."""
    parser = argparse.ArgumentParser(prog="tests.bench.scale_out")
    parser.add_argument("--kafka", required=True, help="host:port")
    parser.add_argument("--mongo", required=True, help="connection string")
    parser.add_argument("--commands", type=int, default=6000)
    parser.add_argument("--replicas", type=int, nargs="*", default=[1, 2, 4])
    given = parser.parse_args()
    for replicas in given.replicas:
        measured = measure(given.kafka, given.mongo, replicas, given.commands)
        sys.stdout.write(json.dumps(measured.__dict__) + "\n")


if __name__ == "__main__":
    main()
