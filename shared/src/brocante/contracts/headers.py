"""The record headers of a message, described: what docs/messages.md and AsyncAPI say of them."""

from dataclasses import dataclass

from brocante.contracts.message import Message
from brocante.contracts.schemas import urn
from brocante.contracts.values import DEFAULT_DEALER, ID_PATTERN, JsonObject


@dataclass(frozen=True, slots=True)
class Header:
    """One record header: its name, whether a reader insists on it, and what it says."""

    name: str
    required: bool
    meaning: str
    extra: tuple[tuple[str, str], ...] = ()


HEADERS = (
    Header("ce_specversion", True, "`1.0`: CloudEvents.", (("const", "1.0"),)),
    Header("ce_type", True, "The message type, exactly as in the headings below."),
    Header("ce_id", True, "With `ce_source` unique: the same two again are the same message."),
    Header("ce_source", True, "Who says it: `brocante/sales`, or a name of your app's own."),
    Header(
        "ce_time",
        False,
        "When it was said, RFC 3339; left out, the moment it is read.",
        (("format", "date-time"),),
    ),
    Header("ce_subject", False, "The item, sale or other thing it is about."),
    Header(
        "ce_dataschema",
        False,
        "`urn:brocante:<type>:<major>`, the payload's schema; left out, major 1.",
    ),
    Header(
        "ce_dealerid",
        False,
        f"The dealer it belongs to; left out, `{DEFAULT_DEALER}`. Payloads never say.",
        (("pattern", ID_PATTERN),),
    ),
    Header(
        "ce_correlationid",
        False,
        "The id of the first command, kept through to the marketplace call and back.",
    ),
    Header("ce_causationid", False, "The id of the message that caused this one."),
    Header("ce_actor", False, "The person or program on whose behalf, for the history."),
    Header("content-type", False, "`application/json`; or structured mode, see below."),
    Header("traceparent", False, "W3C trace context, carried along; no `ce_` before it."),
)


def schema(cls: type[Message]) -> JsonObject:
    """The headers of one message in binary mode, as a JSON Schema."""
    fixed = {"ce_type": {"const": cls.TYPE}}
    if cls.MAJOR > 1:
        fixed["ce_dataschema"] = {"const": urn(cls)}
    properties = {
        header.name: {
            "type": "string",
            "description": header.meaning,
            **dict(header.extra),
            **fixed.get(header.name, {}),
        }
        for header in HEADERS
    }
    required = [header.name for header in HEADERS if header.required]
    return {"type": "object", "required": required, "properties": properties}


def sample(cls: type[Message], source: str) -> dict[str, str]:
    """The headers beside a sample payload."""
    return {
        "ce_specversion": "1.0",
        "ce_type": cls.TYPE,
        "ce_id": "0b7c1f52-6d9e-5a55-8f0e-3c1b2a495d60",
        "ce_source": source,
        "ce_time": "2026-11-24T08:15:34Z",
        "ce_dataschema": urn(cls),
        "ce_dealerid": DEFAULT_DEALER,
        "content-type": "application/json",
    }
