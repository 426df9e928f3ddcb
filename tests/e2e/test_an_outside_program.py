"""A program written only against docs/messages.md, with another Kafka client and the official
CloudEvents SDK, in structured mode: creates, activates, sells, cancels, and gets every answer."""

import json
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import to_structured_event
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from confluent_kafka import Consumer, Producer

from tests.support.installation import Installation, installation

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
SALE = "etsy:by-hand-1"
EVENTS = ["sales.events", "inventory.events", "marketplace.events"]


class OutsideProgram:
    """Publishes commands and collects what comes back."""

    def __init__(self, bootstrap: str) -> None:
        self._producer = Producer({"bootstrap.servers": bootstrap})
        self._consumer = Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": f"outside-{uuid.uuid4().hex}",
                "auto.offset.reset": "earliest",
                "enable.auto.commit": False,
            }
        )
        self._consumer.subscribe(EVENTS)
        self.seen: list[tuple[dict[str, str], dict[str, Any]]] = []

    def send(self, topic: str, kind: str, subject: str, data: dict[str, Any]) -> str:
        """A command in structured mode; its id."""
        command_id = str(uuid.uuid4())
        event = CloudEvent(
            attributes={
                "id": command_id,
                "source": "urn:shop:erp",
                "type": kind,
                "subject": subject,
                "datacontenttype": "application/json",
                "dealerid": "main",
                "specversion": "1.0",
            },
            data=data,
        )
        message = to_structured_event(event, JSONFormat())
        headers: list[tuple[str, str | bytes | None]] = list(message.headers.items())
        self._producer.produce(topic, value=message.value, key=f"main/{subject}", headers=headers)
        assert self._producer.flush(20) == 0
        return command_id

    def answer(self, command_id: str, seconds: float = 30) -> dict[str, Any]:
        """The first event whose causation is the command."""
        return self.wait(lambda h, _: h.get("ce_causationid") == command_id, seconds)

    def wait(self, wanted: Any, seconds: float = 30) -> dict[str, Any]:
        """The newest event that is wanted."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for headers, payload in reversed(self.seen):
                if wanted(headers, payload):
                    return {"type": headers["ce_type"], **payload}
            self._poll()
        raise AssertionError(f"no such event within {seconds} s; saw {len(self.seen)}")

    def _poll(self) -> None:
        record = self._consumer.poll(0.2)
        if record is not None and record.error() is None:
            pairs: Any = record.headers() or []
            headers = {name: value.decode() for name, value in pairs}
            self.seen.append((headers, json.loads(record.value() or b"null")))

    def close(self) -> None:
        """Leave the group."""
        self._consumer.close()


@pytest.fixture
def brocante(tmp_path: Path) -> Iterator[Installation]:
    with installation(tmp_path / "data") as one:
        yield one


def _states(item: dict[str, Any]) -> dict[str, str]:
    return {m: listing["observed"] for m, listing in item.get("listings", {}).items()}


def test_an_outside_program_creates_activates_sells_and_cancels_and_gets_every_answer(
    brocante: Installation,
) -> None:
    program = OutsideProgram(brocante.up["kafka"])
    created = _create(program)
    assert (created["type"], created["status"]) == ("item.changed", "available")

    wanted = {"item_id": "clock-1", "marketplaces": ["ebay", "etsy", "shopify"]}
    program.answer(program.send("inventory.commands", "item.activate", "clock-1", wanted))
    everywhere = dict.fromkeys(wanted["marketplaces"], "active")
    program.wait(lambda _, p: _states(p) == everywhere)

    recorded = _sell(program)
    assert (recorded["type"], recorded["sale_version"]) == ("sale.recorded", 1)
    sold = program.wait(lambda h, p: h["ce_type"] == "item.changed" and p["status"] == "sold")

    canceled = _cancel(program, SALE)
    assert (canceled["type"], canceled["relist"]) == ("sale.canceled", "origin")
    final = program.wait(
        lambda h, p: (
            h["ce_type"] == "item.changed"
            and p["revision"] > sold["revision"]
            and p["status"] == "available"
            and p["settled"]
            and _states(p).get("etsy") == "active"
        )
    )
    assert {m: listing["desired"] for m, listing in final["listings"].items()} == {
        "ebay": "inactive",
        "etsy": "active",
        "shopify": "inactive",
    }
    again = _cancel(program, SALE)
    assert (again["type"], again["code"]) == ("command.rejected", "sale_already_canceled")
    assert _cancel(program, "etsy:none")["code"] == "unknown_sale"
    program.close()


def _create(program: OutsideProgram) -> dict[str, Any]:
    item = {
        "item_id": "clock-1",
        "sku": "91.10",
        "title": "Bracket clock",
        "price": {"amount": "4200.00", "currency": "EUR"},
        "images": ["https://images.invalid/clock.jpg"],
    }
    return program.answer(program.send("inventory.commands", "item.create", "clock-1", item))


def _sell(program: OutsideProgram) -> dict[str, Any]:
    sale = {
        "sale_id": SALE,
        "item_id": "clock-1",
        "marketplace": "etsy",
        "sold_at": "2026-11-24T08:00:00Z",
        "external_order_id": "4711",
    }
    return program.answer(program.send("sales.commands", "sale.record", SALE, sale))


def _cancel(program: OutsideProgram, sale_id: str) -> dict[str, Any]:
    cancel = {"sale_id": sale_id, "reason": "unpaid"}
    return program.answer(program.send("sales.commands", "sale.cancel", sale_id, cancel))
