"""What became of each mutant, from the files mutmut leaves beside the sources it changed."""

import difflib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.workspace import MUTANTS

KILLED, SURVIVED, UNTESTED, OPEN = "killed", "survived", "no test", "open"
VERDICTS = {1: KILLED, 3: KILLED, 0: SURVIVED, 5: UNTESTED, 33: UNTESTED, None: OPEN}
TIMED_OUT = "timeout"
"""Any other exit code: the tests did not come to an end, or the process did not live."""

NAME = re.compile(r"(?P<module>[\w.]+)\.x[_ǁ](?P<function>[\wǁ]+)__mutmut_\d+")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One small fault: in which function, what it changes, and whether a test saw it."""

    name: str
    module: str
    function: str
    verdict: str
    before: str = ""
    after: str = ""

    @property
    def seen(self) -> bool:
        """A test failed, or did not end."""
        return self.verdict in (KILLED, TIMED_OUT)


def mutants() -> list[Mutant]:
    """Every mutant there is, by module."""
    found = [mutant for path in sorted(MUTANTS.rglob("*.meta")) for mutant in _of_file(path)]
    return sorted(found, key=lambda mutant: (mutant.module, mutant.name))


def _of_file(meta: Path) -> Iterator[Mutant]:
    codes = json.loads(meta.read_text())["exit_code_by_key"]
    if not codes:
        return
    source = meta.with_suffix("")
    lines = source.read_text().splitlines()
    spans = json.loads(source.with_name(f"{source.name}.spans").read_text())["spans"]
    for name, code in codes.items():
        verdict = VERDICTS.get(code, TIMED_OUT)
        before, after = ("", "") if verdict == KILLED else _change(name, lines, spans)
        yield Mutant(name, *_place(name), verdict, before, after)


def _place(name: str) -> tuple[str, str]:
    found = NAME.fullmatch(name)
    assert found is not None, name
    return found["module"], found["function"].replace("ǁ", ".")


def _change(name: str, lines: list[str], spans: dict[str, list[int]]) -> tuple[str, str]:
    """The lines taken out and put in, each as one line of text."""
    own = name.rpartition(".")[2]
    original = f"{own.partition('__mutmut_')[0]}__mutmut_orig"
    old, new = (
        [line.strip().replace(key, "") for line in lines[spans[key][0] - 1 : spans[key][1]]]
        for key in (original, own)
    )
    told = [line for line in difflib.ndiff(old, new) if line[:2] in ("- ", "+ ")]
    before = " ".join(line[2:] for line in told if line[0] == "-")
    after = " ".join(line[2:] for line in told if line[0] == "+")
    return before, after
