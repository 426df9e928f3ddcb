"""A running service: everything the runtime does around a table of deciders."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import structlog

from brocante.contracts.answers import CommandRejected, ResyncRequested
from brocante.contracts.envelope import Unusable
from brocante.documents.driver import Database
from brocante.documents.store import DocumentStore
from brocante.messaging import metrics
from brocante.messaging.brake import Brake
from brocante.messaging.carrying import carried_over, group_name
from brocante.messaging.consumer import Consumer, Finish
from brocante.messaging.deciding import Outgoing, ServiceTable
from brocante.messaging.decoding import DecodedBatch, decode_batch
from brocante.messaging.epoch import Epoch, Epochs
from brocante.messaging.journal import Known
from brocante.messaging.outputs import Speaker, wires
from brocante.messaging.processor import Outcome, Processor, Written, document_types
from brocante.messaging.progress import Progress
from brocante.messaging.publisher import Publisher
from brocante.messaging.resync import Resync
from brocante.messaging.resyncing import Resyncing
from brocante.messaging.timers import TimerSweep
from brocante.messaging.unsent import UnsentOutputs
from brocante.messaging.wire import Partition, Wire
from brocante.settings import Settings

log = structlog.get_logger()
SWEEP_SECONDS = 1.0
BRAKE_SECONDS = 1.0


class BrokerChanged(Exception):  # noqa: N818 - a finding: this process must start over
    """The broker is another one than at start: offsets mean nothing any more."""


class RunningService:
    """Consumes, decides, stores and publishes for one table until stopped.

    `stores` are shared with what else a service does with its documents (the reconcile loop).
    `after_batch` is called once a batch's writes are done and said, with what was written (for
    that loop to go on with).
    """

    def __init__(
        self,
        table: ServiceTable,
        settings: Settings,
        database: Database,
        epoch: Epoch,
        publisher: Publisher,
        progress: Progress,
        after_batch: Callable[[Written], None] = lambda _written: None,
    ) -> None:
        self.table = table
        names = [kind.collection for kind in document_types(table)]
        self.stores = {name: DocumentStore(database, name) for name in names}
        self.speaker = Speaker.of(table, settings.topic_prefix)
        self._taken = table.messages | {ResyncRequested}
        self._settings = settings
        self._epoch = epoch
        self._epochs = Epochs(database)
        self._publisher = publisher
        self._progress = progress
        self._after_batch = after_batch
        self._brake = Brake(database, table.name)
        self._processor = Processor(table, self.stores, settings.topic_prefix)
        self._timers = [
            TimerSweep(t, self.stores[t.document.collection], publisher, self.speaker)
            for t in table.timers
        ]
        self._unsent = [UnsentOutputs(store, publisher) for store in self.stores.values()]
        self.consumer = Consumer(
            settings,
            table.topics,
            group_name(settings, table.name, epoch.incarnation),
            self._handle,
            progress,
            partial(carried_over, settings, table.name, epoch),
        )
        resync = Resync(table, self.stores, publisher, self.speaker)
        self.resyncing = Resyncing(resync, self._epochs, self.consumer.commits, progress)
        self._tasks: list[asyncio.Task[None]] = []
        self.broker_changed = asyncio.Event()

    async def start(self) -> None:
        """Prepare collections, join the group, start the sweeps."""
        for kind in document_types(self.table):
            await self.stores[kind.collection].prepare(kind.indexes)
        await self._brake.prepare()
        self.consumer.on_assigned(self._apply_brakes)
        await self.consumer.start()
        metrics.EPOCH.labels(self.table.name).set(self._epoch.number)
        self._tasks = [
            asyncio.create_task(self._every(SWEEP_SECONDS, self._sweep)),
            asyncio.create_task(self._every(BRAKE_SECONDS, self._look_after)),
        ]

    async def stop(self) -> None:
        """Stop consuming, then what goes on beside it."""
        await self.consumer.stop()
        await self.resyncing.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def problems(self) -> dict[str, str]:
        """What keeps this service from being ready, by name."""
        problems: dict[str, str] = {}
        if not self.consumer.assigned.is_set():
            problems["group"] = "no partitions assigned yet"
        for tp in self.consumer.paused:
            problems[f"{tp.topic}/{tp.partition}"] = "paused after too many dead letters in a row"
        return problems

    @property
    def known(self) -> Known:
        """What is known of the broker now, for pruning journals."""
        resynced = self._epoch.resynced.get(self.table.name, 0)
        return Known(self._epoch.number, dict(self.consumer.committed), resynced)

    async def _handle(self, records: Sequence[Any]) -> Finish:
        began = time.monotonic()
        epoch = self._epoch.number
        prefix = self._settings.topic_prefix
        batch = decode_batch(
            records, epoch=epoch, service=self.table.name, prefix=prefix, takes=self._taken
        )
        outcome = await self._processor.process(batch.received, self.known)
        said = [*outcome.wires, *batch.dead, *self._refusals(batch)]
        return partial(self._finish, batch, outcome, said, began)

    async def _finish(
        self, batch: DecodedBatch, outcome: Outcome, said: Sequence[Wire], began: float
    ) -> set[Partition]:
        """Publish what is said of a batch; the partitions to stop."""
        await self._publisher.send_all(said)
        for received in batch.received:
            if isinstance(received.message, ResyncRequested):
                self.resyncing.begin(received)
        self._after_batch(outcome.written)
        stops = self._brake.count(batch.raw, [*batch.refused, *outcome.dead_records])
        for partition in stops:
            await self._brake.pull(partition)
            log.error("partition_paused", topic=partition[0], partition=partition[1])
        metrics.BATCH_SECONDS.labels(self.table.name).observe(time.monotonic() - began)
        return stops

    def _refusals(self, batch: DecodedBatch) -> list[Wire]:
        """Answer commands that break the contract, beside their dead letters, naming the field."""
        answers = [
            self._refusal(raw.position.topic, unusable)
            for raw, unusable in zip(batch.refused, batch.unusable, strict=True)
        ]
        return [wire for wire in answers if wire is not None]

    def _refusal(self, topic: str, unusable: Unusable) -> Wire | None:
        envelope = unusable.envelope
        if envelope is None or not topic.endswith(".commands"):
            return None
        rejected = CommandRejected(
            command_id=envelope.id,
            command_type=envelope.type,
            code="invalid",
            message=str(unusable),
            field=unusable.field,
        )
        outgoing = Outgoing(rejected, subject=envelope.subject or envelope.id)
        _, output = self.speaker.answer(envelope, outgoing, 0, datetime.now(UTC))
        return wires([output])[0]

    async def _sweep(self) -> None:
        for unsent in self._unsent:
            await unsent.sweep()
        for timers in self._timers:
            await timers.sweep()

    async def _apply_brakes(self) -> None:
        pulled = await self._brake.pulled()
        assigned = {(tp.topic, tp.partition) for tp in self.consumer.kafka.assignment()}
        paused = {(tp.topic, tp.partition) for tp in self.consumer.paused}
        for topic, partition in (pulled & assigned) - paused:
            offset = self.consumer.committed.get((topic, partition), 0)
            self.consumer.pause(topic, partition, offset)
        for topic, partition in paused - pulled:
            self._brake.released((topic, partition))
            self.consumer.resume(topic, partition)
            log.info("partition_resumed", topic=topic, partition=partition)
        metrics.PAUSED_PARTITIONS.labels(self.table.name).set(len(self.consumer.paused))

    async def _look_after(self) -> None:
        await self._apply_brakes()
        epoch = await self._epochs.current()
        if epoch is None or epoch.incarnation != self._epoch.incarnation:
            raise BrokerChanged("the broker is another one now")
        self._epoch = epoch
        metrics.EPOCH.labels(self.table.name).set(epoch.number)

    async def _every(self, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
            except BrokerChanged:
                self.broker_changed.set()
                return
            except Exception as error:  # noqa: BLE001 - the sweep is tried again; nothing is lost
                log.warning("sweep_failed", work=work.__name__, error=repr(error))
            await asyncio.sleep(seconds * random.uniform(0.8, 1.2))  # noqa: S311 - jitter
