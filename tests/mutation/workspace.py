"""The folder mutmut works in: the packages side by side in one `src`, and the tests.

mutmut names a mutant after its path below `src` and swaps it in by the module's name, so one source
folder is all it can take; here each member has its own. What it finds stays in the folder, and the
next run goes on from there.
"""

import hashlib
import json
import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]
WORKSPACE = ROOT / "build" / "mutation"
MUTANTS = WORKSPACE / "mutants"
PACKAGES = ("shared/src/brocante", "services/sales/src/sales", "services/inventory/src/inventory")
TESTS = "tests"
SEEN = WORKSPACE / "tests-seen"


def prepare(*, fresh: bool = False) -> None:
    """Bring the folder up to date; mutants whose tests may have changed are to be tried again."""
    if fresh:
        shutil.rmtree(WORKSPACE, ignore_errors=True)
    for package in PACKAGES:
        _copy(ROOT / package, WORKSPACE / "src" / Path(package).name)
    shutil.rmtree(MUTANTS / TESTS, ignore_errors=True)
    _copy(ROOT / TESTS, WORKSPACE / TESTS)
    _write(ROOT / "pyproject.toml", WORKSPACE / "pyproject.toml")
    now = _fingerprint(WORKSPACE / TESTS)
    if SEEN.is_file() and SEEN.read_text() != now:
        _forget_what_was_not_killed()
    SEEN.write_text(now)


def _copy(source: Path, target: Path) -> None:
    """Like source, and only what differs is written: mutmut goes by the time of a file."""
    wanted = {path.relative_to(source) for path in source.rglob("*.py")}
    for name in wanted:
        _write(source / name, target / name)
    for path in list(target.rglob("*.py")):
        if path.relative_to(target) not in wanted:
            path.unlink()


def _write(source: Path, target: Path) -> None:
    content = source.read_bytes()
    if not target.is_file() or target.read_bytes() != content:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _fingerprint(folder: Path) -> str:
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        found.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return found.hexdigest()


def _forget_what_was_not_killed() -> None:
    # Which test covers what is asked again too.
    (MUTANTS / "mutmut-stats.json").unlink(missing_ok=True)
    for path in MUTANTS.rglob("*.meta"):
        stored = json.loads(path.read_text())
        codes = stored["exit_code_by_key"]
        stored["exit_code_by_key"] = {
            name: code if code == 1 else None for name, code in codes.items()
        }
        path.write_text(json.dumps(stored, indent=4))
