"""Become a program that dies with its parent, even when the parent is killed outright.

Run as a script: `python -I -S tether.py PARENT_PID PROGRAM ARGUMENT...`. On Linux the kernel is
asked to kill this process when the thread that started it ends (so it must be the parent's main
thread); elsewhere only an orderly stop ends the program. The process id stays the same.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent: int, program: list[str]) -> None:
    """Ask for the signal, then turn into the program."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    # The parent may have died before the kernel knew.
    if os.getppid() != parent:
        sys.exit(1)
    os.execvp(program[0], program)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
