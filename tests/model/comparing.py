"""What services write beside the rules, after every write, in the order it was applied in."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from brocante.contracts.envelope import Decoded
from brocante.documents.document import Document
from tests.model.reference import Piece
from tests.model.watching import Watch


@dataclass
class Comparison:
    """Every item as the rules have it; told of each write of inventory."""

    watch: Watch
    pieces: dict[str, Piece] = field(default_factory=dict)
    intents: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """From now on."""
        self.watch.on_applied = self.applied

    def applied(
        self, collection: str, id_: str, messages: list[Decoded], document: Document
    ) -> None:
        """A write applied these messages to a document."""
        if collection.endswith("_listings"):
            self._last_intent_wins(f"{collection} {id_}", document)
        if collection == "items":
            self._take(id_, messages, document)

    def _last_intent_wins(self, where: str, document: Document) -> None:
        """R8: a worker never goes back to an older target."""
        intent = json.loads(document.state)["intent"] if document.state else 0
        if intent < self.intents.get(where, 0):
            self.watch.violations.append(
                f"R8: {where} went from intent {self.intents[where]} to {intent}"
            )
        self.intents[where] = intent

    def _take(self, id_: str, messages: list[Decoded], document: Document) -> None:
        piece = self.pieces.setdefault(id_.partition("/")[2], Piece())
        for one in messages:
            # The decider's own time is the write's: that is when holds are over.
            piece.take(one.message, document.changed_at or datetime.now(UTC))
        if document.state is not None:
            self._compare(id_, piece, json.loads(document.state), messages)

    def _compare(self, id_: str, piece: Piece, state: Any, messages: list[Decoded]) -> None:
        shown = {m: one["desired"] for m, one in state["listings"].items()}
        counted = sorted(state["sales"])
        if state["known"] and (shown, counted) != (piece.desired, sorted(piece.sales)):
            types = [one.envelope.type for one in messages]
            self.watch.violations.append(
                f"rules: after {types} {id_} has {shown} with sales {counted},"
                f" by the rules {piece.desired} with {sorted(piece.sales)}"
            )
