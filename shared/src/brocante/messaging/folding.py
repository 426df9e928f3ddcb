"""Fold a document's messages through their deciders, in order and in memory. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

from brocante.contracts.answers import CommandRejected
from brocante.contracts.envelope import Envelope
from brocante.contracts.message import Command
from brocante.documents.document import Document, Entry, Output, packed
from brocante.messaging import journal
from brocante.messaging.deciding import Outgoing, Route
from brocante.messaging.outputs import Speaker, remembered
from brocante.messaging.wire import Received

REPLAYED_HEADER = "x-replay"


class Routed(NamedTuple):
    """A received message with its route, and the digest that tells a duplicate of it."""

    received: Received
    route: Route
    digest: bytes

    @classmethod
    def of(cls, received: Received, route: Route) -> "Routed":
        """Any message with the route of its class."""
        return cls(received, route, journal.digest(received.envelope))


@dataclass(frozen=True, slots=True)
class Unapplied:
    """A message whose decider raised, or that stands behind such a one."""

    received: Received
    code: str
    detail: str


@dataclass(slots=True)
class Folded:
    """What a fold leads to: the next document (None: nothing to write), outputs, dead letters."""

    document: Document | None = None
    outputs: list[Output] = field(default_factory=list)
    repeated: list[Output] = field(default_factory=list)
    unapplied: list[Unapplied] = field(default_factory=list)
    applied: list[Routed] = field(default_factory=list)
    duplicates: list[Routed] = field(default_factory=list)


@dataclass(slots=True)
class _Step:
    routed: Routed
    says: list[tuple[int, Outgoing]]
    """What it leads to, numbered: the number is part of an output's id."""
    outputs: list[tuple[Outgoing, Output, Envelope]] = field(default_factory=list)


class Fold:
    """One document's fold. Call `apply` for each message in order, then `result`."""

    def __init__(
        self, document: Document, speaker: Speaker, now: datetime, known: journal.Known
    ) -> None:
        self._before = document
        self._speaker = speaker
        self._now = now
        self._known = known
        self._state: Any = None
        self._loaded = False
        self._parked = list(document.parked)
        self._states: list[Any] = []
        self._steps: list[_Step] = []
        self._seen: dict[bytes, _Step] = {}
        self._folded = Folded()

    def apply(self, routed: Routed) -> None:
        """Apply one message, or find that it was applied, or that it cannot be."""
        if self._repeat(routed):
            return
        self._load(routed.route)
        if self._parked and not self._is_next_replay(routed):
            self._park(routed, "parked", "an earlier message of this document could not be applied")
            return
        try:
            decision = routed.route.decide(self._state, routed.received, self._now)
        except Exception as error:  # noqa: BLE001 - a decider is pure: any error is a bug in it
            self._park(routed, "decider_failed", f"{type(error).__name__}: {error}")
            return
        if routed.digest in self._parked:
            self._parked.remove(routed.digest)
        self._state = decision.state
        self._states.append(decision.state)
        self._take(routed, decision.outputs)

    def result(self) -> Folded:
        """The next version of the document with its journal, and everything to publish."""
        folded = self._folded
        self._keep_newest_only()
        for step in self._steps:
            step.outputs = self._encoded(step)
        folded.outputs = [output for step in self._steps for _, output, _ in step.outputs]
        if self._steps or self._parked != list(self._before.parked):
            folded.document = self._next()
        return folded

    def _load(self, route: Route) -> None:
        if not self._loaded:
            self._state = route.document.read(self._before)
            self._states.append(self._state)
            self._loaded = True

    def _repeat(self, routed: Routed) -> bool:
        step = self._seen.get(routed.digest)
        if step is not None:
            self._folded.duplicates.append(routed)
            return True
        kept = journal.find(self._before.journal, routed.digest)
        if kept is None:
            return False
        self._folded.duplicates.append(routed)
        self._folded.repeated.extend(kept or self._answered_again(routed))
        return True

    def _was_this_record(self, routed: Routed) -> bool:
        """The same record once more, not the same command sent once more: nobody asks again."""
        position = routed.received.raw.position
        return journal.holds_record(self._before.journal, routed.digest, position)

    def _answered_again(self, routed: Routed) -> list[Output]:
        if not isinstance(routed.received.message, Command) or self._was_this_record(routed):
            return []
        self._load(routed.route)
        if self._state is None:
            return []
        answers = routed.route.answer(self._state, routed.received)
        # The state is that of the version read, and of what this fold changed in it so far.
        changes = sum(old is not new and old != new for old, new in pairwise(self._states))
        version = f"{self._before.version}.{changes}" if changes else str(self._before.version)
        return [
            self._speaker.answer(routed.received.envelope, outgoing, n, self._now, again=version)[1]
            for n, outgoing in enumerate(answers)
        ]

    def _is_next_replay(self, routed: Routed) -> bool:
        replayed = any(name == REPLAYED_HEADER for name, _ in routed.received.raw.headers)
        return replayed and self._parked[0] == routed.digest

    def _park(self, routed: Routed, code: str, detail: str) -> None:
        if routed.digest not in self._parked:
            self._parked.append(routed.digest)
        self._folded.unapplied.append(Unapplied(routed.received, code, detail))

    def _take(self, routed: Routed, outputs: Sequence[Outgoing]) -> None:
        step = _Step(routed, list(enumerate(outputs)))
        self._steps.append(step)
        self._seen[routed.digest] = step
        self._folded.applied.append(routed)

    def _keep_newest_only(self) -> None:
        if len(self._steps) == 1:
            return
        newer: set[str | None] = set()
        for step in reversed(self._steps):
            if not isinstance(step.routed.received.message, Command):
                step.says = [(n, o) for n, o in step.says if not (o.snapshot and o.said in newer)]
            newer |= {outgoing.said for _, outgoing in step.says if outgoing.snapshot}

    def _encoded(self, step: _Step) -> list[tuple[Outgoing, Output, Envelope]]:
        encoded = []
        for n, outgoing in step.says:
            envelope, output = self._speaker.answer(
                step.routed.received.envelope, outgoing, n, self._now
            )
            encoded.append((outgoing, output, envelope))
        return encoded

    def _next(self) -> Document:
        said = {o.said: e for step in self._steps for o, _, e in step.outputs if o.said}
        return self._before.next(
            journal=journal.add(self._before.journal, self._entries(), self._known),
            said={**self._before.said, **{name: remembered(e) for name, e in said.items()}},
            parked=tuple(self._parked),
            **(self._written() if self._steps else {}),
        )

    def _written(self) -> dict[str, Any]:
        if self._state is None:
            return {"changed_at": self._now}
        return self._steps[-1].routed.route.document.written(self._state, self._now)

    def _entries(self) -> list[Entry]:
        return [
            Entry(
                step.routed.digest,
                *step.routed.received.raw.position,
                step.routed.route.remember,
                any(isinstance(said.message, CommandRejected) for said, _, _ in step.outputs),
                packed([output for _, output, _ in step.outputs]),
            )
            for step in self._steps
        ]
