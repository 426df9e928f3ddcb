"""Writes that no message caused put their outputs in the same document, publish, then clear.

Any replica publishes what it finds unsent for more than a second: a crash in between loses nothing.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from brocante.documents.document import Document
from brocante.documents.store import DocumentStore
from brocante.messaging.deciding import DocumentType, Outgoing
from brocante.messaging.outputs import Speaker, remembered, wires
from brocante.messaging.publisher import Publisher

log = structlog.get_logger()
UNSENT_AFTER = timedelta(seconds=1)


def recorded(
    document: Document,
    kind: DocumentType[Any],
    state: Any,
    outputs: Sequence[Outgoing],
    speaker: Speaker,
    now: datetime,
) -> Document:
    """The next version of a document with a new state and outputs still to be published."""
    said = dict(document.said)
    unsent = list(document.unsent)
    for n, outgoing in enumerate(outputs):
        envelope, output = speaker.own(document.id, document.version + 1, outgoing, n, now)
        unsent.append(output)
        if outgoing.said:
            said[outgoing.said] = remembered(envelope)
    return document.next(
        state=kind.state.dump_json(state).decode(),
        changed_at=now,
        indexed=dict(kind.indexed(state)),
        said=said,
        unsent=tuple(unsent),
        unsent_since=(document.unsent_since or now) if unsent else None,
    )


class UnsentOutputs:
    """Publishes and clears what documents of one collection have not said yet."""

    def __init__(self, store: DocumentStore, publisher: Publisher) -> None:
        self._store = store
        self._publisher = publisher

    async def flush(self, documents: Sequence[Document]) -> None:
        """Publish the outputs of documents just written by this process, then clear them."""
        waiting = [document for document in documents if document.unsent]
        if not waiting:
            return
        outputs = [output for document in waiting for output in document.unsent]
        await self._publisher.send_all(wires(outputs))
        # One that lost to another writer is published again by whoever finds it: same ids.
        await self._store.save([_cleared(document) for document in waiting])

    async def sweep(self) -> int:
        """Publish what anyone left unsent for more than a second; how many documents."""
        found = await self._store.find_unsent(datetime.now(UTC) - UNSENT_AFTER)
        if found:
            log.info("unsent_found", collection=self._store.name, documents=len(found))
        await self.flush(found)
        return len(found)


def _cleared(document: Document) -> Document:
    return document.next(unsent=(), unsent_since=None)
