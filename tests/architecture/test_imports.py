"""Importing a package reads no settings, starts nothing and writes nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {
    "brocante": "shared/src",
    "inventory": "services/inventory/src",
    "sales": "services/sales/src",
    "marketplace_sync": "services/marketplace-sync/src",
    "gateway": "services/gateway/src",
    "sandbox": "services/sandbox/src",
    "brocante_local": "deploy/local/src",
}
# Run in a process of its own: imports every module, then says what that left behind.
PROGRAM = """
import importlib, os, sys, threading
for name in sys.argv[1:]:
    importlib.import_module(name)
left = [t.name for t in threading.enumerate() if t is not threading.main_thread()]
left += [] if not os.listdir('.') else [f'files: {os.listdir(".")}']
sys.exit(f'left behind: {left}' if left else 0)
"""


def modules(package: str) -> list[str]:
    """Every module of a package but `__main__`."""
    root = ROOT / PACKAGES[package]
    names = (path.relative_to(root).with_suffix("") for path in root.rglob("*.py"))
    dotted = (".".join(name.parts).removesuffix(".__init__") for name in names)
    return sorted(name for name in dotted if not name.endswith("__main__"))


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_without_environment_and_leaves_nothing_behind(
    package: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-c", PROGRAM, *modules(package)],
        cwd=tmp_path,
        env={"PATH": os.environ.get("PATH", "")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
