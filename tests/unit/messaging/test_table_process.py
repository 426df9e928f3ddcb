"""The process of a table: bad configuration told at once, one service on the runtime."""

from typing import Any

import pytest

from brocante.contracts.topics import DEAD_LETTERS, SALES_COMMANDS, SALES_EVENTS
from brocante.exits import EXIT_CONFIGURATION
from brocante.messaging import table_process
from brocante.messaging.health import PortTaken
from brocante.messaging.running import RunningService
from brocante.messaging.table_process import run_table
from brocante.settings import Settings
from tests.support import toy
from tests.unit.messaging.ground import SETTINGS, Ground, runtime_of


def test_bad_configuration_is_told_all_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BROCANTE_PARTITIONS", "none")
    monkeypatch.setenv("BROCANTE_REPLICATION", "0")
    assert run_table(toy.TABLE, Settings) == EXIT_CONFIGURATION == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "BROCANTE_PARTITIONS",
        "BROCANTE_REPLICATION",
    ]


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What a table's process is served with; it ends at once."""
    asked: list[Any] = []

    async def note(*args: Any) -> int:
        asked.extend(args)
        return 7

    monkeypatch.setattr(table_process, "serve", note)
    monkeypatch.setattr(table_process, "configure", lambda *args: asked.extend(args))
    return asked


def test_a_table_is_served_with_its_topics_under_its_name(served: list[Any]) -> None:
    assert run_table(toy.TABLE, Settings) == 7
    configured, name, settings, topics, *_ = served
    assert (configured, name) == (settings, "toy")
    assert topics == [SALES_COMMANDS, SALES_EVENTS, DEAD_LETTERS]


async def test_a_tables_part_is_one_service_on_the_runtime(served: list[Any]) -> None:
    await table_process._serve(toy.TABLE, SETTINGS)
    settings, _, build, ready = served
    assert settings is SETTINGS
    assert await ready() == {"service": "starting"}
    ground = Ground()
    runtime = runtime_of(ground, ground.publisher(SETTINGS))
    (service,) = await build(runtime)
    assert isinstance(service, RunningService)
    assert service.table is toy.TABLE
    assert (service._settings, service._epoch) == (SETTINGS, runtime.epoch)
    assert (service._publisher, service._progress) == (runtime.publisher, runtime.progress)
    assert await ready() == {"group": "no partitions assigned yet"}


def test_a_port_in_use_is_told_and_ends_the_process(
    monkeypatch: pytest.MonkeyPatch, served: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    async def taken(*_args: Any) -> int:
        raise PortTaken("BROCANTE_METRICS_PORT: taken")

    monkeypatch.setattr(table_process, "serve", taken)
    assert run_table(toy.TABLE, Settings) == 2
    assert capsys.readouterr().err == "BROCANTE_METRICS_PORT: taken\n"
    assert served
