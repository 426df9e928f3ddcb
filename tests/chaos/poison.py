"""Records that no service can use, put onto topics among the good ones."""

from collections.abc import Sequence
from random import Random
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from tests.chaos.books import Books
from tests.chaos.records import POISON

SEND_SECONDS = 10.0
Headers = list[tuple[str, bytes | None]]
Made = tuple[bytes | None, Headers]
# A type each topic knows, so that only the payload is wrong.
KNOWN_TYPES = {
    "sales.commands": "sale.record",
    "sales.events": "sale.recorded",
    "inventory.commands": "item.create",
    "inventory.events": "item.changed",
    "marketplace.events": "listing.activated",
}


def garbage(random: Random, _topic: str, _id: str) -> Made:
    """Bytes that mean nothing, and no headers."""
    return random.randbytes(random.randrange(1, 200)), []


def null_value(_random: Random, topic: str, id_: str) -> Made:
    """A tombstone."""
    return None, _headers(topic, id_)


def wrong_schema(_random: Random, topic: str, id_: str) -> Made:
    """A payload that breaks the contract of its type."""
    return b'{"item_id": 7, "sale_id": ["no"]}', _headers(topic, id_)


def unknown_type(_random: Random, topic: str, id_: str) -> Made:
    """A type nobody ever heard of."""
    return b"{}", [*_headers(topic, id_)[:1], ("ce_type", b"item.enchanted"), *_ids(id_)]


def bad_header(_random: Random, topic: str, id_: str) -> Made:
    """A header that is not UTF-8."""
    return b"{}", [*_headers(topic, id_), ("ce_subject", b"\xff\xfe\x00")]


def null_header(_random: Random, topic: str, id_: str) -> Made:
    """A header without a value."""
    return b"{}", [*_headers(topic, id_), ("ce_time", None)]


KINDS = (garbage, null_value, wrong_schema, unknown_type, bad_header, null_header)


class Poisoner:
    """Puts poison onto topics and notes what the broker acknowledged."""

    def __init__(self, kafka: str, topics: Sequence[str], books: Books) -> None:
        self._kafka = kafka
        self._topics = [topic for topic in topics if topic != "dead-letters"]
        self._books = books

    async def strike(self, dice: float, incarnation: int) -> str:
        """One to three records of one kind on one topic; what it was, in words."""
        random = Random(dice)  # noqa: S311 - a replayable choice
        topic, make = random.choice(self._topics), random.choice(KINDS)
        producer = AIOKafkaProducer(
            bootstrap_servers=[self._kafka], acks="all", request_timeout_ms=8_000
        )
        sent = 0
        try:
            await producer.start()
            for n in range(random.randrange(1, 4)):
                key = f"main/piece-{random.randrange(10)}".encode()
                value, headers = make(random, topic, f"poison-{dice:.9f}-{n}")
                record: dict[str, Any] = {"key": key, "value": value, "headers": headers}
                note = {"topic": topic, "kind": make.__name__, **record}
                note |= {"incarnation": incarnation, "sure": False}
                # Noted first: an acknowledgement that never comes may still mean it is there.
                self._books.poison.append(note)
                await producer.send_and_wait(topic, **record)
                note["sure"] = True
                sent += 1
        except (KafkaError, OSError, TimeoutError) as error:
            return f"{sent} {make.__name__} on {topic}, then {type(error).__name__}"
        finally:
            await producer.stop()
        return f"{sent} {make.__name__} on {topic}"


def _headers(topic: str, id_: str) -> Headers:
    kind = KNOWN_TYPES.get(topic) or (
        "listing.deactivate" if topic.endswith(".commands") else "webhook.received"
    )
    return [("ce_specversion", b"1.0"), ("ce_type", kind.encode()), *_ids(id_)]


def _ids(id_: str) -> Headers:
    return [("ce_id", id_.encode()), ("ce_source", POISON.encode())]
