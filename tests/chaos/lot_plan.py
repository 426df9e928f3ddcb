"""Lots: many of one kind, sold many at a time at a till; chosen from the seed and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from tests.chaos.at_once import Relist
from tests.chaos.fault_plan import MARKETPLACES
from tests.chaos.load_plan import NOT_CONNECTED

RELISTS: tuple[Relist, ...] = ("origin", "as_before", "none")
SIZES = (12, 30)
"""How many are sold at once. All in all a lot stays well below what an item may say."""


@dataclass(frozen=True, slots=True)
class Round:
    """So many sold at one moment, and canceled at one moment when `canceled`."""

    size: int
    place: str
    relist: Relist
    canceled: bool


@dataclass(frozen=True, slots=True)
class Lot:
    """An item with more pieces than will ever be sold: its listings stay."""

    piece: str
    rounds: tuple[Round, ...]

    @property
    def quantity(self) -> int:
        """One is left when all are sold."""
        return sum(one.size for one in self.rounds) + 1


def lots(seed: int, till: int, rounds: int) -> Iterator[Lot]:
    """What one till sells, one lot after the other, without end; each in so many rounds."""
    random = Random(f"till {seed} {till}")  # noqa: S311 - a replayable choice
    number = 0
    while True:
        yield Lot(f"lot-{till}-{number}", tuple(_round(random) for _ in range(rounds)))
        number += 1


def _round(random: Random) -> Round:
    place = random.choice((*MARKETPLACES, *NOT_CONNECTED))
    return Round(random.randint(*SIZES), place, random.choice(RELISTS), random.random() < 0.8)
