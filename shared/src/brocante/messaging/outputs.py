"""From what a decider says to records: envelopes with stable ids, topics with their prefix.

Redoing work yields the same ids (docs/messages.md, Envelope): they are derived from the cause, or
from the document and its version when no message caused the output.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from brocante.contracts.envelope import Envelope, encode
from brocante.contracts.ids import output_id, own_output_id
from brocante.contracts.message import Message
from brocante.documents.document import Output
from brocante.messaging.deciding import Outgoing, ServiceTable
from brocante.messaging.wire import Wire


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks, where it answers, and what every topic begins with."""

    source: str
    events_topic: str
    prefix: str = ""

    @classmethod
    def of(cls, table: ServiceTable, prefix: str) -> "Speaker":
        """The speaker of a service."""
        return cls(table.source, table.events_topic, prefix)

    def answer(
        self, at: Envelope, outgoing: Outgoing, n: int, now: datetime, again: str | None = None
    ) -> tuple[Envelope, Output]:
        """An output caused by the message `at`; `again`: what state it was asked again at."""
        subject = outgoing.subject or outgoing.message.subject or at.subject
        kind = outgoing.message.TYPE if again is None else f"{outgoing.message.TYPE}@{again}"
        envelope = Envelope(
            id=output_id(at.source, at.id, subject or "", kind, n),
            source=self.source,
            type=outgoing.message.TYPE,
            time=now,
            subject=subject,
            dealer=at.dealer,
            major=outgoing.message.MAJOR,
            correlation_id=outgoing.correlation or at.correlation_id or at.id,
            causation_id=outgoing.causation or at.id,
            actor=outgoing.actor or at.actor,
            traceparent=outgoing.traceparent or at.traceparent,
        )
        return envelope, self.encoded(envelope, outgoing)

    def own(
        self,
        collection: str,
        document: str,
        version: int,
        outgoing: Outgoing,
        n: int,
        now: datetime,
    ) -> tuple[Envelope, Output]:
        """An output no message caused, of a document of a collection: reconcile outcomes.

        Documents of two collections may have the same id and version; their outputs do not.
        """
        envelope = Envelope(
            id=own_output_id(f"{collection}/{document}", version, n),
            source=self.source,
            type=outgoing.message.TYPE,
            time=now,
            subject=outgoing.subject or outgoing.message.subject,
            dealer=document.split("/", 1)[0],
            major=outgoing.message.MAJOR,
            correlation_id=outgoing.correlation,
            causation_id=outgoing.causation,
            actor=outgoing.actor,
            traceparent=outgoing.traceparent,
        )
        return envelope, self.encoded(envelope, outgoing)

    def encoded(self, envelope: Envelope, outgoing: Outgoing) -> Output:
        """The record of an output."""
        value, headers = encode(envelope, outgoing.message)
        key = outgoing.key or outgoing.message.key or envelope.subject or envelope.id
        return Output(
            f"{self.prefix}{outgoing.topic or self.topic_of(outgoing.message)}",
            f"{envelope.dealer}/{key}".encode(),
            value,
            tuple(headers),
        )

    def topic_of(self, message: Message) -> str:
        """The topic of a message; on a type every service answers with, this service's own."""
        if len(message.TOPICS) > 1 and self.events_topic in message.TOPICS:
            return self.events_topic
        return message.topic


def wires(outputs: Iterable[Output]) -> list[Wire]:
    """Records ready to be published."""
    return [Wire(o.topic, o.key, o.value, o.headers) for o in outputs]


def remembered(envelope: Envelope) -> dict[str, Any]:
    """What a document keeps of an output's envelope, to say it again with its original id."""
    kept = {
        "id": envelope.id,
        "time": envelope.time,
        "subject": envelope.subject,
        "correlation": envelope.correlation_id,
        "causation": envelope.causation_id,
        "actor": envelope.actor,
        "traceparent": envelope.traceparent,
    }
    return {name: value for name, value in kept.items() if value is not None}


def recalled(kept: dict[str, Any], source: str, dealer: str, message: Message) -> Envelope:
    """The original envelope of an output said again."""
    return Envelope(
        id=kept["id"],
        source=source,
        type=message.TYPE,
        time=kept["time"],
        subject=kept.get("subject"),
        dealer=dealer,
        major=message.MAJOR,
        correlation_id=kept.get("correlation"),
        causation_id=kept.get("causation"),
        actor=kept.get("actor"),
        traceparent=kept.get("traceparent"),
    )
