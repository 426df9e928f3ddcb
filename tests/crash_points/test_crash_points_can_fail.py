"""The crash points can fail: faults planted in the product are caught at one of them."""

from collections.abc import Iterator
from typing import Any

import pytest

from brocante.contracts.topics import SALES_COMMANDS, SALES_EVENTS
from brocante.messaging import journal
from brocante.messaging.consumer import Consumer
from tests.support import toy
from tests.support.crashing import trial
from tests.support.crashing.faults import Kind
from tests.support.crashing.servers import Servers
from tests.support.crashing.tables import TableProcess, because_of, says, states, unrest
from tests.support.crashing.trial import Scenario, Stage

COMMANDS = ("c1", "c2", "c3")


def at_rest(servers: Servers) -> bool:
    return not unrest(servers, "toy.1", toy.TABLE.topics)


def wrong(servers: Servers) -> list[str]:
    return [f"{c} is not answered" for c in COMMANDS if not because_of(servers, SALES_EVENTS, c)]


COUNTING = Scenario(
    "counting",
    lambda _servers: TableProcess(toy.TABLE),
    (
        Stage(
            "three are counted",
            at_rest,
            says(SALES_COMMANDS, *((c, toy.record_sale()) for c in COMMANDS)),
        ),
    ),
    wrong,
    lambda servers: states(servers, "toy_tallies"),
)
WRITING = "brocante.documents.store.DocumentStore.save:collection.bulk_write#1"
PUBLISHING = "brocante.messaging.running.RunningService._finish:publisher.send_all#1"


@pytest.fixture(autouse=True)
def _woven() -> Iterator[None]:
    """Faults are planted in code that has its points."""
    with trial.woven_once():
        yield


def harm(kind: Kind, point: str) -> list[str]:
    """What is wrong after a fault at a point."""
    _, state = trial.without_fault(COUNTING)
    return trial.with_fault(COUNTING, kind, point, state)


@pytest.mark.parametrize("point", [f"{WRITING} before", f"{PUBLISHING} before"])
def test_nothing_is_wrong_without_a_planted_fault(point: str) -> None:
    assert harm("death", point) == []


def test_a_commit_before_the_work_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    real = Consumer._consume

    async def commit_first(self: Consumer, records: Any) -> None:
        self._note_done(records, set())
        await self.commits.settle()
        await real(self, records)

    monkeypatch.setattr(Consumer, "_consume", commit_first)
    assert harm("death", f"{WRITING} before")


def test_a_journal_that_forgets_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "find", lambda *_: None)
    assert harm("death", f"{PUBLISHING} before")
