"""What happens to each piece: chapters chosen from the seed and nothing else."""

from dataclasses import dataclass
from random import Random
from typing import Literal

from tests.chaos.fault_plan import MARKETPLACES

Kind = Literal[
    "sold",
    "canceled-there",
    "canceled-here",
    "by-hand",
    "by-topic",
    "double",
    "raced",
    "held",
    "edited",
    "reactivated",
]
NOT_CONNECTED = ("showroom", "instagram")
RELISTS = ("origin", "as_before", "none")
# Sales come back, so that a piece can be sold again; the last chapter need not.
MIDDLE: tuple[tuple[Kind, int], ...] = (
    ("canceled-there", 4),
    ("canceled-here", 3),
    ("by-hand", 2),
    ("by-topic", 2),
    ("held", 1),
    ("edited", 1),
    ("reactivated", 1),
)
LAST: tuple[tuple[Kind, int], ...] = (
    ("sold", 4),
    ("canceled-there", 3),
    ("canceled-here", 2),
    ("by-hand", 1),
    ("by-topic", 1),
    ("double", 2),
    ("raced", 2),
)
SALES: frozenset[Kind] = frozenset(
    ("sold", "canceled-there", "canceled-here", "by-hand", "by-topic", "double", "raced")
)


@dataclass(frozen=True, slots=True)
class Chapter:
    """One thing that happens to a piece. `place` sells it, `other` too in a double sale."""

    kind: Kind
    place: str
    other: str
    relist: str
    canceled: bool
    pause: float


@dataclass(frozen=True, slots=True)
class Life:
    """A piece and its chapters, in order."""

    piece: str
    chapters: tuple[Chapter, ...]


def lives(seed: int, pieces: int, sales: int, storm_seconds: float) -> list[Life]:
    """The lives of all pieces: about `sales` sales in all, one or two a piece when 0."""
    random = Random(f"load {seed}")  # noqa: S311 - a replayable choice
    each = max(1.0, (sales or pieces * 1.5) / pieces)
    # A double sale counts twice; holds, edits and re-activations do not count.
    chapters = max(1, round(each * 1.1))
    pause = storm_seconds / (chapters + 1)
    return [
        Life(
            f"piece-{n}",
            tuple(
                _chapter(random, LAST if last == chapters - 1 else MIDDLE, pause)
                for last in range(chapters)
            ),
        )
        for n in range(pieces)
    ]


def calm_lives(seed: int, pieces: int) -> list[Life]:
    """Pieces that are sold once, before anything goes wrong."""
    random = Random(f"calm {seed}")  # noqa: S311 - a replayable choice
    return [
        Life(f"calm-{n}", (Chapter("sold", random.choice(MARKETPLACES), "", "", False, 0.0),))
        for n in range(pieces)
    ]


def _chapter(random: Random, kinds: tuple[tuple[Kind, int], ...], pause: float) -> Chapter:
    kind = random.choices([k for k, _ in kinds], [w for _, w in kinds])[0]
    place, other = random.sample(MARKETPLACES, 2)
    if kind in ("by-hand", "by-topic") and random.random() < 0.6:
        place = random.choice(NOT_CONNECTED)
    canceled = kinds is MIDDLE or random.random() < 0.5
    return Chapter(
        kind, place, other, random.choice(RELISTS), canceled, random.uniform(0.2, 1.8) * pause
    )
