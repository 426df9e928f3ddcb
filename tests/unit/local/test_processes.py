"""A process is started again after a pause that grows while it keeps ending."""

import sys
import time
from pathlib import Path

import pytest

from brocante.exits import EXIT_BROKER_CHANGED
from brocante_local.backends.child import Child, DidNotStart, Launch
from brocante_local.supervisor import process as module
from brocante_local.supervisor.process import Plan, Process


def ending(code: int, words: str = "", *, answers: bool = True) -> Launch:
    """A process that says something and ends with a code."""
    program = f"import sys; sys.stderr.write({words!r}); sys.exit({code})"
    return Launch("short", [sys.executable, "-S", "-c", program], "nowhere", lambda: answers)


def run_to_its_end(process: Process) -> int:
    process.start()
    end = time.monotonic() + 10
    while time.monotonic() < end:
        code = process.ended()
        if code is not None:
            return code
    raise AssertionError("it did not end")


def pause_of(process: Process) -> float:
    """The pause that was chosen at its end."""
    assert process._again_at is not None
    return process._again_at - time.monotonic()


def test_the_pause_grows_and_an_end_is_told_once(tmp_path: Path) -> None:
    process = Process(Plan("short", lambda: ending(3), tmp_path / "log"))
    pauses = []
    for _ in range(3):
        assert run_to_its_end(process) == 3
        assert process.ended() is None
        pauses.append(pause_of(process))
    assert pauses == sorted(pauses)
    assert pauses[2] > 2 * pauses[0]


def test_starting_over_is_no_fault_and_takes_no_longer_each_time(tmp_path: Path) -> None:
    process = Process(Plan("short", lambda: ending(EXIT_BROKER_CHANGED), tmp_path / "log"))
    for _ in range(3):
        run_to_its_end(process)
        assert pause_of(process) <= module.FIRST_PAUSE


def test_a_process_that_ends_before_it_answers_is_named_with_its_last_words(
    tmp_path: Path,
) -> None:
    child = Child(ending(2, "port 1 is taken\n", answers=False), tmp_path / "logs" / "log")
    with pytest.raises(DidNotStart, match=r"short ended with 2: port 1 is taken") as refused:
        child.wait_until_ready(10)
    assert "\n" not in str(refused.value)
