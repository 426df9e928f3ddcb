"""What cluster this is and which incarnation of each topic it has.

A wiped topic keeps its cluster's id, and aiokafka's metadata request is older than topic ids: the
request that carries them (Metadata v12) is spelled out here.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError
from aiokafka.protocol.abstract import AbstractType
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    Boolean,
    CompactArray,
    CompactString,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)

from brocante.contracts.topics import Topic
from brocante.messaging.connection import aiokafka_options
from brocante.settings import Settings

METADATA = 3
VERSION = 12
TOPIC_EXISTS = 36


class _Uuid(AbstractType[bytes]):  # type: ignore[misc]  # aiokafka is untyped
    @classmethod
    def encode(cls, value: bytes) -> bytes:
        return value

    @classmethod
    def decode(cls, data: BytesIO) -> bytes:
        return data.read(16)


_TEXT = CompactString("utf-8")
_PARTITION = CompactArray(
    ("error_code", Int16),
    ("partition", Int32),
    ("leader", Int32),
    ("leader_epoch", Int32),
    ("replicas", CompactArray(Int32)),
    ("isr", CompactArray(Int32)),
    ("offline", CompactArray(Int32)),
    ("tags", TaggedFields),
)


class _MetadataResponse(Response):  # type: ignore[misc]  # aiokafka is untyped
    API_KEY = METADATA
    API_VERSION = VERSION
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            CompactArray(
                ("node_id", Int32),
                ("host", _TEXT),
                ("port", Int32),
                ("rack", _TEXT),
                ("tags", TaggedFields),
            ),
        ),
        ("cluster_id", _TEXT),
        ("controller_id", Int32),
        (
            "topics",
            CompactArray(
                ("error_code", Int16),
                ("name", _TEXT),
                ("topic_id", _Uuid),
                ("is_internal", Boolean),
                ("partitions", _PARTITION),
                ("authorized_operations", Int32),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _MetadataRequestV12(RequestStruct):  # type: ignore[misc]  # aiokafka is untyped
    FLEXIBLE_VERSION = True
    API_KEY = METADATA
    API_VERSION = VERSION
    RESPONSE_TYPE = _MetadataResponse
    SCHEMA = Schema(
        (
            "topics",
            CompactArray(("topic_id", _Uuid), ("name", _TEXT), ("tags", TaggedFields)),
        ),
        ("allow_auto_topic_creation", Boolean),
        ("include_topic_authorized_operations", Boolean),
        ("tags", TaggedFields),
    )


class _MetadataRequest(Request[_MetadataRequestV12]):  # type: ignore[misc]  # aiokafka is untyped
    API_KEY = METADATA

    def __init__(self, topics: Sequence[str]) -> None:
        self._topics: list[Any] = [(bytes(16), topic, {}) for topic in topics]

    def build(self, request_struct_class: type[_MetadataRequestV12]) -> _MetadataRequestV12:
        return request_struct_class(self._topics, False, False, {})


@dataclass(frozen=True, slots=True)
class TopicNow:
    """A topic as the cluster has it."""

    topic_id: str
    partitions: int


@dataclass(frozen=True, slots=True)
class Cluster:
    """The cluster's id and, of the topics asked for, those it has."""

    cluster_id: str
    topics: dict[str, TopicNow]


async def describe(settings: Settings, topics: Sequence[str]) -> Cluster:
    """Ask the broker; raises KafkaError when it is away."""
    admin = await _admin(settings)
    try:
        answer: Any = await admin._send_request(_MetadataRequest(topics))  # noqa: SLF001 - see module docstring
    finally:
        await admin.close()
    found = {
        name: TopicNow(str(uuid.UUID(bytes=topic_id)), len(partitions))
        for error, name, topic_id, _internal, partitions, *_ in answer.topics
        if error == 0
    }
    return Cluster(answer.cluster_id or "", found)


async def apply_topics(settings: Settings, topics: Sequence[Topic]) -> list[str]:
    """Create the topics that are missing; the names created. Existing ones are left alone."""
    have = (await describe(settings, [topic.name for topic in topics])).topics
    missing = [topic for topic in topics if topic.name not in have]
    if not missing:
        return []
    admin = await _admin(settings)
    try:
        answer: Any = await admin.create_topics(
            [
                NewTopic(
                    topic.name, topic.partitions, settings.replication, topic_configs=topic.config
                )
                for topic in missing
            ]
        )
    finally:
        await admin.close()
    for name, code, *rest in answer.topic_errors:
        if code not in (0, TOPIC_EXISTS):
            raise KafkaError(f"topic {name} was not created: error {code} {rest}")
    return [topic.name for topic in missing]


async def _admin(settings: Settings) -> AIOKafkaAdminClient:
    admin = AIOKafkaAdminClient(**aiokafka_options(settings), request_timeout_ms=10_000)
    try:
        await admin.start()
    except BaseException:
        await admin.close()
        raise
    return admin
