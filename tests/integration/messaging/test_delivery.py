"""What Brocante accepted is applied exactly once, whatever fails in between."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from brocante.contracts.answers import CommandRejected, ResyncCompleted, ResyncRequested
from brocante.contracts.envelope import encode
from brocante.contracts.sales import SaleRecorded
from brocante.contracts.topics import SALES_COMMANDS, SALES_EVENTS
from brocante.documents.store import DocumentStore
from brocante.messaging import brake
from brocante.messaging.publisher import NotPublished, Publisher
from brocante.messaging.wire import Wire
from tests.support import toy
from tests.support.running import Bench, eventually


def command(made: Bench, id_: str, sale: str = "s1", note: str | None = None) -> Wire:
    message = toy.record_sale(sale, note)
    value, headers = encode(toy.envelope(message, id_), message)
    topic = f"{made.settings.topic_prefix}{SALES_COMMANDS}"
    return Wire(topic, f"main/{sale}".encode(), value, headers)


def counted(made: Bench, sale: str = "s1") -> list[int]:
    """The counts said of a sale, one per answer id."""
    said = {d.envelope.id: d.message for d in made.messages(SALES_EVENTS)}
    recorded = [message for message in said.values() if isinstance(message, SaleRecorded)]
    return [message.sale_version for message in recorded if message.sale_id == sale]


async def test_every_message_is_applied_once_and_answered(made: Bench) -> None:
    async with made.running(toy.TABLE):
        await made.publish(*(command(made, f"c{n}", f"s{n % 7}") for n in range(70)))
        await eventually(lambda: len(made.records(SALES_EVENTS)) >= 70, "70 answers")
    for n in range(7):
        assert counted(made, f"s{n}") == list(range(1, 11))


async def test_a_crash_after_writing_and_before_publishing_loses_and_doubles_nothing(
    made: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Publisher.send_all
    failures = iter([True, True, False])

    async def failing(self: Publisher, records: Sequence[Wire]) -> None:
        if records and records[0].topic.endswith(SALES_EVENTS) and next(failures, False):
            raise NotPublished("the broker went away")
        await real(self, records)

    monkeypatch.setattr(Publisher, "send_all", failing)
    async with made.running(toy.TABLE):
        await made.publish(*(command(made, f"c{n}") for n in range(5)))
        await eventually(lambda: counted(made) == [1, 2, 3, 4, 5], "five answers, each once")


async def test_a_restart_before_the_commit_applies_nothing_twice(
    made: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_commit(*_: Any) -> bool:
        return True

    with monkeypatch.context() as patched:
        patched.setattr("brocante.messaging.committing.Commits.settle", no_commit)
        async with made.running(toy.TABLE):
            await made.publish(*(command(made, f"c{n}") for n in range(5)))
            await eventually(lambda: len(counted(made)) == 5, "five answers")
    async with made.running(toy.TABLE):
        await made.publish(command(made, "last"))
        await eventually(lambda: 6 in counted(made), "the sixth answer")
    assert counted(made) == [1, 2, 3, 4, 5, 6]
    assert max(Counter(d.envelope.id for d in made.messages(SALES_EVENTS)).values()) == 2


async def test_a_write_that_lost_to_another_writer_is_decided_again(
    made: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = DocumentStore.save
    raced = asyncio.Event()

    async def racing(self: DocumentStore, documents: Any) -> set[str]:
        if documents and documents[0].version == 2 and not raced.is_set():
            raced.set()
            rival = DocumentStore(made.runtime.database, "toy_tallies", cached=0)
            current = (await rival.load(["main/s1"]))["main/s1"]
            assert not await real(rival, [current.next(state='{"count":40,"notes":[]}')])
        return await real(self, documents)

    monkeypatch.setattr(DocumentStore, "save", racing)
    async with made.running(toy.TABLE):
        await made.publish(command(made, "c1"))
        await eventually(lambda: counted(made) == [1], "the first answer")
        await made.publish(command(made, "c2"))
        await eventually(lambda: len(counted(made)) == 2, "the second answer")
    assert counted(made) == [1, 41]


async def test_garbage_becomes_a_dead_letter_byte_for_byte_and_the_rest_goes_on(
    made: Bench,
) -> None:
    topic = f"{made.settings.topic_prefix}{SALES_COMMANDS}"
    good, headers = command(made, "c1"), [("ce_specversion", b"1.0"), ("x-odd", b"\xff\x00")]
    garbage = [
        Wire(topic, b"\xff\xfe", b"\x00\x01not json", headers),
        Wire(topic, None, b"", []),
        Wire(topic, b"k", None, [("ce_id", None)]),
        Wire(topic, b"k", good.value, [(n, v) for n, v in good.headers if n != "ce_type"]),
        Wire(topic, b"k", b'{"sale_id": "x"}', good.headers),
    ]
    async with made.running(toy.TABLE):
        await made.publish(*garbage, command(made, "c2"))
        await eventually(lambda: len(made.dead_letters()) == 5, "five dead letters")
        await eventually(lambda: counted(made) == [1], "the good one applied")
    for sent in garbage:
        assert any(
            (d.key, d.value) == (sent.key, sent.value)
            and list(d.headers[: len(sent.headers)]) == list(sent.headers)
            for d in made.dead_letters()
        )
    added = [dict(dead.headers[-5:]) for dead in made.dead_letters()]
    assert {"x-error-code", "x-error", "x-origin", "x-service", "x-first-seen"} == set(added[0])


async def test_a_command_that_breaks_the_contract_is_also_answered_naming_the_field(
    made: Bench,
) -> None:
    good = command(made, "c1")
    broken = Wire(good.topic, good.key, b'{"sale_id":"s1","item_id":"i"}', good.headers)
    async with made.running(toy.TABLE):
        await made.publish(broken)
        await eventually(lambda: len(made.records(SALES_EVENTS)) == 1, "an answer")
    (answer,) = made.messages(SALES_EVENTS)
    assert isinstance(answer.message, CommandRejected)
    assert (answer.message.code, answer.message.field) == ("invalid", "/marketplace")
    assert answer.envelope.causation_id == "c1"


async def test_a_decider_with_a_bug_parks_its_document_only(made: Bench) -> None:
    async with made.running(toy.TABLE):
        await made.publish(
            command(made, "c1", note="bug"), command(made, "c2"), command(made, "c3", "s2")
        )
        await eventually(lambda: len(made.dead_letters()) == 2, "the bug and what stood behind it")
        await eventually(lambda: counted(made, "s2") == [1], "the other document goes on")
    codes = [dict(dead.headers)["x-error-code"] for dead in made.dead_letters()]
    assert codes == [b"decider_failed", b"parked"]


async def test_more_than_twenty_dead_letters_in_a_row_pause_the_partition_until_resumed(
    made: Bench,
) -> None:
    bad = command(made, "c1")
    garbage = Wire(bad.topic, bad.key, b"garbage", bad.headers)
    async with made.running(toy.TABLE, batch_size=1) as service:
        await made.publish(*([garbage] * 30), command(made, "after"))
        await eventually(lambda: bool(service.consumer.paused), "the brake")
        assert service.problems()
        # The next batch may have been taken already: it is worked on, too.
        so_far = range(21, 23)
        await eventually(lambda: len(made.dead_letters()) in so_far, "the dead letters so far")
        (paused,) = service.consumer.paused
        await brake.release(made.runtime.database, paused.topic, paused.partition)
        await eventually(lambda: counted(made) == [1], "what stood behind the garbage")
        await eventually(lambda: len(made.dead_letters()) == 30, "the other dead letters")


async def test_a_resync_says_everything_again_with_the_original_ids(made: Bench) -> None:
    async with made.running(toy.TABLE):
        await made.publish(*(command(made, f"c{n}", f"s{n}") for n in range(3)))
        await eventually(lambda: len(made.records(SALES_EVENTS)) == 3, "three answers")
        first = {d.envelope.id for d in made.messages(SALES_EVENTS)}
        request = ResyncRequested(resync_id="r1", epoch=2, since=toy.NOW)
        value, headers = encode(toy.envelope(request, "r1"), request)
        topic = f"{made.settings.topic_prefix}{SALES_COMMANDS}"
        await made.publish(Wire(topic, b"r1", value, headers))

        def completed() -> list[ResyncCompleted]:
            messages = [d.message for d in made.messages(SALES_EVENTS)]
            return [m for m in messages if isinstance(m, ResyncCompleted)]

        await eventually(lambda: bool(completed()), "resync.completed")
    assert completed()[0].service == "toy"
    again = [d.envelope.id for d in made.messages(SALES_EVENTS)[3:-1]]
    assert set(again) == first


async def test_two_members_share_the_work_and_a_dead_one_is_taken_over(made: Bench) -> None:
    async with made.running(toy.TABLE):
        async with made.running(toy.TABLE):
            await made.publish(*(command(made, f"c{n}", f"s{n % 9}") for n in range(90)))
            await eventually(lambda: len(made.records(SALES_EVENTS)) >= 40, "some answers")
        await made.publish(*(command(made, f"d{n}", f"s{n % 9}") for n in range(90)))
        await eventually(
            lambda: all(counted(made, f"s{n}") == list(range(1, 21)) for n in range(9)),
            "every command applied once, in order",
        )
