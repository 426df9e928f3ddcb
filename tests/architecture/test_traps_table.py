"""docs/testing.md names a test for each trap, and each named test is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (?P<trap>[^|]+) \| (?P<tests>(?:`[^`]+`(?:, )?)+) \|$", re.MULTILINE)


def named() -> dict[str, list[str]]:
    """The tests beside each trap, as `file::test`."""
    text = (ROOT / "docs/testing.md").read_text().partition("## Traps")[2]
    return {row["trap"]: re.findall(r"`([^`]+)`", row["tests"]) for row in ROW.finditer(text)}


def test_every_trap_names_tests_that_exist() -> None:
    gone = []
    for tests in named().values():
        for test in tests:
            path, _, name = test.partition("::")
            source = ROOT / "tests" / path
            if not source.is_file() or f"def {name}(" not in source.read_text():
                gone.append(test)
    assert gone == []


def test_no_trap_is_left_without_a_test() -> None:
    assert len(named()) == 17
