"""The summary of tiers, and making a missing one fail."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SUITE = """
import pytest

@pytest.mark.specs
def test_that_needs_specs():
    pytest.skip("BROCANTE_SPECS is not set")

@pytest.mark.chromium
def test_that_needs_chromium():
    pass

@pytest.fixture(scope="session")
def server(request):
    from tests.support.tiers import note_back_end
    note_back_end(request.config, "kafka", "invented")

def test_that_needs_a_server(server):
    pass
"""


def run(folder: Path, *options: str, require: str = "") -> tuple[int, str]:
    """Exit code and output of pytest on the little suite."""
    (folder / "test_suite.py").write_text(SUITE)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-c", str(ROOT / "pyproject.toml")),
            *("--rootdir", str(folder), "-p", "tests.support.tiers", "-p", "xdist", *options),
            str(folder / "test_suite.py"),
        ],
        cwd=ROOT,
        env={**os.environ, "BROCANTE_REQUIRE": require, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["alone", "in parallel"])
def test_the_summary_says_what_ran_and_why_something_did_not(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    code, output = run(tmp_path, *options)
    assert code == 0
    assert "back end kafka: invented" in output
    assert "tier chromium: ran: 1 passed" in output
    assert "tier specs: did not run: 1 skipped: BROCANTE_SPECS is not set" in output
    assert "tier apache-kafka: no test selected" in output


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["alone", "in parallel"])
def test_a_required_tier_that_is_missing_fails_and_says_why(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    code, output = run(tmp_path, *options, require="specs, chromium")
    assert code == 1
    assert "specs is required (BROCANTE_REQUIRE) but: BROCANTE_SPECS is not set" in output


def test_a_tier_that_does_not_exist_cannot_be_required(tmp_path: Path) -> None:
    code, output = run(tmp_path, require="chrome")
    assert code == 4
    assert "no such tier: chrome" in output
