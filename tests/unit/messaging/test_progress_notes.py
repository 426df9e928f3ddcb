"""Progress: what counts as getting anywhere, and what happens when nothing does."""

import asyncio
import os
import subprocess
import sys
import threading
from contextlib import suppress

import pytest

from brocante.exits import EXIT_STUCK
from brocante.messaging import progress as module
from brocante.messaging.progress import Progress


class Clock:
    """A monotonic clock moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(module, "time", made)
    return made


def test_without_a_note_for_longer_than_the_limit_a_process_is_stuck(clock: Clock) -> None:
    progress = Progress(10)
    assert not progress.stuck
    clock.now += 10
    assert not progress.stuck
    clock.now += 0.1
    assert progress.stuck
    progress.note()
    assert not progress.stuck


def test_waiting_for_a_dependency_is_not_being_stuck(clock: Clock) -> None:
    progress = Progress(10)
    with progress.waiting_for("kafka", "refused"):
        clock.now += 100
        assert not progress.stuck
        assert progress.away == {"kafka": "refused"}
    assert progress.away == {}


async def test_the_limit_starts_anew_once_a_dependency_is_back(clock: Clock) -> None:
    progress = Progress(10)
    with suppress(ConnectionError), progress.waiting_for("kafka", "refused"):
        clock.now += 100
        raise ConnectionError
    assert not progress.stuck
    clock.now += 11
    assert progress.stuck


def test_dependencies_are_waited_for_apart() -> None:
    progress = Progress(10)
    with progress.waiting_for("kafka", "refused"):
        with progress.waiting_for("database", "away"):
            assert progress.away == {"kafka": "refused", "database": "away"}
        assert progress.away == {"kafka": "refused"}


def test_what_is_told_of_what_is_away_cannot_be_changed_from_outside() -> None:
    progress = Progress(10)
    progress.away["kafka"] = "forged"
    assert progress.away == {}


async def test_work_that_notes_nothing_ends_at_its_limit() -> None:
    progress = Progress(10)
    with pytest.raises(TimeoutError):
        async with progress.within(0.01):
            await asyncio.Event().wait()


async def test_every_note_gives_the_work_its_whole_time_again() -> None:
    progress = Progress(10)
    loop = asyncio.get_running_loop()
    async with progress.within(30):
        ((timeout, _),) = progress._limits
        before = timeout.when()
        await asyncio.sleep(0)
        progress.note()
        after = timeout.when()
        assert before is not None
        assert after is not None
        assert before <= after <= loop.time() + 30
        assert after > before
    assert progress._limits == []


async def test_a_note_after_the_work_is_done_reaches_no_limit_of_it() -> None:
    progress = Progress(10)
    with pytest.raises(ValueError, match="broken"):
        async with progress.within(5):
            raise ValueError("broken")
    progress.note()
    assert progress._limits == []


def test_the_watchdog_ends_when_told() -> None:
    progress = Progress(0.04)
    with progress.waiting_for("kafka", "away"):
        progress.watch()
        (watchdog,) = [t for t in threading.enumerate() if t.name == "watchdog"]
        assert watchdog.daemon
        progress.stop()
        watchdog.join(5)
    assert not watchdog.is_alive()


def test_a_process_that_gets_nowhere_ends_itself_and_says_so() -> None:
    program = (
        "import threading; from brocante.messaging.progress import Progress;"
        "p = Progress(0.2); p.watch(); threading.Event().wait(20)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False
    )
    assert ended.returncode == EXIT_STUCK == 70
    assert '{"event": "no_progress", "level": "error"}\n' in ended.stderr


def test_the_watchdog_looks_four_times_per_limit_and_ends_with_the_code_for_being_stuck(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    progress = Progress(10)
    waits: list[float] = []

    def wait(seconds: float) -> bool:
        waits.append(seconds)
        clock.now += seconds
        return len(waits) > 9

    ended: list[int] = []
    monkeypatch.setattr(progress._stopped, "wait", wait)
    monkeypatch.setattr(os, "_exit", ended.append)
    progress._watch()
    assert waits == [2.5] * 10
    assert ended == [70] * 5
    assert capsys.readouterr().err == '{"event": "no_progress", "level": "error"}\n' * 5
