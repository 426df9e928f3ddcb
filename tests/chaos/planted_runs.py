"""The rig itself on trial: red with each planted fault, green in the same weather without one."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tests.chaos.weather.catalogue import SHOWN_BY, UNSEEN, WEATHERS
from tests.chaos.wish import Wish
from tests.planted.planting import UnknownFault

ALL = "all"
REST_SECONDS = 40.0
PATIENCE = 30.0
WAITED = ("waited ", "failed while waiting")
Ran = Callable[[Wish], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Trial:
    """One run: weathers, with a fault or (empty) without, and what was violated."""

    weathers: Sequence[str]
    fault: str
    broken: Mapping[str, Sequence[str]]
    seconds: float

    @property
    def as_it_should_be(self) -> bool:
        """Red with a fault, green without; that the rig waited in vain shows no fault."""
        return self.found is not None if self.fault else not self.broken

    @property
    def found(self) -> str | None:
        """The first violation that tells of the product, or None."""
        told = ((name, one) for name, words in self.broken.items() for one in words)
        return next((f"{n}: {one}" for n, one in told if not one.startswith(WAITED)), None)

    def row(self) -> str:
        """A line of the table."""
        waited = next(
            (f"{name}: {words[0]}" for name, words in self.broken.items()), "no violation"
        )
        first = self.found or waited
        verdict = "" if self.as_it_should_be else "  <-- WRONG"
        where = self.weathers[0] if len(self.weathers) == 1 else f"{len(self.weathers)} weathers"
        words = f"{self.fault or '(none)':30} {where:16} {self.seconds:4.0f} s  {first[:120]}"
        return words + verdict


def in_weathers(wish: Wish, names: Sequence[str], plant: str = "") -> Wish:
    """The wish for one run in some weathers."""
    chosen = [WEATHERS[name] for name in names]
    settings = {name: value for one in chosen for name, value in one.settings.items()}
    return replace(
        wish,
        weathers=tuple(names),
        plant=plant,
        pieces=sum(one.pieces for one in chosen),
        calm_pieces=1,
        tills=0,
        settings=settings,
        rest_seconds=REST_SECONDS if plant else wish.rest_seconds,
        patience=PATIENCE if plant else wish.patience,
        calm_limit=wish.storm_limit,
    )


def trials(wish: Wish, chosen: str, ran: Ran) -> list[Trial]:
    """Run what was chosen; UnknownFault when no weather brings it to light."""
    faults = sorted(SHOWN_BY) if chosen == ALL else chosen.split(",")
    for fault in faults:
        if fault not in SHOWN_BY:
            why = UNSEEN.get(fault, "there is no such fault")
            raise UnknownFault(f"{fault} cannot be seen by the rig: {why}")
    shown = WEATHERS if chosen == ALL else dict.fromkeys(SHOWN_BY[fault] for fault in faults)
    plan: list[tuple[Sequence[str], str]] = [(tuple(shown), "")]
    plan += [((SHOWN_BY[fault],), fault) for fault in faults]
    done = []
    for names, fault in plan:
        said = ran(in_weathers(wish, names, fault))
        trial = Trial(names, fault, said["violations"], said["seconds"])
        done.append(trial)
        sys.stderr.write(f"{trial.row()}\n")
    return done
