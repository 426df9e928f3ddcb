"""One batch: load, fold, write guarded. Publishing what it led to and committing come after.

A batch is taken in parts of other documents each: while the database writes one, the next is
folded.
"""

import asyncio
import time
from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice

import structlog
from prometheus_client import Counter

from brocante.documents.document import Document, Output
from brocante.documents.store import DocumentStore
from brocante.messaging import metrics
from brocante.messaging.dead_letters import dead_letter
from brocante.messaging.deciding import DocumentType, ServiceTable
from brocante.messaging.folding import Fold, Folded, Routed
from brocante.messaging.journal import Known
from brocante.messaging.outputs import Speaker, wires
from brocante.messaging.wire import RawRecord, Received, Wire

log = structlog.get_logger()
LARGEST_PART = 128
SMALLEST_PART = 32
PER_DOCUMENT = 50
PER_DOCUMENT_BYTES = 1024 * 1024

Address = tuple[str, str]
"""Collection and document id."""


Written = Mapping[str, AbstractSet[str]]
"""Ids of the documents that were changed, by collection."""


@dataclass(slots=True)
class Outcome:
    """What a batch, or a part of it, led to: what is published, and the documents it changed."""

    outputs: list[Output] = field(default_factory=list)
    dead: list[Wire] = field(default_factory=list)
    dead_records: list[RawRecord] = field(default_factory=list)
    written: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    @property
    def wires(self) -> list[Wire]:
        """All that must be published, in its order."""
        return [*wires(self.outputs), *self.dead]

    def add(self, part: "Outcome") -> None:
        """Take in what a part of the batch led to."""
        self.outputs += part.outputs
        self.dead += part.dead
        self.dead_records += part.dead_records
        for collection, ids in part.written.items():
            self.written[collection] |= ids


class Processor:
    """Runs a service's table over batches of received messages."""

    def __init__(
        self,
        table: ServiceTable,
        stores: dict[str, DocumentStore],
        prefix: str,
    ) -> None:
        self._table = table
        self._stores = stores
        self._prefix = prefix
        self._speaker = Speaker.of(table, prefix)
        self._routes = {route.message: route for route in table.routes}
        self._age = metrics.MESSAGE_AGE.labels(table.name)
        self._counters: dict[tuple[str, str], Counter] = {}

    async def process(self, batch: Sequence[Received], known: Known) -> Outcome:
        """Apply a batch; what it led to, which the caller must publish.

        May be called again with the same batch after any failure: what was written is found in the
        journals, and leads to the same outputs with the same ids.
        """
        whole = Outcome()
        groups = self._grouped(await self._resolved(batch))
        applying = [asyncio.create_task(self._applied(part, known)) for part in _parts(groups)]
        try:
            for one in applying:
                whole.add(await one)
        finally:
            # Nothing of a batch that failed goes on while it is tried again.
            for one in applying:
                one.cancel()
            await asyncio.gather(*applying, return_exceptions=True)
        return whole

    async def _applied(self, pending: dict[Address, list[Routed]], known: Known) -> Outcome:
        outcome = Outcome()
        while pending:
            pending = await self._round(pending, outcome, known)
        return outcome

    async def _resolved(self, batch: Sequence[Received]) -> Sequence[Received]:
        if self._table.resolve is None or not batch:
            return batch
        found = await self._table.resolve(self._stores, batch)
        return [
            received._replace(resolved=found[n]) if n in found else received
            for n, received in enumerate(batch)
        ]

    def _grouped(self, batch: Iterable[Received]) -> dict[Address, list[Routed]]:
        groups: dict[Address, list[Routed]] = defaultdict(list)
        for received in batch:
            route = self._routes.get(type(received.message))
            id_ = route.address(received) if route is not None else None
            if route is None or id_ is None:
                continue
            groups[route.document.collection, id_].append(Routed.of(received, route))
        return dict(groups)

    async def _round(
        self, pending: dict[Address, list[Routed]], outcome: Outcome, known: Known
    ) -> dict[Address, list[Routed]]:
        now = datetime.now(UTC)
        left: dict[Address, list[Routed]] = {}
        for collection in dict.fromkeys(collection for collection, _ in pending):
            todo = {i: r for (c, i), r in pending.items() if c == collection}
            later = await self._write(self._stores[collection], todo, outcome, known, now)
            left |= {(collection, id_): routed for id_, routed in later.items()}
        return left

    async def _write(
        self,
        store: DocumentStore,
        todo: dict[str, list[Routed]],
        outcome: Outcome,
        known: Known,
        now: datetime,
    ) -> dict[str, list[Routed]]:
        """Fold and write each document's messages; those too many for one write are left."""
        fresh = False
        left: dict[str, list[Routed]] = {}
        while todo:
            new = set() if fresh else {i for i, r in todo.items() if _creates(r[0])}
            documents = await store.load(todo, fresh=fresh, new=new)
            _leave_for_later(todo, left, documents)
            folds = {i: Fold(documents[i], self._speaker, now, known) for i in todo}
            for id_, routed in todo.items():
                for one in routed:
                    folds[id_].apply(one)
            folded = {id_: fold.result() for id_, fold in folds.items()}
            changed = [f.document for f in folded.values() if f.document is not None]
            losers = await store.save(changed)
            if losers:
                metrics.VERSION_CONFLICTS.labels(self._table.name).inc(len(losers))
                log.info("version_conflicts", collection=store.name, documents=len(losers))
            again = set() if fresh else {i for i, f in folded.items() if _only_asked_again(f)}
            outcome.written[store.name].update({d.id for d in changed} - losers)
            todo = {id_: todo[id_] for id_ in losers | again}
            taken = [result for id_, result in folded.items() if id_ not in todo]
            for result in taken:
                self._take(result, outcome)
            self._count(taken)
            fresh = True
        return left

    def _take(self, folded: Folded, outcome: Outcome) -> None:
        outcome.outputs.extend(folded.repeated)
        outcome.outputs.extend(folded.outputs)
        for unapplied in folded.unapplied:
            raw = unapplied.received.raw
            log.error(
                "message_dead_lettered",
                code=unapplied.code,
                error=unapplied.detail,
                type=unapplied.received.envelope.type,
                topic=raw.position.topic,
                partition=raw.position.partition,
                offset=raw.position.offset,
            )
            outcome.dead_records.append(raw)
            outcome.dead.append(
                dead_letter(
                    raw,
                    service=self._table.name,
                    code=unapplied.code,
                    error=unapplied.detail,
                    prefix=self._prefix,
                )
            )
            metrics.DEAD_LETTERS.labels(self._table.name, unapplied.code).inc()

    def _count(self, taken: Sequence[Folded]) -> None:
        applied = [one.received.envelope for folded in taken for one in folded.applied]
        repeats = [one.received.envelope for folded in taken for one in folded.duplicates]
        for outcome, envelopes in (("applied", applied), ("duplicate", repeats)):
            for kind, times in Tally([envelope.type for envelope in envelopes]).items():
                self._counter(kind, outcome).inc(times)
        now = time.time()
        for envelope in applied:
            self._age.observe(max(0.0, now - envelope.time.timestamp()))

    def _counter(self, kind: str, outcome: str) -> Counter:
        # Looking a labelled counter up takes longer than counting.
        if (kind, outcome) not in self._counters:
            found = metrics.MESSAGES.labels(self._table.name, kind, outcome)
            self._counters[kind, outcome] = found
        return self._counters[kind, outcome]


def _parts(groups: dict[Address, list[Routed]]) -> Iterator[dict[Address, list[Routed]]]:
    """The last ones smaller, for nothing is folded while the very last is written."""
    ahead, left = iter(groups.items()), len(groups)
    while left > 0:
        size = max(SMALLEST_PART, min(LARGEST_PART, left // 2))
        yield dict(islice(ahead, size))
        left -= size


def _leave_for_later(
    todo: dict[str, list[Routed]],
    left: dict[str, list[Routed]],
    documents: Mapping[str, Document],
) -> None:
    for id_, routed in todo.items():
        todo[id_], later = _parted(documents[id_], routed)
        if later:
            left[id_] = [*later, *left.get(id_, ())]


def _parted(document: Document, routed: list[Routed]) -> tuple[list[Routed], list[Routed]]:
    """What one write takes, and the rest: what messages lead to is kept in the document.

    Each leads to about as much as the state has by then, once for each who must know it.
    """
    if len(routed) == 1:
        return routed, []
    state, all_of_it = len(document.state or ""), 0
    for n, one in enumerate(routed[:PER_DOCUMENT]):
        state += len(one.received.raw.value or b"")
        all_of_it += state
        if n and all_of_it > PER_DOCUMENT_BYTES:
            return routed[:n], routed[n:]
    return routed[:PER_DOCUMENT], routed[PER_DOCUMENT:]


def _creates(first: Routed) -> bool:
    return first.route.creates(first.received)


def _only_asked_again(folded: Folded) -> bool:
    """The answer must be of the newest version, not of one remembered."""
    return folded.document is None and any(not one.route.final for one in folded.duplicates)


def document_types(table: ServiceTable) -> list[DocumentType[object]]:
    """Every kind of document a service has, once each."""
    kinds = [route.document for route in table.routes]
    kinds += [timers.document for timers in table.timers]
    kinds += [again.document for again in table.say_again]
    return list({kind.collection: kind for kind in kinds}.values())
