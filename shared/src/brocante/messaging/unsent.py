"""Writes that no message caused put their outputs in the same document, publish, then clear.

Any replica publishes what it finds unsent for more than a second: a crash in between loses nothing.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from brocante.documents.document import Document
from brocante.documents.driver import DatabaseError
from brocante.documents.store import DocumentStore
from brocante.messaging.deciding import DocumentType, Outgoing
from brocante.messaging.outputs import Speaker, remembered, wires
from brocante.messaging.publisher import Publisher

log = structlog.get_logger()
UNSENT_AFTER = timedelta(seconds=1)
CLEARED_AFTER_SECONDS = 0.2


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
        envelope, output = speaker.own(
            kind.collection, document.id, document.version + 1, outgoing, n, now
        )
        unsent.append(output)
        if outgoing.said:
            said[outgoing.said] = remembered(envelope)
    return document.next(
        **kind.written(state, now),
        said=said,
        unsent=tuple(unsent),
        unsent_since=(document.unsent_since or now) if unsent else None,
    )


class UnsentOutputs:
    """Publishes and clears what documents of one collection have not said yet.

    Clearing is a second write: it is done a moment later, for many documents at once, unless the
    document was written again meanwhile, which clears it for nothing.
    """

    def __init__(self, store: DocumentStore, publisher: Publisher) -> None:
        self._store = store
        self._publisher = publisher
        self._published: dict[str, Document] = {}
        self._clearing: asyncio.Task[None] | None = None

    async def flush(self, documents: Sequence[Document]) -> None:
        """Publish the outputs of documents just written by this process; cleared soon after."""
        waiting = [document for document in documents if document.unsent]
        if not waiting:
            return
        outputs = [output for document in waiting for output in document.unsent]
        await self._publisher.send_all(wires(outputs))
        for document in waiting:
            said = document._replace(unsent=(), unsent_since=None)
            self._store.amend(said)
            self._published[document.id] = said
        if self._clearing is None or self._clearing.done():
            self._clearing = asyncio.create_task(self._clear_soon())

    async def sweep(self) -> int:
        """Publish what anyone left unsent for more than a second; how many documents."""
        found = await self._store.find_unsent(datetime.now(UTC) - UNSENT_AFTER)
        if found:
            log.info("unsent_found", collection=self._store.name, documents=len(found))
            await self.flush(found)
        return len(found)

    async def _clear_soon(self) -> None:
        await asyncio.sleep(CLEARED_AFTER_SECONDS)
        published, self._published = self._published, {}
        latest = self._store.known(published)
        still = [said for id_, said in published.items() if not _overtaken(said, latest.get(id_))]
        try:
            # One that lost to another writer is published again by whoever finds it: same ids.
            await self._store.save([said.next() for said in still])
        except DatabaseError as error:
            log.warning("unsent_not_cleared", error=repr(error))


def _overtaken(said: Document, known: Document | None) -> bool:
    """Whether this process wrote the document again meanwhile, without what was published.

    What it remembers may also be older: another replica wrote what was found unsent.
    """
    return known is not None and known is not said and known.version >= said.version
