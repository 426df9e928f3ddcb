"""Reading and writing records: whatever comes is a message or Unusable, never anything else."""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brocante.contracts.catalogue import Message, message_classes
from brocante.contracts.envelope import (
    STRUCTURED,
    Envelope,
    Headers,
    Unusable,
    decode,
    encode,
    encode_structured,
)
from brocante.contracts.samples import sample
from brocante.contracts.topics import MESSAGE_BYTES

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
VALUE = b'{"item_id": "chair"}'
GOOD = {
    "ce_specversion": b"1.0",
    "ce_id": b"e-1",
    "ce_source": b"till",
    "ce_type": b"item.delete",
}
NAMES = [*GOOD, "ce_time", "ce_subject", "ce_dataschema", "ce_dealerid", "content-type", "x-other"]
VALUES = st.one_of(
    st.none(),
    st.binary(max_size=30),
    st.sampled_from([b"1.0", b"item.delete", b"main", STRUCTURED.encode(), b"urn:brocante:a:1"]),
    st.datetimes().map(lambda moment: moment.isoformat().encode()),
)
HEADERS = st.lists(st.tuples(st.one_of(st.sampled_from(NAMES), st.text(max_size=9)), VALUES))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=9,
)
ATTRIBUTES = st.dictionaries(
    st.sampled_from([name.removeprefix("ce_") for name in NAMES] + ["data", "actor"]), JSON
)
# A lone surrogate has no UTF-8.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
ID = st.from_regex(r"[A-Za-z0-9._:-]{1,128}", fullmatch=True)
ENVELOPES = st.builds(
    Envelope,
    id=TEXT,
    source=TEXT,
    type=st.just(""),
    time=st.datetimes(timezones=st.just(UTC)),
    subject=st.none() | TEXT,
    dealer=ID,
    correlation_id=st.none() | TEXT,
    causation_id=st.none() | TEXT,
    actor=st.none() | TEXT,
    traceparent=st.none() | TEXT,
)


def with_headers(**changed: bytes | None) -> Headers:
    return list({**GOOD, **changed}.items())


def refusal(value: bytes | None, headers: Headers) -> Unusable:
    with pytest.raises(Unusable) as caught:
        decode(value, headers, NOW)
    return caught.value


@given(st.none() | st.binary(), HEADERS)
def test_no_record_raises_anything_but_unusable(value: bytes | None, headers: Headers) -> None:
    with suppress(Unusable):
        decode(value, headers, NOW)


@given(JSON, HEADERS)
def test_no_payload_raises_anything_but_unusable(payload: object, headers: Headers) -> None:
    for cls in message_classes():
        kept = [one for one in headers if one[0] not in GOOD]
        named = [*kept, *with_headers(ce_type=cls.TYPE.encode())]
        with suppress(Unusable):
            decode(json.dumps(payload).encode(), named, NOW)


@given(ATTRIBUTES, st.booleans())
def test_no_structured_event_raises_anything_but_unusable(
    attributes: dict[str, object], known: bool
) -> None:
    base = {name.removeprefix("ce_"): text.decode() for name, text in GOOD.items()}
    event = {**attributes, **base} if known else attributes
    headers = [("content-type", STRUCTURED.encode())]
    with suppress(Unusable):
        decode(json.dumps(event).encode(), headers, NOW)


@given(ENVELOPES, st.sampled_from(list(message_classes())))
def test_what_is_written_is_what_is_read(envelope: Envelope, cls: type[Message]) -> None:
    sent = envelope._replace(type=cls.TYPE, major=cls.MAJOR)
    for write in (encode, encode_structured):
        value, headers = write(sent, sample(cls))
        decoded = decode(value, headers, NOW)
        assert decoded.envelope == sent
        assert decoded.message == sample(cls)


def broken_headers() -> Iterator[tuple[str, bytes | None]]:
    for name in (*GOOD, "ce_time", "ce_anything", "content-type"):
        yield name, None
        yield name, b"\xff\xfe"


@pytest.mark.parametrize(("name", "text"), list(broken_headers()))
def test_one_of_our_headers_that_is_no_text_is_named(name: str, text: bytes | None) -> None:
    found = refusal(VALUE, with_headers(**{name: text}))
    assert (found.code, found.field) == ("header_not_utf8", name)


@pytest.mark.parametrize("text", [None, b"\xff", b"", b"anything"])
@pytest.mark.parametrize("name", ["x-app", "reply_to", "traceparent", "correlation_id"])
def test_any_other_header_may_hold_anything(name: str, text: bytes | None) -> None:
    assert decode(VALUE, with_headers(**{name: text}), NOW).envelope.id == "e-1"


@pytest.mark.parametrize(
    ("headers", "code", "field"),
    [
        ({"ce_type": b"item.destroy"}, "unknown_type", "ce_type"),
        ({"ce_dataschema": b"urn:brocante:item.delete:9"}, "unknown_major", "ce_dataschema"),
        ({"ce_dataschema": b"urn:brocante:item.hold:1"}, "unknown_schema", "ce_dataschema"),
        ({"ce_dataschema": b"https://schemas.example"}, "unknown_schema", "ce_dataschema"),
        ({"ce_dataschema": b"urn:brocante:item.delete:1\n"}, "unknown_schema", "ce_dataschema"),
        ({"ce_dealerid": b"two words"}, "bad_dealer", "ce_dealerid"),
        ({"ce_dealerid": b"main\n"}, "bad_dealer", "ce_dealerid"),
        ({"ce_dealerid": b"../other"}, "bad_dealer", "ce_dealerid"),
        ({"ce_time": b"yesterday"}, "bad_time", "ce_time"),
        ({"ce_time": b"2026-11-24T08:00:00"}, "bad_time", "ce_time"),
        ({"ce_time": b"0001-01-01T00:00:00+23:00"}, "bad_time", "ce_time"),
        ({"ce_id": b""}, "not_a_cloud_event", "ce_id"),
        ({"ce_source": b"s" * 257}, "not_a_cloud_event", "ce_source"),
        ({"ce_specversion": b"0.3"}, "not_a_cloud_event", "ce_specversion"),
        ({"ce_specversion": b""}, "not_a_cloud_event", "ce_specversion"),
    ],
)
def test_a_wrong_header_is_named(headers: dict[str, bytes], code: str, field: str) -> None:
    found = refusal(VALUE, with_headers(**headers))
    assert (found.code, found.field) == (code, field)


def test_a_wrong_field_is_named_with_an_envelope_to_answer() -> None:
    found = refusal(b'{"item_id": "two words"}', with_headers())
    assert (found.code, found.field) == ("invalid_payload", "/item_id")
    assert found.envelope is not None
    assert found.envelope.id == "e-1"


def test_a_record_without_a_value_and_one_too_large_are_told_apart() -> None:
    assert refusal(None, with_headers()).code == "no_value"
    assert refusal(b" " * (MESSAGE_BYTES + 1), with_headers()).code == "too_large"


@pytest.mark.parametrize("value", [b"", b"{", b"\xff", b"[" * 100_000])
def test_a_value_that_is_no_json_is_bad_json(value: bytes) -> None:
    assert refusal(value, with_headers()).code == "bad_json"
    structured = [("content-type", STRUCTURED.encode())]
    assert refusal(value, structured).code == "bad_json"


def test_a_moment_left_out_is_now_and_a_dealer_left_out_is_main() -> None:
    envelope = decode(VALUE, with_headers(), NOW).envelope
    assert (envelope.time, envelope.dealer, envelope.major) == (NOW, "main", 1)


def test_names_of_headers_are_read_in_any_case_and_later_ones_count() -> None:
    headers = [(name.upper(), text) for name, text in GOOD.items()]
    decoded = decode(VALUE, [*headers, ("ce_id", b"e-2")], NOW)
    assert decoded.envelope.id == "e-2"


def test_a_structured_event_may_have_a_charset_and_extra_attributes() -> None:
    event = {
        "specversion": "1.0",
        "id": "e-1",
        "source": "till",
        "type": "item.delete",
        "priority": 3,
        "data": {"item_id": "chair"},
    }
    headers = [("Content-Type", b"application/CloudEvents+JSON; charset=utf-8")]
    assert decode(json.dumps(event).encode(), headers, NOW).message.key == "chair"


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+23:00", "9999-12-31T23:59:59-23:00"])
def test_a_time_that_does_not_exist_in_utc_is_an_invalid_payload(moment: str) -> None:
    sale = {"sale_id": "s", "item_id": "i", "marketplace": "ebay", "sold_at": moment}
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_type", b"sale.record"),
        ("ce_id", b"1"),
        ("ce_source", b"app"),
    ]
    with pytest.raises(Unusable) as refused:
        decode(json.dumps(sale).encode(), headers)
    assert (refused.value.code, refused.value.field) == ("invalid_payload", "/sold_at")
