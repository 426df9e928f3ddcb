"""Timers: when a document's `next_due` has passed, its service sends itself a command.

The command's id is derived from the document and the due time, so sending it twice is harmless; the
decider ignores it when it has meanwhile become pointless.
"""

from datetime import UTC, datetime

import structlog

from brocante.contracts.envelope import Envelope
from brocante.contracts.ids import own_output_id
from brocante.documents.store import DocumentStore
from brocante.messaging.deciding import Timers
from brocante.messaging.outputs import Speaker, wires
from brocante.messaging.publisher import Publisher

log = structlog.get_logger()


class TimerSweep:
    """Finds due documents of one type and sends what they want sent."""

    def __init__(
        self, timers: Timers, store: DocumentStore, publisher: Publisher, speaker: Speaker
    ) -> None:
        self._timers = timers
        self._store = store
        self._publisher = publisher
        self._speaker = speaker

    async def sweep(self, now: datetime | None = None) -> int:
        """Send the commands of what is due; how many documents were."""
        at = now or datetime.now(UTC)
        due = await self._store.find_due("next_due", at)
        outputs = []
        for document in due:
            state = self._timers.document.read(document)
            if state is None:
                continue
            for outgoing in self._timers.due(document.id, state, at):
                message = outgoing.message
                # The payload names the due time, so the same timer always has the same id.
                name = f"{document.id}#{message.TYPE}#{message.model_dump_json()}"
                envelope = Envelope(
                    id=own_output_id(name, 0, 0),
                    source=self._speaker.source,
                    type=message.TYPE,
                    time=at,
                    subject=message.subject,
                    dealer=document.id.split("/", 1)[0],
                    actor="timer",
                )
                outputs.append(self._speaker.encoded(envelope, outgoing))
        await self._publisher.send_all(wires(outputs))
        return len(due)
