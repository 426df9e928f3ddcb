"""docker-compose.yml is what Docker Compose itself would take, and fits the sandbox."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from brocante.marketplaces import load_marketplaces
from brocante_local.supervisor.layout import MARKETPLACES

ROOT = Path(__file__).parents[2]
CHECK = ROOT / "deploy" / "compose-check"
SERVICES = {
    *("gateway", "sales", "inventory", "sandbox"),
    *(f"marketplace-sync-{marketplace}" for marketplace in MARKETPLACES),
}
BACK_ENDS = {"kafka", "mongo", "topics"}
PROFILES = {"prometheus", "grafana", "kafka-console"}


@pytest.mark.timeout(300)
def test_docker_composes_own_loader_takes_the_file() -> None:
    go = shutil.which("go")
    if go is None:
        pytest.skip("Go is not installed")
    loaded = subprocess.run(
        [go, "run", ".", str(ROOT / "docker-compose.yml")],
        cwd=CHECK,
        env={**os.environ, "GOFLAGS": "-mod=readonly"},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert loaded.returncode == 0, loaded.stderr
    assert set(loaded.stdout.split()) == SERVICES | BACK_ENDS | PROFILES


def test_its_marketplaces_are_the_sandboxes() -> None:
    found = load_marketplaces(ROOT / "deploy" / "marketplaces.toml")
    assert set(found) == set(MARKETPLACES)
    assert all(m.base_url == f"http://sandbox:8900/{slug}" for slug, m in found.items())
    assert all(m.webhooks is not None and m.accounts for m in found.values())
