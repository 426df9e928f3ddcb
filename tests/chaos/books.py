"""What the rig itself knows to be true: what was accepted, what was sold, what should be shown."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(slots=True)
class Accepted:
    """A command somebody was told is kept: 202 by the gateway, or acknowledged by the broker."""

    command_id: str
    type: str
    how: str
    at: float
    piece: str


@dataclass(slots=True)
class Sale:
    """A sale that happened: bought on a marketplace, or told by hand.

    `known_by` is when Brocante could first know: the order's time, or when it was accepted.
    """

    sale_id: str
    piece: str
    place: str
    known_by: float
    how: str
    phase: str
    canceled_at: float | None = None


@dataclass(slots=True)
class Piece:
    """What should be true of a piece. `shown` is None once the rig cannot be sure any more.

    Of more than one (a lot) not every sale takes it off sale.
    """

    name: str
    sales: list[str] = field(default_factory=list)
    shown: dict[str, str] | None = field(default_factory=dict)
    double: bool = False
    quantity: int = 1


@dataclass(slots=True)
class Struck:
    """A fault that really struck. `until` is when it was healed.

    `retry_after`: the seconds for which refusals asked to be left alone, where it says so.
    """

    number: int
    kind: str
    target: str
    at: float
    until: float | None = None
    note: str = ""
    retry_after: float = 1.0


class Books:
    """Everything accepted, sold and struck; a line in `accepted.jsonl` before it counts."""

    def __init__(self, file: Path) -> None:
        self._file = file.open("a")
        self.accepted: dict[str, Accepted] = {}
        self.sales: dict[str, Sale] = {}
        self.pieces: dict[str, Piece] = {}
        self.struck: list[Struck] = []
        self.poison: list[dict[str, Any]] = []
        self.skipped: list[str] = []
        self.overdue: list[str] = []
        """What the rig itself waited for in vain."""

    def accept(self, accepted: Accepted) -> None:
        """A command was accepted."""
        if accepted.command_id not in self.accepted:
            self._write(asdict(accepted))
            self.accepted[accepted.command_id] = accepted

    def took(self, type_: str, piece: str, since: float) -> bool:
        """Whether a command of this type about a piece was accepted since then."""
        return any(
            one.type == type_ and one.piece == piece and one.at >= since
            for one in self.accepted.values()
        )

    def sell(self, sale: Sale) -> None:
        """A sale happened."""
        self._write(asdict(sale))
        self.sales[sale.sale_id] = sale
        self.pieces[sale.piece].sales.append(sale.sale_id)

    def skip(self, piece: Piece, why: str) -> None:
        """A chapter could not be told as planned: what the piece should show is not known."""
        self.skipped.append(f"{piece.name}: {why}")
        piece.shown = None

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _write(self, line: dict[str, Any]) -> None:
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()
