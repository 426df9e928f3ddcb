"""Before a measurement: topics made, documents stored, messages preloaded."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from pymongo import AsyncMongoClient

from brocante.contracts.topics import DEAD_LETTER_BYTES, Topic
from brocante.documents.document import Document
from brocante.documents.driver import connect
from brocante.documents.store import DocumentStore
from brocante.messaging.cluster import apply_topics
from brocante.messaging.wire import Wire
from brocante.settings import Settings
from tests.bench.contenders.assignment import Kind

CHUNK = 1000
PARTITIONS = 6


async def make_topics(
    kafka: str, prefix: str, topics: Iterable[str], partitions: int = PARTITIONS
) -> None:
    """Empty topics of this run alone."""
    settings = Settings(kafka=kafka)
    await apply_topics(settings, [Topic(f"{prefix}{topic}", partitions) for topic in topics])


async def delete_topics(kafka: str, prefix: str, topics: Iterable[str]) -> None:
    """Give the room back."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        await admin.delete_topics([f"{prefix}{topic}" for topic in topics])
    finally:
        await admin.close()


async def preload(kafka: str, records: Sequence[Wire]) -> None:
    """Publish everything, in order per key, before anyone reads."""
    producer = AIOKafkaProducer(
        bootstrap_servers=kafka, acks="all", linger_ms=5, max_request_size=DEAD_LETTER_BYTES
    )
    await producer.start()
    try:
        for chunk in chunks(iter(records), CHUNK):
            pending = [
                await producer.send(r.topic, value=r.value, key=r.key, headers=list(r.headers))
                for r in chunk
            ]
            await asyncio.gather(*pending)
    finally:
        await producer.stop()


async def store_documents(
    mongo: str, database: str, collection: str, documents: Iterator[Document], kind: Kind
) -> None:
    """Documents as the contender would have left them: ours with their journal."""
    if kind == "ours":
        connected = connect(mongo, database)
        store = DocumentStore(connected, collection, cached=0)
        await store.prepare(())
        for chunk in chunks(documents, CHUNK):
            # A store only inserts what has version 1: how often a piece was written is no matter.
            await store.save([_first(document) for document in chunk])
        await connected.close()
        return
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(mongo)
    for chunk in chunks(documents, CHUNK):
        plain = [{"_id": d.id, "version": 1, "state": d.state, **d.indexed} for d in chunk]
        await client[database][collection].insert_many(plain, ordered=False)
    await client.close()


async def drop_database(mongo: str, database: str) -> None:
    """Give the room back; a large stock takes longer than a service waits for an answer."""
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(mongo)
    await client.drop_database(database)
    await client.close()


def chunks(items: Iterator[Any], size: int) -> Iterator[list[Any]]:
    """Lists of at most so many."""
    while chunk := list(islice(items, size)):
        yield chunk


def _first(document: Document) -> Document:
    return document._replace(version=1)
