"""The folder an installation lives in."""

import json
import shutil
import stat
from pathlib import Path
from types import SimpleNamespace

import pytest

from brocante_local.supervisor.data_dir import DataDir, Unusable


def test_two_cannot_run_on_the_same_folder(tmp_path: Path) -> None:
    with DataDir(tmp_path).taken(), pytest.raises(Unusable) as refused, DataDir(tmp_path).taken():
        pass
    assert "already running" in str(refused.value)
    assert str(tmp_path) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_folder_is_free_again_afterwards(tmp_path: Path) -> None:
    for _ in range(2):
        with DataDir(tmp_path).taken():
            pass


def test_a_full_disk_is_said_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=5 * 2**20))
    with pytest.raises(Unusable, match="is full: 5 MB free") as refused, DataDir(tmp_path).taken():
        pass
    assert "\n" not in str(refused.value)


def test_a_folder_that_cannot_be_made_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unusable, match="cannot be used"), DataDir(tmp_path / "file" / "x").taken():
        pass


def test_up_json_is_there_while_it_runs_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    data = DataDir(tmp_path)
    with data.taken():
        data.write_up({"token": "secret"})
        assert json.loads(data.up_file.read_text()) == {"token": "secret"}
        assert stat.S_IMODE(data.up_file.stat().st_mode) == 0o600
    assert not data.up_file.exists()
