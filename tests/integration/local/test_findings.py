"""What keeps `up` from starting is said in one clear line each, with its exit code."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from brocante_local.supervisor.data_dir import DataDir


def up(data_dir: Path, *options: str, **environment: str) -> tuple[int, list[str], str]:
    """Exit code, lines on stderr, and stdout of `brocante up`."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("BROCANTE_")}
    done = subprocess.run(
        [sys.executable, "-m", "brocante_local", "up", "--data-dir", data_dir, *options],
        capture_output=True,
        text=True,
        env={**clean, **environment},
        timeout=60,
        check=False,
    )
    return done.returncode, done.stderr.splitlines(), done.stdout


def test_a_taken_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code, lines, _ = up(tmp_path, "--port", str(port))
    assert code == 2
    assert lines == [f"Port {port} on 127.0.0.1 is taken; choose another with --port"]


def test_bad_settings_all_at_once(tmp_path: Path) -> None:
    code, lines, _ = up(
        tmp_path, BROCANTE_PARTITIONS="none", BROCANTE_MONGO_DRIVER="odbc", BROCANTE_BATCH_SIZE="0"
    )
    assert code == 2
    variables = {line.split(":")[0] for line in lines}
    assert variables == {"BROCANTE_PARTITIONS", "BROCANTE_MONGO_DRIVER", "BROCANTE_BATCH_SIZE"}


def test_a_folder_in_use(tmp_path: Path) -> None:
    with DataDir(tmp_path).taken():
        code, lines, _ = up(tmp_path)
    assert code == 1
    assert len(lines) == 1
    assert "already running" in lines[0]


def test_a_broker_that_is_not_there(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    code, lines, _ = up(tmp_path, "--kafka", f"127.0.0.1:{port}", "--mongo", "mongodb://x.invalid")
    assert code == 1
    assert f"Kafka at 127.0.0.1:{port}" in lines[-1]


@pytest.mark.parametrize("options", [("--port", "many"), ("--nonsense",)])
def test_a_mistyped_option(tmp_path: Path, options: tuple[str, ...]) -> None:
    code, _, stdout = up(tmp_path, *options)
    assert (code, stdout) == (2, "")
