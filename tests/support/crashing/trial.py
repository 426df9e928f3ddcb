"""One trial: a scenario with one fault at one point, and as many processes as it then takes."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import structlog

from tests.support.crashing import quick_loop, remote
from tests.support.crashing.faults import DEAD, Fault, Kind
from tests.support.crashing.memory_kafka import in_memory
from tests.support.crashing.places import MODULES, matters
from tests.support.crashing.servers import Servers
from tests.support.crashing.weaving import weaving

PACKAGES = ("brocante", "gateway", "inventory", "marketplace_sync", "sales")
LOOK_SECONDS = 0.2
STAGE_SECONDS = 120.0
MOST_LIVES = 4


class Process(Protocol):
    """What runs on the servers."""

    async def start(self) -> None:
        """Begin."""
        ...

    async def stop(self) -> None:
        """End as SIGTERM ends it."""
        ...

    def problems(self) -> dict[str, str]:
        """Why it would not be ready."""
        ...


def _nothing(_servers: Servers) -> None:
    return


@dataclass(frozen=True)
class Stage:
    """One thing that the outside world does, and how to see that everything came of it.

    `prepare` happens once. `ask` is a client at the process, which asks until it is answered.
    """

    name: str
    done: Callable[[Servers], bool]
    prepare: Callable[[Servers], None] = _nothing
    ask: Callable[[Any, Servers], Awaitable[None]] | None = None


@dataclass(frozen=True)
class Scenario:
    """Stages of one process's life.

    `wrong` tells what is not as it must be in the end; `state` must be what it is without a fault.
    """

    name: str
    process: Callable[[Servers], Process]
    stages: Sequence[Stage]
    wrong: Callable[[Servers], list[str]]
    state: Callable[[Servers], Any]
    servers: Callable[[], Servers] = Servers


class NotInTime(AssertionError):  # noqa: N818 - a finding
    """A stage did not come to its end."""


def without_fault(scenario: Scenario) -> tuple[list[str], Any]:
    """The points that a scenario reaches, and the state it ends in."""
    fault = Fault()
    servers = _lives(scenario, fault)
    wrong = scenario.wrong(servers)
    if wrong:
        raise AssertionError(f"{scenario.name} without a fault: {wrong}")
    return list(fault.reached), scenario.state(servers)


def with_fault(scenario: Scenario, kind: Kind, point: str, expected: Any) -> list[str]:
    """What is wrong after a scenario with a fault."""
    fault = Fault(kind, point)
    try:
        servers = _lives(scenario, fault)
    except NotInTime as late:
        return [str(late)]
    if not fault.struck:
        return ["the point was not reached"]
    found = scenario.wrong(servers)
    state = scenario.state(servers)
    return found if state == expected else [*found, f"it ends in {state}, not in {expected}"]


def _lives(scenario: Scenario, fault: Fault) -> Servers:
    """As many processes as it takes."""
    servers = scenario.servers()
    random.seed(scenario.name)
    servers.stages = scenario.stages
    with servers.clock.ruling(PACKAGES), weaving_to(fault):
        if fault.kind == "death" and fault.point is not None:
            _first_life_in_a_child(scenario, servers, fault)
        for _ in range(MOST_LIVES):
            if servers.notes.get("over"):
                return servers
            _live(scenario, servers, fault)
    if not servers.notes.get("over"):
        ended = servers.notes.get("ended")
        raise NotInTime(f"not over after {MOST_LIVES} processes: {ended}")
    return servers


@contextmanager
def weaving_to(fault: Fault) -> Iterator[None]:
    """The woven code tells this fault."""
    with woven_once(), _heard_by(fault):
        yield


_listening: list[Fault] = []


async def _tell(point: str) -> None:
    if _listening:
        await _listening[-1].at(point)


@contextmanager
def _heard_by(fault: Fault) -> Iterator[None]:
    _listening.append(fault)
    try:
        yield
    finally:
        _listening.pop()


@contextmanager
def woven_once() -> Iterator[None]:
    """Weave the product, unless it is already; keep it quiet."""
    if _woven:
        yield
        return
    silent = structlog.make_filtering_bound_logger(logging.CRITICAL)
    with weaving(MODULES, matters, _tell):
        _woven.append(True)
        structlog.configure(wrapper_class=silent)
        try:
            yield
        finally:
            structlog.reset_defaults()
            _woven.clear()


_woven: list[bool] = []


def _first_life_in_a_child(scenario: Scenario, servers: Servers, fault: Fault) -> None:
    def live(far: Servers) -> None:
        _live(scenario, far, fault)

    fault.struck = remote.until_it_ends(servers, live) == DEAD


def _live(scenario: Scenario, servers: Servers, fault: Fault) -> None:
    fault.stop = asyncio.Event()
    with in_memory(servers):
        quick_loop.run(_lifetime(scenario, servers, fault), servers.clock)


async def _lifetime(scenario: Scenario, servers: Servers, fault: Fault) -> None:
    """One process, until all stages are over, it is told to stop, or it cannot go on."""
    process = scenario.process(servers)
    working = asyncio.create_task(_stages(scenario, servers, process))
    told = asyncio.create_task(fault.stop.wait())
    limit = STAGE_SECONDS * len(scenario.stages)
    await asyncio.wait({working, told}, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
    if not working.done() and not told.done():
        raise NotInTime(f"not over in {limit:.0f} s")
    told.cancel()
    working.cancel()
    (ended,) = await asyncio.gather(working, return_exceptions=True)
    # A process that fails while it stops has ended, too.
    stopping = asyncio.create_task(process.stop())
    await asyncio.wait({stopping}, timeout=STAGE_SECONDS)
    if not stopping.done():
        raise NotInTime(f"not stopped in {STAGE_SECONDS:.0f} s")
    await asyncio.gather(stopping, return_exceptions=True)
    if isinstance(ended, NotInTime):
        raise ended
    servers.note("ended", repr(ended))
    if ended is None:
        servers.note("over", True)


async def _stages(scenario: Scenario, servers: Servers, process: Process) -> None:
    await process.start()
    for number in range(servers.noted("stage", 0), len(scenario.stages)):
        stage = scenario.stages[number]
        if servers.noted("prepared", -1) < number:
            servers.prepare(number)
            servers.note("prepared", number)
        if stage.ask is not None:
            await stage.ask(process, servers)
        await _until(partial(servers.done, number), stage.name, servers)
        servers.note("stage", number + 1)
    await _until(lambda: not process.problems(), "ready", servers)


async def _until(held: Callable[[], bool], what: str, servers: Servers) -> None:
    end = servers.clock.seconds + STAGE_SECONDS
    while not held():
        if servers.clock.seconds > end:
            raise NotInTime(f"not in {STAGE_SECONDS:.0f} s: {what}")
        await asyncio.sleep(LOOK_SECONDS)
