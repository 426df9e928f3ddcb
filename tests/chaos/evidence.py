"""All that a run leaves behind, as the invariants see it. Plain values: tests make it by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.books import Accepted, Piece, Sale, Struck
from tests.chaos.records import Record


@dataclass(slots=True)
class Evidence:
    """What was told, what was heard, what is shown.

    Times are seconds since 1970. `disturbed` are the stretches in which a fault was in force or a
    service was not ready. `items` and `sales_shown` are the gateway's views by id, `commands` the
    status it keeps of each command, `ledger` the sandbox's. `lag` and `unsent` are what is left by
    group and by collection. `overdue` is what the rig waited for in vain.
    """

    records: Sequence[Record] = ()
    accepted: Mapping[str, Accepted] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    sales: Mapping[str, Sale] = field(default_factory=dict)
    pieces: Mapping[str, Piece] = field(default_factory=dict)
    struck: Sequence[Struck] = ()
    poison: Sequence[Mapping[str, Any]] = ()
    items: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    sales_shown: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    commands: Mapping[str, str] = field(default_factory=dict)
    ledger: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    shown: Mapping[tuple[str, str], str] = field(default_factory=dict)
    lag: Mapping[str, int] = field(default_factory=dict)
    unsent: Mapping[str, int] = field(default_factory=dict)
    not_ready: Sequence[str] = ()
    disturbed: Sequence[tuple[float, float]] = ()
    overdue: Sequence[str] = ()
    incarnations: int = 1
    calm_limit: float = 1.0
    storm_limit: float = 30.0
    etsy_per_second: int = 500
