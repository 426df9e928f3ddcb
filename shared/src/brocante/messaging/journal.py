"""What a document remembers of the messages applied to it (docs/adr/0003).

Outputs are kept until a later write knows, within the same broker epoch, that the message's offset
is behind the committed position; entries of earlier epochs until that epoch's resync is done. Ids
of commands and of sale events stay: the last 256, and every one that could still be redelivered.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from brocante.contracts.envelope import Envelope
from brocante.documents.document import Entry, Journal, Output
from brocante.messaging.wire import Position

DIGEST_BYTES = 16
REMEMBERED = 256
REFUSALS_KEPT = 64


@dataclass(frozen=True, slots=True)
class Known:
    """What this process knows of the broker: its epoch, committed positions, the last resync.

    `committed` maps (topic, partition) to the committed offset: everything below it is done.
    """

    epoch: int
    committed: Mapping[tuple[str, int], int] = field(default_factory=dict)
    resynced: int = 0


def digest(envelope: Envelope) -> bytes:
    """What tells a duplicate: source and id together, as 16 bytes."""
    text = f"{envelope.source}\x00{envelope.id}".encode()
    return hashlib.blake2b(text, digest_size=DIGEST_BYTES).digest()


def find(journal: Journal, wanted: bytes) -> tuple[Output, ...] | None:
    """What a message led to, as far as still kept, or None when it was not applied."""
    for entry in journal.recent:
        if entry.digest == wanted:
            return entry.outputs
    if _holds(journal.applied, wanted):
        return tuple(output for known, output in journal.kept if known == wanted)
    return None


def holds_record(journal: Journal, wanted: bytes, at: Position) -> bool:
    """Whether a message was applied from just this record, which is delivered once more."""
    place = (wanted, at.epoch, at.topic, at.partition, at.offset)
    return any(
        place == (one.digest, one.epoch, one.topic, one.partition, one.offset)
        for one in journal.recent
    )


def add(journal: Journal, entries: Sequence[Entry], known: Known) -> Journal:
    """The journal with these entries, and without what can no longer be asked for."""
    recent: list[Entry] = []
    applied = journal.applied
    kept = list(journal.kept)
    for entry in journal.recent:
        if not _is_done(entry, known):
            recent.append(entry)
        elif entry.remember:
            applied += entry.digest
            if entry.refused:
                kept.extend((entry.digest, output) for output in entry.outputs)
    return Journal(
        applied=applied[-REMEMBERED * DIGEST_BYTES :],
        recent=(*recent, *entries),
        kept=tuple(kept[-REFUSALS_KEPT:]),
    )


def _is_done(entry: Entry, known: Known) -> bool:
    if entry.epoch != known.epoch:
        return entry.epoch < known.epoch <= known.resynced
    return entry.offset < known.committed.get((entry.topic, entry.partition), 0)


def _holds(applied: bytes, wanted: bytes) -> bool:
    start = applied.find(wanted)
    while start != -1:
        if start % DIGEST_BYTES == 0:
            return True
        start = applied.find(wanted, start + 1)
    return False
