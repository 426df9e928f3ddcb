"""Faults in what every service stands on: storing, journalling, publishing, committing."""

import asyncio
import uuid
from contextlib import suppress
from typing import Any

from aiokafka.errors import KafkaError

from tests.planted.planting import Put, fault


@fault("no-version-guard", "brocante.documents.store", "a write overwrites what others wrote")
def no_version_guard(store: Any, put: Put) -> None:
    """A write takes effect on whatever is there."""

    def unguarded(document: Any, write_id: Any) -> Any:
        stored = store.to_bson(document, write_id)
        return store.ReplaceOne({"_id": document.id}, stored, upsert=True)

    put(store, "_guarded", unguarded)


@fault("lost-writes-unnoticed", "brocante.documents.store", "a write that lost counts as done")
def lost_writes_unnoticed(store: Any, put: Put) -> None:
    """Nobody reads back who lost."""

    async def nobody(*_: Any) -> set[str]:
        return set()

    put(store.DocumentStore, "_losers", nobody)


@fault("commit-before-write", "brocante.messaging.consumer", "offsets are committed first")
def commit_before_write(consumer: Any, put: Put) -> None:
    """A crash in between loses the batch."""
    real = consumer.Consumer._consume

    async def commit_first(self: Any, records: Any) -> None:
        self._note_done(records, set())
        await self.commits.settle()
        await real(self, records)

    put(consumer.Consumer, "_consume", commit_first)


@fault(
    "argument-less-commit",
    "brocante.messaging.consumer",
    "the next batch is read ahead, and what is committed is wherever reading stands",
)
def argument_less_commit(consumer: Any, put: Put) -> None:
    """A commit without offsets commits what is not processed yet."""
    real = consumer.Consumer._poll

    async def ahead(self: Any, kafka: Any) -> Any:
        now = self.__dict__.pop("ahead", ()) or await real(self, kafka)
        self.ahead = await real(self, kafka)
        return now

    async def commit(self: Any) -> bool:
        self._owed.clear()
        with suppress(KafkaError):
            await self._kafka().commit()
        return True

    put(consumer.Consumer, "_poll", ahead)
    put(consumer.Commits, "settle", commit)


@fault("commit-before-publish", "brocante.messaging.running", "no acknowledgement is waited for")
def commit_before_publish(running: Any, put: Put) -> None:
    """What a batch led to is published beside, and given up when that fails."""
    real = running.RunningService.__init__

    class Forgetful:
        def __init__(self, publisher: Any) -> None:
            self._publisher = publisher
            self._sending: set[asyncio.Task[None]] = set()

        async def send_all(self, records: Any) -> None:
            async def sent() -> None:
                with suppress(Exception):
                    await self._publisher.send_all(records)

            task = asyncio.create_task(sent())
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    def made(self: Any, *args: Any, **named: Any) -> None:
        real(self, *args, **named)
        self._publisher = Forgetful(self._publisher)

    put(running.RunningService, "__init__", made)


@fault(
    "random-output-ids", "brocante.messaging.folding", "the same output has another id each time"
)
def random_output_ids(folding: Any, put: Put) -> None:
    """What is published again cannot be told from something new."""
    real = folding.journal.find

    def renamed(output: Any) -> Any:
        fresh = str(uuid.uuid4()).encode()
        headers = [(n, fresh if n == "ce_id" else v) for n, v in output.headers]
        return output._replace(headers=tuple(headers))

    def found(*about: Any) -> Any:
        kept = real(*about)
        return None if kept is None else tuple(renamed(one) for one in kept)

    put(folding.journal, "find", found)


@fault("command-dedupe-off", "brocante.messaging.journal", "no message is known to be applied")
def command_dedupe_off(journal: Any, put: Put) -> None:
    """A redelivered message is applied again."""
    put(journal, "find", lambda *_: None)


@fault(
    "journal-pruned-across-epochs",
    "brocante.messaging.journal",
    "offsets of a broker that is gone count as offsets of this one",
)
def journal_pruned_across_epochs(journal: Any, put: Put) -> None:
    """Outputs that were never published are dropped after a broker was lost."""

    def done(entry: Any, known: Any) -> bool:
        return bool(entry.offset < known.committed.get((entry.topic, entry.partition), 0))

    put(journal, "_is_done", done)


@fault(
    "journal-keeps-no-outputs", "brocante.messaging.folding", "a message is known, its outputs not"
)
def journal_keeps_no_outputs(folding: Any, put: Put) -> None:
    """A crash between writing and publishing loses what was to be said."""
    real = folding.Fold._entries

    def bare(self: Any) -> list[Any]:
        return [entry._replace(led_to=b"") for entry in real(self)]

    put(folding.Fold, "_entries", bare)


@fault("unsent-never-swept", "brocante.messaging.unsent", "nobody looks for what was left unsent")
def unsent_never_swept(unsent: Any, put: Put) -> None:
    """A crash after a write that no message caused loses its outputs."""

    async def nothing(*_: Any) -> int:
        return 0

    put(unsent.UnsentOutputs, "sweep", nothing)


@fault("resync-says-nothing", "brocante.messaging.resync", "a resync is answered and says nothing")
def resync_says_nothing(resync: Any, put: Put) -> None:
    """What a lost broker took along stays lost."""

    async def nothing(*_: Any, **__: Any) -> int:
        return 0

    put(resync.Resync, "_say", nothing)


@fault("unreadable-dropped", "brocante.messaging.decoding", "what cannot be decoded is passed over")
def unreadable_dropped(decoding: Any, put: Put) -> None:
    """There is no dead letter."""

    def nothing(*_: Any, **__: Any) -> Any:
        return decoding.Wire("", None, None)

    class Silent(list[Any]):
        def append(self, _one: Any) -> None:
            return

    real = decoding.DecodedBatch.__init__

    def made(self: Any, *args: Any, **named: Any) -> None:
        real(self, *args, **named)
        self.dead, self.refused, self.unusable = Silent(), Silent(), Silent()

    put(decoding, "dead_letter", nothing)
    put(decoding.DecodedBatch, "__init__", made)


@fault("parked-goes-on", "brocante.messaging.folding", "a document with a gap goes on")
def parked_goes_on(folding: Any, put: Put) -> None:
    """What stands behind a message that could not be applied is applied all the same."""

    def unparked(self: Any, routed: Any, code: str, detail: str) -> None:
        self._folded.unapplied.append(folding.Unapplied(routed.received, code, detail))

    put(folding.Fold, "_park", unparked)
