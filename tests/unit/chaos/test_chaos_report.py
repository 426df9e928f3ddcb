"""The report says what happened, in figures and on a page that needs nothing else."""

import os
from pathlib import Path
from typing import Any

from tests.chaos.books import Struck
from tests.chaos.collecting import stretches
from tests.chaos.page import page
from tests.chaos.report import summary
from tests.chaos.running import Run
from tests.chaos.services import ROOT, _environment
from tests.chaos.wish import Wish
from tests.unit.chaos.evidence_by_hand import sold


def said(**changes: Any) -> dict[str, Any]:
    run = Run(Wish(7, words=("--short",)), Path(), began=1000.0)
    run.moments["storm"] = 1050.0
    kill = Struck(1, "kill", "sales", 1060.0, 1060.1, "was not running")
    run.found = sold(struck=[kill], **changes)
    return summary(run)


def test_a_good_run_says_so_with_its_faults_and_counts() -> None:
    figures = said()
    assert figures["violated"] == 0
    assert figures["faults"][0] == {
        "number": 1,
        "kind": "kill",
        "target": "sales",
        "at": 60.0,
        "until": 60.1,
        "note": "was not running",
    }
    assert (figures["counts"]["sales"], figures["seed"]) == (1, 7)
    shown = page(figures)
    assert "No invariant was violated" in shown
    assert "kill at 60.0 s: was not running" in shown
    assert "://" not in shown


def test_a_violation_is_named_on_the_page_and_marketplace_text_is_escaped() -> None:
    figures = said(shown={("etsy", "<b>"): "active"}, unsent={"<script>": 1})
    assert figures["violations"]["I7"] == ["1 documents of <script> are unsent"]
    shown = page(figures)
    assert "<h1>Violated</h1>" in shown
    assert "&lt;script&gt; are unsent" in shown
    assert "<script>" not in shown


def test_a_fault_disturbs_a_moment_longer_than_it_lasts() -> None:
    assert stretches([Struck(1, "kill", "sales", 10.0, 12.0)]) == [(10.0, 13.0)]


def test_a_planted_fault_reaches_the_services_environment_and_their_path() -> None:
    planted = _environment("lease-ignored", idempotent=False)
    assert planted["BROCANTE_PLANTED_FAULT"] == "lease-ignored"
    assert planted["PYTHONPATH"].split(os.pathsep)[0] == str(ROOT / "tests" / "planted")
    assert "PYTHONPATH" not in _environment("", idempotent=True)
