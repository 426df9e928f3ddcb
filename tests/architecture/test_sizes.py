"""Files and functions stay small enough to be read at one go."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST_FILE = 300
LONGEST_FUNCTION = 40
FOLDERS = ("shared/src", "services", "deploy", "tests")
BANNED_NAMES = {"utils", "helpers", "common", "base", "misc"}


def sources() -> list[Path]:
    """Every Python file of ours."""
    return sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Each function's name and how many lines it has."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_and_its_functions_are_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_FILE
    too_long = {name: lines for name, lines in functions(path) if lines > LONGEST_FUNCTION}
    assert not too_long


def test_no_module_has_a_name_that_says_nothing() -> None:
    named = [p for p in sources() if {p.stem, *p.relative_to(ROOT).parts} & BANNED_NAMES]
    assert named == []
