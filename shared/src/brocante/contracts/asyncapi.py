"""The AsyncAPI 3.0 document: topics as channels, messages, and what each service does with them."""

from pydantic.json_schema import models_json_schema

from brocante.contracts import headers
from brocante.contracts.catalogue import Message, message_classes
from brocante.contracts.parties import APPS, CHANNELS, SERVICES, Channel, channels_of, senders
from brocante.contracts.samples import sample
from brocante.contracts.schemas import PlainSchema, meaning
from brocante.contracts.sources import WORKER_PREFIX
from brocante.contracts.topics import DEAD_LETTERS, Topic, topics_for
from brocante.contracts.values import MARKETPLACE_PATTERN, JsonObject

SCHEMAS = "#/components/schemas/"
DEAD_LETTER = "dead-letter"


def document() -> JsonObject:
    """The whole document; nothing in it depends on an installation."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Brocante",
            "version": "1",
            "description": "Commands and events that keep antiques in step across marketplaces. "
            "docs/messages.md says the same in words.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {channel.name: _channel(channel) for channel in CHANNELS},
        "operations": _operations(),
        "components": {"messages": _messages(), "schemas": _schemas()},
    }


def message_name(cls: type[Message]) -> str:
    """What a message is called in the document: its type, and its major after the first."""
    return cls.TYPE if cls.MAJOR == 1 else f"{cls.TYPE}.{cls.MAJOR}"


def classes_on(channel: Channel) -> list[type[Message]]:
    """The messages that travel on a topic."""
    return [cls for cls in message_classes() if channel in channels_of(cls)]


def declared(channel: Channel) -> Topic:
    """Partitions and retention of a topic, as `brocante topics apply` makes it by default."""
    address = channel.topic.format(marketplace="m")
    return next(topic for topic in topics_for(["m"]) if topic.name == address)


def _channel(channel: Channel) -> JsonObject:
    topic = declared(channel)
    names = [message_name(cls) for cls in classes_on(channel)]
    if channel.topic == DEAD_LETTERS:
        names = [DEAD_LETTER]
    described: JsonObject = {
        "address": channel.topic,
        "description": f"{channel.purpose} Record key: {channel.record_key}.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {
            "kafka": {
                "partitions": topic.partitions,
                "topicConfiguration": {
                    "cleanup.policy": ["delete"],
                    "retention.ms": topic.retention_ms,
                    "max.message.bytes": topic.max_message_bytes,
                },
                "bindingVersion": "0.5.0",
            }
        },
    }
    if "{marketplace}" in channel.topic:
        text = f"The marketplace's slug: {MARKETPLACE_PATTERN}"
        described["parameters"] = {
            "marketplace": {"description": text, "examples": ["ebay", "etsy", "shopify"]}
        }
    return described


def _operations() -> JsonObject:
    found: JsonObject = {}
    for party in (APPS, *SERVICES):
        for channel in CHANNELS:
            said = _names(channel, party)
            if said:
                found[f"{party}.send.{channel.name}"] = _operation("send", channel, said)
            if party in channel.readers:
                heard = _names(channel, None)
                found[f"{party}.receive.{channel.name}"] = _operation("receive", channel, heard)
    return found


def _names(channel: Channel, party: str | None) -> list[str]:
    """The messages of a topic, all of them or what one party says there."""
    if channel.topic == DEAD_LETTERS:
        return [DEAD_LETTER] if party is None or party in channel.senders else []
    return [
        message_name(cls)
        for cls in classes_on(channel)
        if party is None or party in senders(cls, channel)
    ]


def _operation(action: str, channel: Channel, names: list[str]) -> JsonObject:
    base = f"#/channels/{channel.name}"
    return {
        "action": action,
        "channel": {"$ref": base},
        "messages": [{"$ref": f"{base}/messages/{name}"} for name in names],
    }


def _messages() -> JsonObject:
    found = {message_name(cls): _message(cls) for cls in message_classes()}
    found[DEAD_LETTER] = {
        "name": DEAD_LETTER,
        "contentType": "application/octet-stream",
        "summary": "A record that could not be processed: value, key and headers as they came.",
        "payload": {"description": "The value as it came; anything."},
        "headers": {
            "type": "object",
            "required": ["x-error-code", "x-origin", "x-service"],
            "properties": {
                "x-error-code": {"type": "string", "description": "What is wrong, for programs."},
                "x-error": {"type": "string", "description": "What is wrong, in words."},
                "x-origin": {"type": "string", "description": "`<topic>/<partition>/<offset>`"},
                "x-service": {"type": "string", "description": "Who could not process it."},
                "x-first-seen": {"type": "string", "format": "date-time"},
            },
        },
    }
    return found


def _message(cls: type[Message]) -> JsonObject:
    summary = meaning(cls)
    return {
        "name": cls.TYPE,
        "title": cls.__name__,
        "summary": summary.split("\n\n")[0],
        "description": summary,
        "contentType": "application/json",
        "headers": headers.schema(cls),
        "payload": {"$ref": f"{SCHEMAS}{cls.__name__}"},
        "examples": [{"headers": headers.sample(cls, source(cls)), "payload": sample(cls).wire()}],
    }


def source(cls: type[Message]) -> str:
    """A likely `ce_source` of a message: the first of those who say it."""
    sender = senders(cls, channels_of(cls)[0])[0]
    if sender == APPS:
        return "till"
    if not sender.startswith("marketplace"):
        return f"brocante/{sender}"
    return f"{WORKER_PREFIX}{getattr(sample(cls), 'marketplace', None) or 'ebay'}"


def _schemas() -> JsonObject:
    _, body = models_json_schema(
        [(cls, "validation") for cls in message_classes()],
        ref_template=SCHEMAS + "{model}",
        schema_generator=PlainSchema,
    )
    return dict(sorted(body["$defs"].items()))
