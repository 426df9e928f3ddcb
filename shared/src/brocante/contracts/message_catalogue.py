"""Writes docs/messages.md: the envelope, the topics and every message, from the classes."""

import json
from collections.abc import Iterable, Iterator

from brocante.contracts import headers, prose
from brocante.contracts.asyncapi import classes_on, declared
from brocante.contracts.catalogue import Message, message_classes
from brocante.contracts.field_table import field_rows
from brocante.contracts.parties import CHANNELS, channels_of, senders
from brocante.contracts.samples import sample
from brocante.contracts.schemas import file_name, meaning, one_line, schema
from brocante.contracts.topics import DAY_MS


def text() -> str:
    """The page as it is committed."""
    parts = [
        prose.OPENING,
        _envelope(),
        _topics(),
        prose.RULES,
        _index(),
        *(_message(cls) for cls in message_classes()),
        *_values(),
        prose.DEAD_LETTERS,
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table; a bar inside a cell is escaped."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines
    )


def _envelope() -> str:
    rows = ((f"`{h.name}`", "yes" if h.required else "", h.meaning) for h in headers.HEADERS)
    return prose.ENVELOPE + "\n" + table(("header", "required", "content"), rows) + prose.MODES


def _topics() -> str:
    rows = (
        (
            f"`{channel.topic.replace('{marketplace}', '<m>')}`",
            channel.record_key,
            ", ".join(channel.senders) + " → " + ", ".join(channel.readers),
            str(declared(channel).partitions),
            f"{declared(channel).retention_ms // DAY_MS} days",
        )
        for channel in CHANNELS
    )
    head = ("topic", "record key", "from → to", "partitions", "kept")
    return prose.TOPICS + "\n" + table(head, rows) + prose.TOPICS_AFTER


def _index() -> str:
    rows = (
        (
            f"`{channel.topic.replace('{marketplace}', '<m>')}`",
            " · ".join(f"[{c.TYPE}](#{_anchor(c)})" for c in classes_on(channel)),
        )
        for channel in CHANNELS
        if classes_on(channel)
    )
    return "## Messages\n\n" + table(("topic", "messages"), rows)


def _anchor(cls: type[Message]) -> str:
    return cls.TYPE.replace(".", "")


def _message(cls: type[Message]) -> str:
    heading = cls.TYPE if cls.MAJOR == 1 else f"{cls.TYPE} (major {cls.MAJOR})"
    payload = json.dumps(sample(cls).wire(), indent=2, ensure_ascii=False)
    return "\n\n".join(
        (
            f"### {heading}",
            meaning(cls),
            "\n".join(_facts(cls)),
            table(("field", "type", "required", "meaning"), field_rows(cls.TYPE, schema(cls))),
            f"```json\n{payload}\n```",
        )
    )


def _values() -> Iterator[str]:
    """The values that payloads are made of, each once."""
    found = {n: v for cls in message_classes() for n, v in schema(cls).get("$defs", {}).items()}
    yield "## Values"
    for name, body in sorted(found.items()):
        yield f"### {name}"
        yield one_line(body["description"])
        yield table(("field", "type", "required", "meaning"), field_rows(name, body))


def _facts(cls: type[Message]) -> Iterator[str]:
    """Kind, topics with who says it to whom, key, and where its files are."""
    kind = cls.KIND.capitalize()
    for channel in channels_of(cls):
        topic = channel.topic.replace("{marketplace}", "<m>")
        who = f"{', '.join(senders(cls, channel))} → {', '.join(channel.readers)}"
        yield f"* {kind} on `{topic}`: {who}"
        kind = "Also"
    key = ", else ".join(f"`{name}`" for name in cls.KEY) or "that of the command it answers"
    about = ", else ".join(f"`{name}`" for name in cls.SUBJECT) or "that of the command it answers"
    yield f"* Key: {key}; subject: {about}"
    name = file_name(cls)
    yield f"* [Schema](contracts/schemas/{name}), [sample](contracts/samples/{name})"
