"""The official CloudEvents SDK reads what we write, and we read what it writes."""

from datetime import UTC, datetime
from typing import Any

import pytest
from cloudevents.core.base import BaseCloudEvent
from cloudevents.core.bindings.kafka import (
    KafkaMessage,
    from_binary_event,
    from_structured_event,
    to_binary_event,
    to_structured_event,
)
from cloudevents.core.v1.event import CloudEvent

from brocante.contracts.catalogue import Message, message_classes
from brocante.contracts.envelope import Envelope, Headers, decode, encode, encode_structured
from brocante.contracts.samples import sample
from brocante.contracts.schemas import urn

AT = datetime(2026, 11, 24, 8, 15, 30, 250000, tzinfo=UTC)
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
EXTENSIONS = {
    "dealerid": "moreau",
    "correlationid": "c-1",
    "causationid": "c-2",
    "actor": "Anne Müller",
}
CLASSES = list(message_classes())
every_message = pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: str(cls.TYPE))


def envelope_of(cls: type[Message]) -> Envelope:
    return Envelope(
        id="e-1",
        source="till",
        type=cls.TYPE,
        time=AT,
        subject="chair-1790",
        dealer="moreau",
        major=cls.MAJOR,
        correlation_id="c-1",
        causation_id="c-2",
        actor="Anne Müller",
        traceparent=TRACE,
    )


def theirs(cls: type[Message]) -> CloudEvent:
    attributes: dict[str, Any] = {
        "specversion": "1.0",
        "id": "e-1",
        "source": "till",
        "type": cls.TYPE,
        "time": AT,
        "subject": "chair-1790",
        "dataschema": urn(cls),
        "datacontenttype": "application/json",
        **EXTENSIONS,
    }
    return CloudEvent(attributes=attributes, data=sample(cls).wire())


def record(value: bytes, headers: Headers) -> KafkaMessage:
    return KafkaMessage(
        headers={name: text for name, text in headers if text is not None}, key=None, value=value
    )


def assert_same(event: BaseCloudEvent, cls: type[Message]) -> None:
    assert event.get_data() == sample(cls).wire()
    assert (event.get_id(), event.get_source(), event.get_type()) == ("e-1", "till", cls.TYPE)
    assert event.get_time() == AT
    assert event.get_subject() == "chair-1790"
    assert event.get_dataschema() == urn(cls)
    assert {name: event.get_extension(name) for name in EXTENSIONS} == EXTENSIONS


@every_message
def test_their_binary_record_is_our_message(cls: type[Message]) -> None:
    given = to_binary_event(theirs(cls))
    headers = [*given.headers.items(), ("traceparent", TRACE.encode())]
    decoded = decode(given.value, headers)
    assert decoded.envelope == envelope_of(cls)
    assert decoded.message == sample(cls)


@every_message
def test_their_structured_record_is_our_message(cls: type[Message]) -> None:
    given = to_structured_event(theirs(cls))
    headers = [*given.headers.items(), ("traceparent", TRACE.encode())]
    decoded = decode(given.value, headers)
    assert decoded.envelope == envelope_of(cls)
    assert decoded.message == sample(cls)


@every_message
def test_our_binary_record_is_their_event(cls: type[Message]) -> None:
    value, headers = encode(envelope_of(cls), sample(cls))
    event = from_binary_event(record(value, headers))
    assert_same(event, cls)
    assert event.get_datacontenttype() == "application/json"


@every_message
def test_our_structured_record_is_their_event(cls: type[Message]) -> None:
    event = from_structured_event(record(*encode_structured(envelope_of(cls), sample(cls))))
    assert_same(event, cls)
    assert event.get_extension("traceparent") == TRACE


def test_an_event_with_only_what_cloudevents_demands_is_the_main_dealers() -> None:
    event = CloudEvent(
        attributes={"id": "e-1", "source": "till", "type": "item.delete", "specversion": "1.0"},
        data={"item_id": "lamp"},
    )
    for given in (to_binary_event(event), to_structured_event(event)):
        envelope = decode(given.value, list(given.headers.items())).envelope
        assert (envelope.dealer, envelope.major, envelope.subject) == ("main", 1, None)
