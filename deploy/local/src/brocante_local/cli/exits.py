"""Exit codes, and leaving with one."""

import sys
from enum import IntEnum
from typing import NoReturn

import typer


class Exit(IntEnum):
    """What an exit code says."""

    OK = 0
    FAILURE = 1
    USAGE = 2
    REJECTED = 3
    NOT_FOUND = 4
    NOT_IN_TIME = 5


def leave(code: Exit, *lines: str) -> NoReturn:
    """End with a code, after saying why on stderr."""
    for line in lines:
        sys.stderr.write(f"{line}\n")
    raise typer.Exit(int(code))
