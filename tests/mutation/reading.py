"""The table and the report: how many mutants were seen per module, and which were not."""

import json
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from tests.mutation.verdicts import OPEN, Mutant

ACCEPTED = Path(__file__).with_name("accepted.toml")
AREAS = {"brocante": "runtime", "sales": "sales domain", "inventory": "inventory domain"}


@dataclass(frozen=True, slots=True)
class Accepted:
    """Survivors looked at and left: where (patterns), which change, and why."""

    where: str
    reason: str
    before: str = "*"
    after: str = "*"

    def covers(self, mutant: Mutant) -> bool:
        """This is one of them."""
        place = f"{mutant.module}.{mutant.function}"
        pairs = ((place, self.where), (mutant.before, self.before), (mutant.after, self.after))
        return all(fnmatchcase(text, _literal(pattern)) for text, pattern in pairs)


@dataclass(frozen=True, slots=True)
class Score:
    """Mutants tried and seen; of the others, those that are explained."""

    tried: int
    seen: int
    accepted: int

    @property
    def percent(self) -> float:
        """Of all that were tried, explained or not."""
        return 100.0 * self.seen / self.tried if self.tried else 100.0


@dataclass(frozen=True, slots=True)
class Reading:
    """One run, read: scores by area and by module, survivors, explanations nothing needs.

    `left`: how many were chosen and not tried yet.
    """

    areas: dict[str, Score]
    modules: dict[str, Score]
    unexplained: list[Mutant]
    explained: list[Mutant]
    needless: list[Accepted]
    left: int


def read(found: Sequence[Mutant], *, whole: bool) -> Reading:
    """Count what was tried; only of the whole can be said which explanations nothing needs."""
    accepted = [Accepted(**entry) for entry in tomllib.loads(ACCEPTED.read_text())["accepted"]]
    tried = [mutant for mutant in found if mutant.verdict != OPEN]
    missed = [mutant for mutant in tried if not mutant.seen]
    explained = [m for m in missed if any(entry.covers(m) for entry in accepted)]
    needless = [e for e in accepted if whole and not any(e.covers(m) for m in missed)]
    names = {mutant.name for mutant in explained}
    modules = {module: _score(group, names) for module, group in _grouped(tried).items()}
    areas: dict[str, list[Score]] = defaultdict(list)
    for module, score in modules.items():
        areas[AREAS[module.partition(".")[0]]].append(score)
    unexplained = [mutant for mutant in missed if mutant.name not in names]
    sums = {area: _sum(scores) for area, scores in areas.items()}
    left = len(found) - len(tried)
    return Reading(sums, modules, unexplained, explained, needless, left)


def table(reading: Reading) -> str:
    """For people: one line per module, a line per area, and what nobody explained."""
    lines = [f"{'module':<44}{'tried':>7}{'seen':>7}{'left':>6}{'why known':>11}{'score':>9}"]
    lines += [_line(module, score) for module, score in reading.modules.items()]
    lines += ["", *(_line(area, score) for area, score in reading.areas.items())]
    lines += ["", f"{reading.left:,} not tried yet"] if reading.left else []
    lines += ["", f"{len(reading.unexplained)} not seen and not explained:"]
    lines += [told(mutant) for mutant in reading.unexplained]
    lines += [f"explains nothing: {entry.where} {entry.before}" for entry in reading.needless]
    return "\n".join(lines)


def told(mutant: Mutant) -> str:
    """Where, what stood there, what stands there now."""
    place = f"{mutant.module}.{mutant.function} ({mutant.verdict})"
    return f"{place}\n    - {mutant.before}\n    + {mutant.after}"


def report(reading: Reading) -> dict[str, Any]:
    """The same for machines."""
    return {
        "areas": {name: _told(score) for name, score in reading.areas.items()},
        "modules": {name: _told(score) for name, score in reading.modules.items()},
        "left": reading.left,
        "verdicts": Counter(m.verdict for m in [*reading.unexplained, *reading.explained]),
        "unexplained": [asdict(mutant) for mutant in reading.unexplained],
        "explained": [asdict(mutant) for mutant in reading.explained],
    }


def written(reading: Reading, path: Path) -> None:
    """Write the report."""
    path.write_text(json.dumps(report(reading), indent=2, ensure_ascii=False) + "\n")


def _grouped(found: Iterable[Mutant]) -> dict[str, list[Mutant]]:
    groups: dict[str, list[Mutant]] = defaultdict(list)
    for mutant in found:
        groups[mutant.module].append(mutant)
    return groups


def _score(group: Sequence[Mutant], explained: set[str]) -> Score:
    seen = sum(mutant.seen for mutant in group)
    return Score(len(group), seen, sum(mutant.name in explained for mutant in group))


def _sum(scores: Sequence[Score]) -> Score:
    return Score(
        sum(s.tried for s in scores), sum(s.seen for s in scores), sum(s.accepted for s in scores)
    )


def _line(name: str, score: Score) -> str:
    left = score.tried - score.seen
    counts = f"{score.tried:>7}{score.seen:>7}{left:>6}{score.accepted:>11}"
    return f"{name:<44}{counts}{score.percent:>8.1f}%"


def _told(score: Score) -> dict[str, float]:
    return {**asdict(score), "percent": round(score.percent, 1)}


def _literal(pattern: str) -> str:
    # Code is full of brackets; only the star means something.
    return pattern.replace("[", "[[]").replace("?", "[?]")
