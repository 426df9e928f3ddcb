"""Every kind of record that must become a dead letter, made from a good one."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from brocante.contracts.envelope import STRUCTURED, Envelope, encode
from brocante.contracts.message import Message
from brocante.contracts.samples import sample
from brocante.contracts.topics import MESSAGE_BYTES
from brocante.messaging.wire import Wire

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
DEEP = 400
EXPLODED = b"item.exploded"
Change = Callable[[Wire], Wire]


@dataclass(frozen=True)
class Kind:
    """A way to spoil a record; `code` of the dead letter it becomes, at decoding."""

    name: str
    code: str
    spoil: Change


def good(cls: type[Message], topic: str, id_: str = "good-1") -> Wire:
    """A record of this class as its producer writes it."""
    message = sample(cls)
    value, headers = encode(Envelope(id_, "app", cls.TYPE, NOW, message.subject), message)
    return Wire(topic, b"main/x", value, tuple(headers))


def header(name: str, value: bytes | None) -> Change:
    """One header is another."""

    def spoil(wire: Wire) -> Wire:
        kept = [pair for pair in wire.headers if pair[0] != name]
        return wire._replace(headers=(*kept, (name, value)))

    return spoil


def without(name: str) -> Change:
    """One header is missing."""
    return lambda wire: wire._replace(headers=[pair for pair in wire.headers if pair[0] != name])


def valued(value: bytes | None) -> Change:
    """Another value."""
    return lambda wire: wire._replace(value=value)


def truncated(wire: Wire) -> Wire:
    """Cut in the middle."""
    return wire._replace(value=(wire.value or b"")[: len(wire.value or b"") // 2])


def structured(change: Callable[[dict[str, Any]], None]) -> Change:
    """In structured mode, with something changed in the event."""

    def spoil(wire: Wire) -> Wire:
        named = {n: v.decode() for n, v in wire.headers if v is not None and n.startswith("ce_")}
        event = {name[3:]: text for name, text in named.items()}
        event["data"] = json.loads(wire.value or b"null")
        change(event)
        headers = (("content-type", STRUCTURED.encode()),)
        return wire._replace(value=json.dumps(event).encode(), headers=headers)

    return spoil


def as_text(text: bytes) -> Change:
    """In structured mode, with this as the whole value."""
    headers = (("content-type", STRUCTURED.encode()),)
    return lambda wire: wire._replace(value=text, headers=headers)


def exploded(wire: Wire) -> Wire:
    """With the schema of a message that does not exist."""
    return header("ce_dataschema", b"urn:brocante:" + EXPLODED + b":1")(wire)


KINDS = (
    Kind("null value", "no_value", valued(None)),
    Kind("empty value", "bad_json", valued(b"")),
    Kind("garbage bytes", "bad_json", valued(b"\xff\xfe\x00\x01")),
    Kind("truncated JSON", "bad_json", truncated),
    Kind("JSON of another type", "invalid_payload", valued(b"[1, 2]")),
    Kind("a JSON string", "invalid_payload", valued(b'"text"')),
    Kind("deep nesting", "bad_json", valued(b"[" * DEEP + b"]" * DEEP)),
    Kind("half a surrogate pair", "bad_json", valued(b'{"item_id": "\\ud800"}')),
    Kind("huge", "too_large", valued(b'{"x": "' + b"x" * MESSAGE_BYTES + b'"}')),
    Kind("no specversion", "not_a_cloud_event", without("ce_specversion")),
    Kind("another specversion", "not_a_cloud_event", header("ce_specversion", b"0.3")),
    Kind("null specversion", "header_not_utf8", header("ce_specversion", None)),
    Kind("no id", "not_a_cloud_event", without("ce_id")),
    Kind("empty id", "not_a_cloud_event", header("ce_id", b"")),
    Kind("endless id", "not_a_cloud_event", header("ce_id", b"x" * 300)),
    Kind("null id", "header_not_utf8", header("ce_id", None)),
    Kind("id not UTF-8", "header_not_utf8", header("ce_id", b"\xff")),
    Kind("id with half a pair", "header_not_utf8", header("ce_id", b"\xed\xa0\x80")),
    Kind("no source", "not_a_cloud_event", without("ce_source")),
    Kind("no type", "not_a_cloud_event", without("ce_type")),
    Kind("unknown type", "unknown_type", lambda w: exploded(header("ce_type", EXPLODED)(w))),
    Kind("content-type not UTF-8", "header_not_utf8", header("content-type", b"\xff")),
    Kind("another schema", "unknown_schema", header("ce_dataschema", b"https://schema.invalid/1")),
    Kind("bad time", "bad_time", header("ce_time", b"yesterday")),
    Kind("time without offset", "bad_time", header("ce_time", b"2026-11-24T08:00:00")),
    Kind("time out of range", "bad_time", header("ce_time", b"0001-01-01T00:00:00+12:00")),
    Kind("bad dealer", "bad_dealer", header("ce_dealerid", b"a/b")),
    Kind("structured garbage", "bad_json", as_text(b"\x00")),
    Kind("structured truncated", "bad_json", as_text(b'{"specversion": "1.0", ')),
    Kind("structured list", "not_a_cloud_event", as_text(b"[]")),
    Kind("structured nesting", "bad_json", as_text(b"[" * 100_000)),
    Kind("structured endless number", "bad_json", as_text(b'{"x": ' + b"9" * 5000 + b"}")),
    Kind("data_base64", "bad_json", structured(lambda e: e.update(data_base64="e30="))),
    Kind("id is a number", "not_a_cloud_event", structured(lambda e: e.update(id=1))),
    Kind(
        "subject half a pair", "not_a_cloud_event", structured(lambda e: e.update(subject="\ud800"))
    ),
    Kind("id half a pair", "not_a_cloud_event", structured(lambda e: e.update(id="x\udfff"))),
    Kind("type half a pair", "not_a_cloud_event", structured(lambda e: e.update(type="\ud800"))),
    Kind("no data", "invalid_payload", structured(lambda e: e.pop("data"))),
    Kind("data is text", "invalid_payload", structured(lambda e: e.update(data="{}"))),
)


def major(wire: Wire) -> Wire:
    """A major version nobody knows."""
    kind = dict(wire.headers)["ce_type"] or b""
    return header("ce_dataschema", b"urn:brocante:" + kind + b":9")(wire)


def twice(name: str, value: bytes) -> Change:
    """A header comes twice; the last counts."""
    return lambda wire: wire._replace(headers=(*wire.headers, (name, value)))


ALL = (
    *KINDS,
    Kind("unknown major", "unknown_major", major),
    Kind(
        "id twice, then null",
        "header_not_utf8",
        lambda w: w._replace(headers=(*w.headers, ("ce_id", None))),
    ),
    Kind("type twice", "unknown_type", lambda w: exploded(twice("ce_type", EXPLODED)(w))),
)


def harmless(wire: Wire) -> Sequence[Wire]:
    """Odd records that are messages all the same."""
    odd = (
        ("reply_to", b"somewhere"),
        ("x-odd", b"\xff\x00"),
        ("x-null", None),
        ("traceparent", None),
    )
    message_headers = tuple(wire.headers)
    return (
        wire._replace(key=None),
        wire._replace(key=b"\xff\xfe"),
        wire._replace(headers=(*message_headers, *odd)),
        twice("ce_id", b"good-1")(wire),
    )


def replaced(wire: Wire, field: str, text: str) -> Wire:
    """A payload field is replaced by this text."""
    payload = json.loads(wire.value or b"{}") | {field: "@@"}
    return wire._replace(value=json.dumps(payload).replace('"@@"', text).encode())
