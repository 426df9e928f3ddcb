"""Which tiers of the suite ran, said at the end; `BROCANTE_REQUIRE` makes a missing one fail.

A tier is a marker: `apache_kafka`, `chromium`, `mongodb`, `specs`.
`BROCANTE_REQUIRE=apache-kafka,specs` turns each skip of such a test into a failure that repeats
the reason.
"""

import os
from collections import Counter
from collections.abc import Generator
from typing import Any

import pytest

TIERS = {
    "apache-kafka": "apache_kafka",
    "chromium": "chromium",
    "mongodb": "mongodb",
    "specs": "specs",
}
REQUIRE = "BROCANTE_REQUIRE"
BACK_ENDS = pytest.StashKey[dict[str, str]]()
WORKER_OUTPUT = "brocante_back_ends"


def note_back_end(config: pytest.Config, name: str, how: str) -> None:
    """Remember what a back end's fixture found, for the summary."""
    config.stash.setdefault(BACK_ENDS, {})[name] = how


def required() -> set[str]:
    """The tiers that must run."""
    return {name.strip() for name in os.environ.get(REQUIRE, "").split(",") if name.strip()}


def pytest_configure(config: pytest.Config) -> None:
    """Refuse a tier that does not exist: a slip there would require nothing."""
    unknown = required() - set(TIERS)
    if unknown:
        raise pytest.UsageError(
            f"{REQUIRE}: no such tier: {', '.join(sorted(unknown))} (there are {', '.join(TIERS)})"
        )
    config.stash.setdefault(BACK_ENDS, {})


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Make the skip of a required tier's test a failure."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        for tier in required():
            if item.get_closest_marker(TIERS[tier]):
                report.outcome = "failed"
                report.longrepr = f"{tier} is required ({REQUIRE}) but: {_reason(report)}"
    return report


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """With xdist: take over what a finished worker's fixtures found."""
    found: dict[str, str] = getattr(node, "workeroutput", {}).get(WORKER_OUTPUT, {})
    for name, how in found.items():
        note_back_end(node.config, name, how)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In a worker: hand the notes over."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output[WORKER_OUTPUT] = session.config.stash[BACK_ENDS]


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say which back ends served and which tiers ran, or why not."""
    terminalreporter.section("tiers")
    for name, how in sorted(config.stash.get(BACK_ENDS, {}).items()):
        terminalreporter.write_line(f"back end {name}: {how}")
    for tier, marker in TIERS.items():
        terminalreporter.write_line(f"tier {tier}: {_verdict(terminalreporter.stats, marker)}")


def _verdict(stats: dict[str, list[Any]], marker: str) -> str:
    counts = {
        outcome: [r for r in stats.get(outcome, []) if marker in getattr(r, "keywords", {})]
        for outcome in ("passed", "failed", "error", "skipped")
    }
    ran = {outcome: len(rs) for outcome, rs in counts.items() if rs and outcome != "skipped"}
    skipped = Counter(_reason(report) for report in counts["skipped"])
    said = [f"{number} {outcome}" for outcome, number in ran.items()]
    said += [f"{number} skipped: {reason}" for reason, number in skipped.items()]
    if not said:
        return "no test selected"
    return f"{'ran' if ran else 'did not run'}: {'; '.join(said)}"


def _reason(report: pytest.TestReport) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ")
