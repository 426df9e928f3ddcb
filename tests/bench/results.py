"""What a part of the bench found: tables to read, bars to meet, data to keep."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure that must be reached (`at_least`) or not be passed; `aim` is what we are after."""

    name: str
    measured: float
    bar: float
    aim: float | None = None
    at_least: bool = True

    @property
    def met(self) -> bool:
        """Whether the bar is met."""
        return self.measured >= self.bar if self.at_least else self.measured <= self.bar

    @property
    def sign(self) -> str:
        """How the measured figure must stand to the bar."""
        return "≥" if self.at_least else "≤"


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a heading and what must be known to read it."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One part's findings."""

    name: str
    tables: Sequence[Table] = ()
    bars: Sequence[Bar] = ()
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """A run: where, on what, and what each part found."""

    setting: Mapping[str, str]
    parts: Sequence[Part]

    @property
    def bars(self) -> list[Bar]:
        """Every bar of every part."""
        return [bar for part in self.parts for bar in part.bars]

    @property
    def missed(self) -> list[Bar]:
        """The bars that were not met."""
        return [bar for bar in self.bars if not bar.met]
