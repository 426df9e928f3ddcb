"""What must not be in the tree: addresses of registries, paths of one machine, loose ends."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REGISTRY_HOSTS = "|".join(
    re.escape(".".join(host))
    for host in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("repo1", "maven", "org"),
        ("repo", "maven", "apache", "org"),
        ("crates", "io"),
        ("proxy", "golang", "org"),
        ("deb", "debian", "org"),
    )
)
PATHS = r"(?<![\w.])/(?:root|home/\w+|work)/"
LOOSE_ENDS = r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b"
# Not ours to word: the catalogue's records and the licence.
GIVEN = {"LICENSE", "deploy/local/src/brocante_local/data/catalogue.csv"}


def tracked() -> list[str]:
    """Every file that git has or would take in."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def hits(pattern: str) -> list[str]:
    """`file:line: text` of every match in a text file."""
    found = []
    for name in tracked():
        if name in GIVEN:
            continue
        try:
            lines = (ROOT / name).read_text().splitlines()
        except UnicodeDecodeError:
            continue
        found += [
            f"{name}:{number}: {line.strip()[:120]}"
            for number, line in enumerate(lines, 1)
            if re.search(pattern, line)
        ]
    return found


@pytest.mark.parametrize(
    "pattern", [REGISTRY_HOSTS, PATHS, LOOSE_ENDS], ids=["registries", "paths", "loose ends"]
)
def test_the_tree_holds_none_of(pattern: str) -> None:
    assert hits(pattern) == []


def test_the_lock_pins_everything_by_hash_and_names_no_index() -> None:
    text = (ROOT / "requirements.lock").read_text()
    assert not re.search(
        r"^\s*(?:--(?:extra-)?index-url|--find-links|-f |-i |-e )", text, re.MULTILINE
    )
    assert "://" not in text
    entries = re.split(r"\n(?=[a-z0-9])", re.sub(r"(?m)^\s*#.*\n?", "", text).strip())
    unpinned = [e.splitlines()[0] for e in entries if "==" not in e or "--hash=sha256:" not in e]
    assert unpinned == []


def test_the_lock_holds_what_every_member_asks_for() -> None:
    locked = set(re.findall(r"(?m)^([a-z0-9-]+)(?:\[[a-z,]+\])?==", _lock()))
    missing = {}
    for member in ("shared", "deploy/local", *(f"services/{s}" for s in _services())):
        text = (ROOT / member / "pyproject.toml").read_text()
        block = re.search(r"(?ms)^dependencies = \[(.*?)^\]", text)
        wanted = set(re.findall(r'"([A-Za-z0-9_-]+)', block[1] if block else ""))
        missing[member] = {w for w in wanted if not w.startswith("brocante")} - locked
    assert not any(missing.values()), missing


def _lock() -> str:
    return (ROOT / "requirements.lock").read_text()


def _services() -> list[str]:
    return sorted(path.parent.name for path in (ROOT / "services").glob("*/pyproject.toml"))
