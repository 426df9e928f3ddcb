"""Saying everything again after a broker was lost, with the original ids (docs/messages.md)."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime

import structlog

from brocante.contracts.answers import ResyncCompleted, ResyncRequested
from brocante.contracts.envelope import Envelope
from brocante.contracts.ids import own_output_id
from brocante.documents.document import Document, Output
from brocante.documents.store import DocumentStore
from brocante.messaging.deciding import Outgoing, Said, SayAgain, ServiceTable
from brocante.messaging.outputs import Speaker, recalled, wires
from brocante.messaging.publisher import Publisher
from brocante.messaging.wire import Received

log = structlog.get_logger()
AT_LEISURE = 1000.0
"""Records a second of what others have surely heard: they must have time for what is new."""


class Resync:
    """Answers `resync.requested` for a service: its documents' states, and what was kept back.

    What changed since the time that the request names comes first. The rest is said, too, for
    nobody knows what was lost of an earlier resync, but no faster than others can hear it.
    """

    def __init__(
        self,
        table: ServiceTable,
        stores: dict[str, DocumentStore],
        publisher: Publisher,
        speaker: Speaker,
    ) -> None:
        self.service = table.name
        self._table = table
        self._stores = stores
        self._publisher = publisher
        self._speaker = speaker

    async def answer(self, received: Received) -> int:
        """Say everything again, then `resync.completed`; the epoch that began with the request."""
        request = received.message
        if not isinstance(request, ResyncRequested):
            raise TypeError(f"not a resync request: {request.TYPE}")
        said = 0
        for pressing in (True, False):
            for again in self._table.say_again:
                said += await self._say(again, request.since, pressing=pressing)
        completed = Outgoing(
            ResyncCompleted(resync_id=request.resync_id, service=self.service, said=said)
        )
        # Done again, it may have more to say: that is another answer.
        at, now = received.envelope, datetime.now(UTC)
        _, output = self._speaker.answer(at, completed, 0, now, again=str(said))
        await self._publisher.send_all(wires([output]))
        log.info("resync_completed", resync_id=request.resync_id, said=said)
        return request.epoch

    async def _say(self, again: SayAgain, since: datetime, *, pressing: bool) -> int:
        count = 0
        async for page in self._stores[again.document.collection].walk():
            now = [one for one in page if _may_be_missed(one, since) == pressing]
            outputs = [output for one in now for output in self._outputs(again, one, since)]
            await self._publisher.send_all(wires(outputs))
            count += len(outputs)
            if not pressing:
                await asyncio.sleep(len(outputs) / AT_LEISURE)
        return count

    def _outputs(self, again: SayAgain, document: Document, since: datetime) -> Iterable[Output]:
        """What a crash kept back comes first: it is older than the state. Each is said once."""
        kept = [output for entry in document.journal.recent for output in entry.outputs]
        once: dict[bytes, Output] = {}
        for output in (*kept, *document.unsent, *self._state(again, document, since)):
            once.setdefault(dict(output.headers)["ce_id"], output)
        return once.values()

    def _state(self, again: SayAgain, document: Document, since: datetime) -> Iterable[Output]:
        state = again.document.read(document)
        if state is None:
            return
        changed = document.changed_at or since
        for n, said in enumerate(again.say(document.id, state, changed, since)):
            yield self._speaker.encoded(
                self._envelope(again, document, said, n),
                Outgoing(said.message, said.topic, said.key),
            )

    def _envelope(self, again: SayAgain, document: Document, said: Said, n: int) -> Envelope:
        dealer = document.id.split("/", 1)[0]
        kept = document.said.get(said.said)
        if kept is not None:
            return recalled(dict(kept), self._speaker.source, dealer, said.message)
        name = f"{again.document.collection}/{document.id}#{said.said}"
        return Envelope(
            id=own_output_id(name, document.version, n),
            source=self._speaker.source,
            type=said.message.TYPE,
            time=datetime.now(UTC),
            subject=said.message.subject,
            dealer=dealer,
        )


def _may_be_missed(document: Document, since: datetime) -> bool:
    return document.changed_at is None or document.changed_at >= since or bool(document.unsent)
