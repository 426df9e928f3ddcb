"""A process: waits for what it needs, is seen from outside, ends in order, says why it ended."""

import asyncio
import gc
import os
import signal
from collections.abc import Iterator, Sequence
from typing import Any

import httpx2
import pytest

from brocante.exits import EXIT_BROKER_CHANGED
from brocante.messaging import serving
from brocante.messaging.health import HealthServer
from brocante.messaging.progress import Progress
from brocante.messaging.serving import (
    Part,
    Runtime,
    serve,
)
from tests.support.running import eventually
from tests.unit.messaging.ground import SETTINGS, Ground, Sweeper


@pytest.fixture(autouse=True)
def _collector_as_it_was() -> Iterator[None]:
    """A process that serves changes how garbage is collected; the tests' own process goes on."""
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


@pytest.fixture
def _harmless_signals() -> Iterator[None]:
    """A signal nobody handles must not end the tests."""
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(number, lambda *_: None) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


async def well() -> dict[str, str]:
    return {}


@pytest.mark.usefixtures("_harmless_signals")
async def test_parts_start_in_order_and_stop_in_the_other(ground: Ground) -> None:
    ground.topics["p.a"] = "1"
    notes: list[str] = []
    parts = [Sweeper("first", notes), Sweeper("second", notes)]

    async def build(_runtime: Runtime) -> Sequence[Part]:
        return parts

    running = asyncio.create_task(serve(SETTINGS, ["a"], build, well))
    await eventually(lambda: len(notes) == 2, "both parts run", 5)
    os.kill(os.getpid(), signal.SIGTERM)
    assert await asyncio.wait_for(running, 10) == 0
    assert notes == ["first started", "second started", "second stopped", "first stopped"]


async def test_another_broker_ends_the_process_with_a_code_of_its_own(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    ground.topics["p.a"] = "1"
    notes: list[str] = []

    async def build(_runtime: Runtime) -> Sequence[Part]:
        return [Sweeper("part", notes)]

    async def changed(_runtime: Runtime, topics: Sequence[str]) -> None:
        assert list(topics) == ["a"]

    monkeypatch.setattr(serving, "watch_broker", changed)
    assert await asyncio.wait_for(serve(SETTINGS, ["a"], build, well), 10) == EXIT_BROKER_CHANGED
    assert EXIT_BROKER_CHANGED == 75
    assert notes == ["part started", "part stopped"]
    assert gc.get_threshold()[0] == serving.GC_THRESHOLD > 700
    assert gc.get_freeze_count() > 0


@pytest.mark.usefixtures("_harmless_signals")
async def test_a_process_still_waiting_for_its_broker_can_be_told_to_stop(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    servers: list[HealthServer] = []

    def kept(*args: Any) -> HealthServer:
        servers.append(HealthServer(*args))
        return servers[-1]

    async def build(_runtime: Runtime) -> Sequence[Part]:
        raise AssertionError("built")

    monkeypatch.setattr(serving, "HealthServer", kept)
    running = asyncio.create_task(serve(SETTINGS, ["a"], build, well))
    await eventually(lambda: bool(servers) and servers[0]._server.started, "it is probed", 5)
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{servers[0].port}") as client:
        assert (await client.get("/healthz")).status_code == 200
        ready = await client.get("/readyz")
    assert ready.status_code == 503
    assert ready.json()["problems"] == {"kafka": "ConnectionError('topics are missing: p.a')"}
    os.kill(os.getpid(), signal.SIGINT)
    assert await asyncio.wait_for(running, 10) == 0
    assert ground.database.stored.keys() == {"broker"}


async def test_a_process_is_ready_when_it_and_all_it_waits_for_are() -> None:
    progress = Progress(0.0)

    async def ready() -> dict[str, str]:
        return {"group": "none"}

    health = serving._health(SETTINGS, progress, ready)
    routes = {route.path: route for route in health._server.config.app.routes}  # type: ignore[union-attr]
    assert set(routes) == {"/healthz", "/readyz", "/metrics"}
    stuck = await routes["/healthz"].endpoint(None)
    assert (stuck.status_code, b"nothing progresses" in stuck.body) == (503, True)
    with progress.waiting_for("kafka", "refused"):
        assert (await routes["/healthz"].endpoint(None)).status_code == 200
        body = (await routes["/readyz"].endpoint(None)).body
    assert b'{"kafka":"refused","group":"none"}' in body
    await health.stop()


async def test_a_part_that_cannot_start_yet_waits_for_the_broker(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    ground.topics["p.a"] = "1"
    named: list[dict[str, str]] = []
    progress = Progress(60)
    part = Sweeper("part", [])

    async def start() -> None:
        if not named:
            raise ConnectionError("refused")

    async def note(_seconds: float) -> None:
        named.append(progress.away)

    async def build(_runtime: Runtime) -> Sequence[Part]:
        return [part]

    monkeypatch.setattr(part, "start", start)
    monkeypatch.setattr(asyncio, "sleep", note)
    _, parts = await serving._start(SETTINGS, ["a"], progress, build)
    assert (list(parts), named) == ([part], [{"kafka": "ConnectionError('refused')"}])
