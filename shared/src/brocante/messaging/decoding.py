"""From broker records to messages, tolerantly: what cannot be decoded becomes a dead letter."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

import structlog

from brocante.contracts.envelope import Decoded, Unusable, decode
from brocante.contracts.message import Command, Message
from brocante.messaging import metrics
from brocante.messaging.dead_letters import dead_letter
from brocante.messaging.wire import Position, RawRecord, Received, Wire

log = structlog.get_logger()


@dataclass(slots=True)
class DecodedBatch:
    """A batch after decoding; `refused` are the records of `dead`, `unusable` why, in order.

    `raw` are all its records as they came.
    """

    raw: list[RawRecord] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    dead: list[Wire] = field(default_factory=list)
    refused: list[RawRecord] = field(default_factory=list)
    unusable: list[Unusable] = field(default_factory=list)


def raw_record(record: Any, epoch: int) -> RawRecord:
    """A consumer's record, kept whole."""
    return RawRecord(
        Position(epoch, record.topic, record.partition, record.offset),
        record.key,
        record.value,
        tuple(record.headers),
        max(record.timestamp, 0),
    )


def decode_batch(
    records: Sequence[Any],
    *,
    epoch: int,
    service: str,
    prefix: str,
    takes: AbstractSet[type[Message]] | None = None,
) -> DecodedBatch:
    """Decode each record; the unusable ones are dead letters, the others go on.

    So is a command on a topic of commands that is not of those `takes` names (None: every class):
    nobody else reads it.
    """
    batch = DecodedBatch()
    for record in records:
        raw = raw_record(record, epoch)
        batch.raw.append(raw)
        try:
            decoded = decode(raw.value, raw.headers)
            _check_taken(decoded, raw, service, takes)
        except Unusable as unusable:
            batch.dead.append(
                dead_letter(
                    raw, service=service, code=unusable.code, error=str(unusable), prefix=prefix
                )
            )
            batch.refused.append(raw)
            batch.unusable.append(unusable)
            metrics.DEAD_LETTERS.labels(service, unusable.code).inc()
            log.warning(
                "message_unusable",
                code=unusable.code,
                error=str(unusable),
                topic=raw.position.topic,
                partition=raw.position.partition,
                offset=raw.position.offset,
            )
        else:
            batch.received.append(Received(decoded.envelope, decoded.message, raw))
    return batch


def _check_taken(
    decoded: Decoded, raw: RawRecord, service: str, takes: AbstractSet[type[Message]] | None
) -> None:
    if takes is None or type(decoded.message) in takes:
        return
    if isinstance(decoded.message, Command) and raw.position.topic.endswith(".commands"):
        text = f"{service} takes no {decoded.envelope.type}."
        raise Unusable("wrong_topic", text, "ce_type", decoded.envelope)
