"""Lots: many of one kind, sold many at a time at a till; chosen from the seed and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from tests.chaos.at_once import Relist
from tests.chaos.fault_plan import MARKETPLACES
from tests.chaos.load_plan import NOT_CONNECTED

RELISTS: tuple[Relist, ...] = ("origin", "as_before", "none")


@dataclass(frozen=True, slots=True)
class Custom:
    """In how many rounds a till sells a lot, and how many at once, at least and at most.

    A piece says all of its sales whenever it changes: `rounds` times `sizes` stays in the hundreds.
    """

    rounds: int = 3
    sizes: tuple[int, int] = (12, 30)


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


def lots(seed: int, till: int, custom: Custom) -> Iterator[Lot]:
    """What one till sells, one lot after the other, without end."""
    random = Random(f"till {seed} {till}")  # noqa: S311 - a replayable choice
    number = 0
    while True:
        rounds = tuple(_round(random, custom.sizes) for _ in range(custom.rounds))
        yield Lot(f"lot-{till}-{number}", rounds)
        number += 1


def _round(random: Random, sizes: tuple[int, int]) -> Round:
    place = random.choice((*MARKETPLACES, *NOT_CONNECTED))
    return Round(random.randint(*sizes), place, random.choice(RELISTS), random.random() < 0.8)
