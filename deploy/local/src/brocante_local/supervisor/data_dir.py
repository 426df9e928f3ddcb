"""The folder an installation lives in: its lock, its logs, its data, what it says of itself."""

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NEEDED_MB = 300
LOG_BYTES = 10 * 1024 * 1024


class Unusable(Exception):  # noqa: N818 - a finding about the machine
    """The folder cannot be used; the text is one line that says why."""


def default_data_dir() -> Path:
    """`BROCANTE_DATA_DIR`, else `brocante` in the user's data folder."""
    if named := os.environ.get("BROCANTE_DATA_DIR"):
        return Path(named)
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(home) / "brocante"


class DataDir:
    """Names of everything in the folder."""

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().absolute()
        self.up_file = self.path / "up.json"
        self.mongo = self.path / "mongo"
        self.sandbox = self.path / "sandbox.sqlite"
        self.marketplaces = self.path / "marketplaces.toml"
        self.broker = self.path / "apache-kafka"

    def log(self, name: str) -> Path:
        """A process's log file."""
        return self.path / "logs" / f"{name}.log"

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Make the folder and hold its lock; Unusable when another `up` has it."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = (self.path / "lock").open("a+")
        except OSError as error:
            raise Unusable(f"{self.path} cannot be used: {error.strerror}") from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                lock.seek(0)
                holder = lock.read().strip() or "unknown"
                text = f"Brocante is already running on {self.path} (process {holder})"
                raise Unusable(f"{text}; stop it or choose another --data-dir") from error
            self._check_space()
            self._shorten_logs()
            try:
                lock.truncate(0)
                lock.write(str(os.getpid()))
                lock.flush()
                yield
            finally:
                self.up_file.unlink(missing_ok=True)

    def write_up(self, state: Mapping[str, Any]) -> None:
        """Say what runs where, in one move: a reader sees the old or the new, never half."""
        self.write_private(self.up_file, json.dumps(state) + "\n")

    def write_private(self, path: Path, text: str) -> None:
        """Write a file that only its owner may read."""
        fresh = path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600)
        fresh.write_text(text)
        fresh.replace(path)

    def owner_token(self) -> str:
        """The owner's token: made once, so that it survives a stop and a start."""
        kept = self.path / "owner-token"
        if not kept.exists():
            self.write_private(kept, secrets.token_urlsafe(32))
        return kept.read_text().strip()

    def _check_space(self) -> None:
        free_mb = shutil.disk_usage(self.path).free // 2**20
        if free_mb < NEEDED_MB:
            raise Unusable(
                f"The disk of {self.path} is full: {free_mb} MB free, {NEEDED_MB} MB needed"
            )

    def _shorten_logs(self) -> None:
        for log in self.log("any").parent.glob("*.log"):
            if log.stat().st_size > LOG_BYTES:
                log.replace(log.with_suffix(".log.1"))
