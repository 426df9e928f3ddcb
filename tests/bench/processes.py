"""What processes cost: processor seconds and memory, as the kernel counts them.

Wall time on a shared machine is noise; processor time is much less so, and it is what is paid for.
"""

import os
from collections.abc import Mapping
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
USER_TIME, SYSTEM_TIME = 11, 12


def cpu_seconds(pid: int) -> float:
    """Processor seconds of a process so far, all its threads; Linux only."""
    # The second field is the program's name in brackets and may hold anything.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[USER_TIME]) + int(fields[SYSTEM_TIME])) / TICKS


def rss_mb(pid: int) -> float:
    """Memory a process occupies, in megabytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE / 2**20


class Meter:
    """Counts what processes use from now on, by name."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._pids = pids
        self._before = {name: cpu_seconds(pid) for name, pid in pids.items()}

    def used(self) -> dict[str, float]:
        """Processor seconds since the start."""
        return {name: cpu_seconds(pid) - self._before[name] for name, pid in self._pids.items()}
