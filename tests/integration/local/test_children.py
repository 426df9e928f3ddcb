"""Child processes end with their parent, however it ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.running import eventually

PARENT = """
import sys, time
from pathlib import Path
from brocante_local.backends import embedded
from brocante_local.backends.child import Child
from brocante_local.backends.ports import free_port
folder = Path(sys.argv[1])
children = []
for launch in (embedded.kafka(free_port()), embedded.mongo(free_port(), folder / "data")):
    child = Child(launch, folder / launch.name)
    child.wait_until_ready(60)
    children.append(str(child.pid))
print(*children, flush=True)
# It is killed long before.
time.sleep(600)
"""


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    # A zombie has ended; who inherits it may take its time to notice.
    return state != "Z"


@pytest.mark.skipif(sys.platform != "linux", reason="asks the Linux kernel to end them")
async def test_nothing_is_left_behind_when_the_parent_is_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, tmp_path], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    pids = [int(pid) for pid in parent.stdout.readline().split()]
    assert len(pids) == 2
    assert all(alive(pid) for pid in pids)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    await eventually(lambda: not any(alive(pid) for pid in pids), "both children ended", 10)
