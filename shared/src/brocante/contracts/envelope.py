"""CloudEvents 1.0 over Kafka: written in binary mode, read in binary and structured mode."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from pydantic import ValidationError

from brocante.contracts.catalogue import Message, message_class
from brocante.contracts.pointers import pointer
from brocante.contracts.topics import MESSAGE_BYTES
from brocante.contracts.values import DEFAULT_DEALER, ID_PATTERN, rfc3339

SPEC_VERSION = "1.0"
CONTENT_TYPE = "content-type"
STRUCTURED = "application/cloudevents+json"
LONGEST_ID = 256
_DEALER = re.compile(ID_PATTERN)
_SCHEMA = re.compile(r"^urn:brocante:(?P<type>.+):(?P<major>[0-9]{1,4})$")
_EXTENSIONS = {"dealerid", "correlationid", "causationid", "actor", "traceparent"}

Headers = Sequence[tuple[str, bytes | None]]


class Envelope(NamedTuple):
    """Who said what about what, when, and because of what.

    `id` and `source` together are unique: what tells a duplicate. `time` is UTC.
    """

    id: str
    source: str
    type: str
    time: datetime
    subject: str | None = None
    dealer: str = DEFAULT_DEALER
    major: int = 1
    correlation_id: str | None = None
    causation_id: str | None = None
    actor: str | None = None
    traceparent: str | None = None


class Decoded(NamedTuple):
    """A message with its envelope."""

    envelope: Envelope
    message: Message


class Unusable(Exception):  # noqa: N818 - it reads as a verdict on the record
    """A record that is not a message of ours: a dead letter.

    `code` is stable; `field` a JSON Pointer into the payload or the name of a header; `envelope` is
    there when it could still be read, so that a command can be answered.
    """

    def __init__(
        self, code: str, message: str, field: str | None = None, envelope: Envelope | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.field = field
        self.envelope = envelope


def encode(envelope: Envelope, payload: Message) -> tuple[bytes, list[tuple[str, bytes]]]:
    """Binary mode: the value is the JSON payload, attributes are record headers."""
    headers = [*_headers(envelope), (CONTENT_TYPE, b"application/json")]
    # What model_dump_json does, without making text of it in between.
    return payload.__pydantic_serializer__.to_json(payload, exclude_none=True), headers


def encode_structured(envelope: Envelope, payload: Message) -> tuple[bytes, Headers]:
    """Structured mode: one JSON object holds attributes and payload."""
    event = {
        **{name.removeprefix("ce_"): text.decode() for name, text in _headers(envelope)},
        "datacontenttype": "application/json",
        "data": payload.wire(),
    }
    return json.dumps(event, ensure_ascii=False).encode(), [("content-type", STRUCTURED.encode())]


def decode(value: bytes | None, headers: Headers, now: datetime | None = None) -> Decoded:
    """Read a record in either mode; Unusable says what is wrong with it.

    A `ce_time` left out is taken as `now` (the present without it).
    """
    if value is None:
        raise Unusable("no_value", "The record has no value; a message has a JSON payload.")
    if len(value) > MESSAGE_BYTES:
        raise Unusable("too_large", f"The value has {len(value)} bytes; {MESSAGE_BYTES} at most.")
    attributes = _read(headers)
    at = now or datetime.now(UTC)
    if _is_structured(attributes.get(CONTENT_TYPE, "")):
        return _decode_structured(value, at, attributes.get("traceparent"))
    if not attributes.get("specversion"):
        raise Unusable("not_a_cloud_event", "There is no ce_specversion header.", "ce_specversion")
    envelope = _envelope(attributes, at)
    return Decoded(envelope, _payload(_class(envelope), value, envelope))


def _read(headers: Headers) -> dict[str, str]:
    """The attributes that headers give, and the content type; the last of several counts."""
    attributes: dict[str, str] = {}
    for header, value in headers:
        name = _attribute(header)
        if name is not None:
            text = _utf8(value)
            if text is None and name != "traceparent":
                raise _not_utf8(header.lower())
            attributes[name] = text or ""
    return attributes


@lru_cache(maxsize=256)
def _attribute(header: str) -> str | None:
    """The attribute a header gives; None when it is none of ours. The case does not matter."""
    name = header.lower()
    if name in (CONTENT_TYPE, "traceparent"):
        return name
    return name[3:] if name.startswith("ce_") and name[3:] != CONTENT_TYPE else None


def _headers(envelope: Envelope) -> list[tuple[str, bytes]]:
    """The attributes of a message as record headers; those it does not have are left out."""
    same = _same_headers(envelope.type, envelope.major, envelope.source, envelope.dealer)
    own = (
        ("ce_id", envelope.id),
        ("ce_time", rfc3339(envelope.time)),
        ("ce_subject", envelope.subject),
        ("ce_correlationid", envelope.correlation_id),
        ("ce_causationid", envelope.causation_id),
        ("ce_actor", envelope.actor),
        ("traceparent", envelope.traceparent),
    )
    return [*same, *[(name, text.encode()) for name, text in own if text is not None]]


@lru_cache(maxsize=1024)
def _same_headers(
    message_type: str, major: int, source: str, dealer: str
) -> tuple[tuple[str, bytes], ...]:
    """The headers that all messages of a type from one source to one dealer have alike."""
    return (
        ("ce_specversion", SPEC_VERSION.encode()),
        ("ce_type", message_type.encode()),
        ("ce_source", source.encode()),
        ("ce_dataschema", f"urn:brocante:{message_type}:{major}".encode()),
        ("ce_dealerid", dealer.encode()),
    )


def _not_utf8(header: str) -> Unusable:
    return Unusable("header_not_utf8", f"Header {header} is null or not UTF-8.", header)


@lru_cache(maxsize=64)
def _is_structured(content_type: str) -> bool:
    return content_type.split(";", maxsplit=1)[0].strip().lower() == STRUCTURED


def _utf8(value: bytes | None) -> str | None:
    try:
        return None if value is None else value.decode()
    except UnicodeDecodeError:
        return None


def _decode_structured(value: bytes, now: datetime, traceparent: str | None) -> Decoded:
    try:
        event = json.loads(value)
    except (ValueError, RecursionError) as error:
        raise Unusable("bad_json", f"The value is not JSON: {error}.") from error
    if not isinstance(event, dict):
        raise Unusable("not_a_cloud_event", "A structured event is a JSON object.")
    if "data_base64" in event:
        raise Unusable("bad_json", "data_base64 is not read: put JSON in data.", "/data_base64")
    attributes = {name: text for name, text in event.items() if _is_text(text)}
    wrong = [n for n in _known_attributes() if n in event and not _is_text(event[n])]
    if wrong:
        raise Unusable("not_a_cloud_event", f"Attribute {wrong[0]} is not text.", f"/{wrong[0]}")
    if traceparent and "traceparent" not in attributes:
        attributes["traceparent"] = traceparent
    envelope = _envelope(attributes, now)
    cls = _class(envelope)
    try:
        payload = json.dumps(event.get("data")).encode()
    except (ValueError, RecursionError) as error:
        raise Unusable("bad_json", f"The payload is not JSON: {error}.") from error
    return Decoded(envelope, _payload(cls, payload, envelope))


def _is_text(value: Any) -> bool:
    """Text that can be written again: JSON can spell half of a surrogate pair, UTF-8 cannot."""
    if not isinstance(value, str):
        return False
    return value.isascii() or not any("\ud800" <= one <= "\udfff" for one in value)


def _envelope(attributes: Mapping[str, str], now: datetime) -> Envelope:
    if attributes.get("specversion") != SPEC_VERSION:
        raise Unusable("not_a_cloud_event", "ce_specversion is not 1.0.", "ce_specversion")
    for name in ("id", "source", "type"):
        if not attributes.get(name) or len(attributes[name]) > LONGEST_ID:
            text = f"ce_{name} is missing, empty or longer than {LONGEST_ID} characters."
            raise Unusable("not_a_cloud_event", text, f"ce_{name}")
    dealer = attributes.get("dealerid") or DEFAULT_DEALER
    if not _DEALER.fullmatch(dealer):
        raise Unusable("bad_dealer", "ce_dealerid is not a dealer's id.", "ce_dealerid")
    return Envelope(
        id=attributes["id"],
        source=attributes["source"],
        type=attributes["type"],
        time=_time(attributes.get("time"), now),
        subject=attributes.get("subject") or None,
        dealer=dealer,
        major=_major(attributes.get("dataschema"), attributes["type"]),
        correlation_id=attributes.get("correlationid") or None,
        causation_id=attributes.get("causationid") or None,
        actor=attributes.get("actor") or None,
        traceparent=attributes.get("traceparent") or None,
    )


def _time(text: str | None, now: datetime) -> datetime:
    if not text:
        return now
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Unusable("bad_time", "ce_time is not RFC 3339.", "ce_time") from error
    if moment.tzinfo is None:
        raise Unusable("bad_time", "ce_time has no offset; end it with Z.", "ce_time")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise Unusable("bad_time", "ce_time is out of range.", "ce_time") from error


@lru_cache(maxsize=256)
def _major(schema: str | None, message_type: str) -> int:
    if not schema:
        return 1
    match = _SCHEMA.fullmatch(schema)
    if match is None or match["type"] != message_type:
        text = f"ce_dataschema is not urn:brocante:{message_type}:<major>."
        raise Unusable("unknown_schema", text, "ce_dataschema")
    return int(match["major"])


def _class(envelope: Envelope) -> type[Message]:
    cls = message_class(envelope.type, envelope.major)
    if cls is not None:
        return cls
    if message_class(envelope.type) is not None:
        text = f"{envelope.type} has no major {envelope.major} here."
        raise Unusable("unknown_major", text, "ce_dataschema", envelope)
    raise Unusable("unknown_type", f"There is no message {envelope.type}.", "ce_type", envelope)


def _payload(cls: type[Message], value: bytes, envelope: Envelope) -> Message:
    try:
        return cls.model_validate_json(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        if first["type"] == "json_invalid":
            raise Unusable("bad_json", f"The payload is not JSON: {first['msg']}.") from error
        place = pointer(first["loc"])
        text = f"{place or 'The payload'}: {first['msg']}."
        raise Unusable("invalid_payload", text, place or None, envelope) from error


def _known_attributes() -> set[str]:
    core = {"specversion", "id", "source", "type", "time", "subject", "dataschema"}
    return core | _EXTENSIONS
