"""Reads every topic from its beginning, broker after broker, and says what it has heard."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from brocante.messaging.wire import Wire
from tests.chaos.ending import ended
from tests.chaos.records import Record, as_record

POLL_MS = 200
RETRY_SECONDS = 0.3
START_SECONDS, STOP_SECONDS, DEAF_SECONDS = 30.0, 5.0, 10.0
ANSWERING = frozenset(("sale.recorded", "sale.canceled", "item.changed", "command.rejected"))


class Recorder:
    """One reader in no group; every record is kept once, whatever the network does."""

    def __init__(self, kafka: str, topics: list[str], keep: Path | None = None) -> None:
        self._kafka = kafka
        self._file = keep.open("w") if keep is not None else None
        self._topics = topics
        self._incarnation = 0
        self._positions: dict[TopicPartition, int] = {}
        self._reader: asyncio.Task[None] | None = None
        self.records: list[Record] = []
        self.wires: list[Wire] | None = None
        """Every record as it was read, once a list is put here."""
        self.answers: dict[str, str] = {}
        """By the id of a command: the type of the first event it led to."""
        self.rejections: dict[str, str] = {}
        self.sales: dict[str, str] = {}
        self._versions: dict[str, int] = defaultdict(int)
        self._applied: dict[str, int] = defaultdict(int)
        self._heard = asyncio.Event()
        self.behind: dict[TopicPartition, int] = defaultdict(int)
        self.ends: dict[TopicPartition, int] = {}
        self.quiet_since = monotonic()

    @property
    def incarnation(self) -> int:
        """The number of the broker being read, from 1."""
        return self._incarnation

    def follow(self) -> None:
        """Read the broker there is now, which is another one than before."""
        self._incarnation += 1
        self._positions.clear()
        self.behind.clear()
        self.ends.clear()
        self._reader = asyncio.create_task(self._read())

    async def leave(self) -> None:
        """Stop reading."""
        if self._reader is not None:
            await ended(self._reader)
            self._reader = None

    def applied(self, sale_id: str) -> bool:
        """Whether inventory has shown that it knows all that was said of a sale."""
        return 0 < self._versions[sale_id] <= self._applied[sale_id]

    async def until(self, found: Callable[[], Any], seconds: float) -> bool:
        """Wait until something heard makes `found` true."""
        end = monotonic() + seconds
        while not found():
            left = end - monotonic()
            if left <= 0:
                return False
            heard = self._heard
            with suppress(TimeoutError):
                await asyncio.wait_for(heard.wait(), min(left, 1.0))
        return True

    async def until_quiet(self, quiet: float, seconds: float) -> None:
        """Wait until nothing was heard for a while, or the time is over."""
        end = monotonic() + seconds
        while monotonic() < min(end, self.quiet_since + quiet):  # noqa: ASYNC110 - silence
            await asyncio.sleep(POLL_MS / 1000)

    async def answered(self, command_id: str, seconds: float) -> bool:
        """Wait for the answer to a command."""
        return await self.until(lambda: command_id in self.answers, seconds)

    async def _read(self) -> None:
        reading = asyncio.current_task()
        while True:
            try:
                await self._connected()
            except (KafkaError, OSError, TimeoutError):
                await asyncio.sleep(RETRY_SECONDS)
            except asyncio.CancelledError:
                # The client lets its own cancellations out, too, when a connection is lost.
                if reading is None or reading.cancelling():
                    raise

    async def _connected(self) -> None:
        """Read with one client, until it fails or has gone deaf."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=[self._kafka],
            group_id=None,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            fetch_max_wait_ms=100,
            request_timeout_ms=10_000,
        )
        try:
            async with asyncio.timeout(START_SECONDS):
                await consumer.start()
                partitions = await self._partitions(consumer)
            await self._from(consumer, partitions)
        finally:
            with suppress(KafkaError, OSError, TimeoutError):
                async with asyncio.timeout(STOP_SECONDS):
                    await consumer.stop()

    async def _from(self, consumer: AIOKafkaConsumer, partitions: list[TopicPartition]) -> None:
        """Read until nothing came for a while: one that has gone deaf would hear nothing, too."""
        consumer.assign(partitions)
        for tp in partitions:
            consumer.seek(tp, self._positions.get(tp, 0))
        heard = monotonic()
        while monotonic() < heard + DEAF_SECONDS:
            got = await consumer.getmany(timeout_ms=POLL_MS, max_records=2000)
            for tp, records in got.items():
                for read in records:
                    self._keep(as_record(self._incarnation, read))
                    self._write(read)
                    if self.wires is not None:
                        wire = Wire(read.topic, read.key, read.value, tuple(read.headers))
                        self.wires.append(wire)
                self._positions[tp] = records[-1].offset + 1
            for tp in partitions:
                high = consumer.highwater(tp)
                self.ends[tp] = max(high or 0, self._positions.get(tp, 0))
                self.behind[tp] = self.ends[tp] - self._positions.get(tp, 0)
            if got:
                heard = self.quiet_since = monotonic()
                waking, self._heard = self._heard, asyncio.Event()
                waking.set()

    async def _partitions(self, consumer: AIOKafkaConsumer) -> list[TopicPartition]:
        await consumer._client.force_metadata_update()
        await consumer.topics()
        found = [
            TopicPartition(topic, number)
            for topic in self._topics
            for number in sorted(consumer.partitions_for_topic(topic) or ())
        ]
        if len({tp.topic for tp in found}) < len(self._topics):
            raise TimeoutError("not every topic is there yet")
        return found

    def _write(self, read: Any) -> None:
        """One line for whoever looks into a violation later."""
        if self._file is not None:
            headers = {
                name: (value or b"").decode(errors="replace") for name, value in read.headers
            }
            value = (read.value or b"").decode(errors="replace")
            where = f"{self._incarnation}/{read.topic}/{read.partition}/{read.offset}"
            line = {"where": where, "at": read.timestamp, "headers": headers, "value": value}
            self._file.write(json.dumps(line) + "\n")

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def _keep(self, record: Record) -> None:
        self.records.append(record)
        if record.type == "command.rejected":
            self.rejections.setdefault(record.causation, str(record.facts.get("code")))
        if record.type in ANSWERING and record.causation:
            self.answers.setdefault(record.causation, record.type)
        if record.dealer != "main":
            return
        sale = str(record.facts.get("sale_id"))
        if record.type.startswith("sale.") and "sale_version" in record.facts:
            version = int(record.facts["sale_version"])
            self._versions[sale] = max(self._versions[sale], version)
        # Nobody else asks for them, and a lot has many.
        for known, version in record.facts.pop("sale_versions", {}).items():
            self._applied[known] = max(self._applied[known], int(version))
        if record.type == "sale.recorded":
            self.sales.setdefault(sale, "open")
        elif record.type == "sale.canceled":
            self.sales[sale] = "canceled"
