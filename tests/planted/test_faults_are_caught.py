"""The tests can fail: with a fault planted something is red that is green without it."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.model.hand_time import back_in_real_time
from tests.planted import scenes
from tests.planted.registry import FAULTS, UnknownFault, planted

ROOT = Path(__file__).parents[2]
CAUGHT_BY: dict[str, Callable[[], None]] = {
    "argument-less-commit": scenes.a_batch_read_ahead_dies_with_its_reader,
    "blind-repeat": scenes.a_creation_that_was_cut_off,
    "breaker-drops-work": scenes.an_open_circuit,
    "command-dedupe-off": scenes.a_crash_at_every_point_of_a_batch,
    "commit-before-publish": scenes.a_crash_at_every_point_of_a_batch,
    "commit-before-write": scenes.a_crash_at_every_point_of_a_batch,
    "intent-off-by-one": scenes.a_target_that_comes_late,
    "journal-keeps-no-outputs": scenes.a_crash_at_every_point_of_a_batch,
    "journal-pruned-across-epochs": scenes.a_wiped_broker_takes_what_was_never_published,
    "late-outcome-dropped": scenes.a_lease_that_is_over_during_a_call,
    "lease-ignored": scenes.two_replicas_at_one_account,
    "lost-writes-unnoticed": scenes.a_target_meets_an_outcome,
    "no-version-guard": scenes.a_zombie_writes_over_another,
    "off-sale-not-first": scenes.much_to_do_at_once,
    "parked-goes-on": scenes.a_decider_with_a_bug,
    "random-output-ids": scenes.a_crash_at_every_point_of_a_batch,
    "relisted-everywhere": scenes.a_sale_and_its_cancellation,
    "resync-says-nothing": scenes.a_wiped_broker_takes_a_sale_along,
    "retry-after-ignored": scenes.a_marketplace_says_when_to_come_again,
    "sale-version-ignored": scenes.a_recording_that_comes_after_its_cancellation,
    "sold-elsewhere-stays": scenes.a_sale_and_its_cancellation,
    "target-not-read-again": scenes.a_target_replaced_by_another_replica,
    "unreadable-dropped": scenes.garbage_among_the_messages,
    "unsent-never-swept": scenes.a_worker_dies_before_it_says_what_it_did,
    "webhook-dedupe-off": scenes.a_delivery_that_comes_twice,
}

pytestmark = pytest.mark.usefixtures("quiet")


@cache
def ends_well(scene: Callable[[], None]) -> bool:
    """Once is enough: without a fault a scene is the same each time."""
    with back_in_real_time():
        scene()
    return True


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_a_fault_is_caught_by_a_scene_that_ends_well_without_it(name: str) -> None:
    scene = CAUGHT_BY[name]
    assert ends_well(scene)
    with planted(name), pytest.raises(AssertionError), back_in_real_time():
        scene()


def test_a_fault_is_gone_when_its_block_ends() -> None:
    scene = CAUGHT_BY["no-version-guard"]
    with planted("no-version-guard"), pytest.raises(AssertionError), back_in_real_time():
        scene()
    with back_in_real_time():
        scene()


def test_a_fault_that_does_not_exist_cannot_be_planted() -> None:
    with pytest.raises(UnknownFault, match="nothing-wrong"), planted("nothing-wrong"):
        pass


def started(fault: str, program: str) -> subprocess.CompletedProcess[str]:
    """A process of its own that begins with a fault."""
    more = {"BROCANTE_PLANTED_FAULT": fault, "PYTHONPATH": str(ROOT / "tests" / "planted")}
    command = [sys.executable, "-c", program]
    return subprocess.run(
        command, env={**os.environ, **more}, capture_output=True, text=True, check=False
    )


def test_a_process_begins_with_the_fault_its_environment_names_and_says_so() -> None:
    program = "from brocante.documents.store import _guarded; print(_guarded.__qualname__)"
    ended = started("no-version-guard", program)
    assert "unguarded" in ended.stdout
    said = json.loads(ended.stderr)
    assert (said["event"], said["fault"]) == ("fault_planted", "no-version-guard")


def test_a_process_does_not_begin_with_a_fault_that_does_not_exist() -> None:
    ended = started("nothing-wrong", "print('began')")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "nothing-wrong" in ended.stderr
    assert "no-version-guard" in ended.stderr


def test_every_fault_can_be_planted_where_the_product_first_imports_it() -> None:
    names = ",".join(sorted(FAULTS))
    program = (
        "import importlib, sys\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "from tests.planted.registry import FAULTS, plant_on_import\n"
        f"for name in {names!r}.split(','):\n"
        "    importlib.import_module(plant_on_import(name).module)\n"
        "print(len(FAULTS))\n"
    )
    ended = started("", program)
    assert ended.stdout.strip() == str(len(FAULTS)), ended.stderr


def test_the_packages_know_nothing_of_planted_faults() -> None:
    sources = [*(ROOT / "shared/src").rglob("*.py"), *(ROOT / "services").rglob("src/**/*.py")]
    assert sources
    assert not [path for path in sources if "PLANTED" in path.read_text()]


def test_the_table_of_faults_is_what_is_tested() -> None:
    _, text = (ROOT / "docs/testing.md").read_text().split("## Tests that can fail")
    rows = re.findall(r"^\| `([a-z-]+)` \| ([^|]+) \| `([a-z_]+)` \|$", text, re.MULTILINE)
    wanted = [(n, FAULTS[n].says, CAUGHT_BY[n].__name__) for n in sorted(FAULTS)]
    assert rows == wanted, "\n".join(f"| `{n}` | {says} | `{by}` |" for n, says, by in wanted)
