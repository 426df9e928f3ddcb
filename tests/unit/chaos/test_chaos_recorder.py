"""The recorder reads on whatever its client does: a run waits for what it hears."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition

from tests.chaos.recorder import Recorder

ANSWER = SimpleNamespace(
    topic="sales.events",
    partition=0,
    offset=0,
    key=b"main/chair",
    value=b'{"sale_id": "s1", "sale_version": 1}',
    headers=[("ce_type", b"sale.recorded"), ("ce_id", b"1"), ("ce_causationid", b"asked")],
    timestamp=1000,
)
PARTITION = TopicPartition("sales.events", 0)


class Client:
    """Lets its own cancellation out on the first read, and has an answer on the second."""

    made = 0

    def __init__(self, **_: Any) -> None:
        Client.made += 1
        self._client = self

    async def force_metadata_update(self) -> None: ...
    async def topics(self) -> None: ...
    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    def assign(self, _partitions: Any) -> None: ...
    def seek(self, _partition: Any, _offset: int) -> None: ...

    def partitions_for_topic(self, _topic: str) -> set[int]:
        return {0}

    def highwater(self, _partition: Any) -> int:
        return 1

    async def getmany(self, **_: Any) -> Any:
        if Client.made == 1:
            raise asyncio.CancelledError
        await asyncio.sleep(0)
        return {PARTITION: [ANSWER]}


async def test_it_reads_on_when_its_client_lets_a_cancellation_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tests.chaos.recorder.AIOKafkaConsumer", Client)
    monkeypatch.setattr(Client, "made", 0)
    recorder = Recorder("nowhere:1", ["sales.events"])
    recorder.follow()
    assert await recorder.answered("asked", 5)
    await recorder.leave()
    assert Client.made == 2
