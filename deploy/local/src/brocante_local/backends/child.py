"""A child process that ends with its parent and writes to a log file."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from brocante_local.backends import tether

POLL_SECONDS = 0.02
TAIL_LINES = 5


class DidNotStart(Exception):  # noqa: N818 - a finding about the machine
    """A child ended or did not answer in time; the text is one line that says what to look at."""


@dataclass(frozen=True, slots=True)
class Launch:
    """What to run and how to tell that it is ready.

    `address` is what clients are given; `answers` asks the running process once and never raises.
    """

    name: str
    argv: Sequence[str]
    address: str
    answers: Callable[[], bool]
    environment: Mapping[str, str] | None = None


class Child:
    """A running child. Start it from the main thread: it dies with the thread that started it."""

    def __init__(self, launch: Launch, log: Path) -> None:
        self.launch = launch
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own programs
                [sys.executable, "-I", "-S", tether.__file__, str(os.getpid()), *launch.argv],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=None if launch.environment is None else dict(launch.environment),
                # Ctrl-C reaches the parent alone, which stops its children in order.
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; the negative number of the signal that killed it."""
        return self._process.poll()

    def wait_until_ready(self, seconds: float) -> None:
        """Wait until it answers; DidNotStart (and nothing left running) when it does not."""
        end = time.monotonic() + seconds
        while not self.launch.answers():
            if self.exit_code is not None:
                raise DidNotStart(
                    f"{self.launch.name} ended with {self.exit_code}: {self.last_words()}"
                )
            if time.monotonic() > end:
                self.stop(0)
                raise DidNotStart(
                    f"{self.launch.name} did not answer in {seconds:g} s: {self.last_words()}"
                )
            time.sleep(POLL_SECONDS)

    def ask_to_stop(self) -> None:
        """Send SIGTERM without waiting."""
        if self.exit_code is None:
            self._process.terminate()

    def stop(self, seconds: float = 10) -> None:
        """Ask it to stop; kill it when it takes longer than `seconds`."""
        if seconds > 0:
            self.ask_to_stop()
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def last_words(self) -> str:
        """The end of its log on one line, and where the log is."""
        try:
            lines = self.log.read_text(errors="replace").splitlines()
        except OSError:
            lines = []
        said = " | ".join(line.strip() for line in lines[-TAIL_LINES:] if line.strip())
        return f"{said} (log: {self.log})" if said else f"(log: {self.log})"
