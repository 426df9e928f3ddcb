"""A service process: waits for its back ends, runs, is seen from outside, stops in order."""

import asyncio
import gc
import random
import signal
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, TypeVar

import structlog

from brocante.documents.driver import Database, connect
from brocante.exits import EXIT_BROKER_CHANGED
from brocante.messaging.cluster import describe
from brocante.messaging.epoch import Epoch, Epochs
from brocante.messaging.health import HealthServer
from brocante.messaging.progress import Progress
from brocante.messaging.publisher import Publisher
from brocante.settings import Settings

log = structlog.get_logger()
WATCH = timedelta(seconds=5)
LONGEST_WAIT = 2.0
GC_THRESHOLD = 300_000
"""Objects alive more than at the last look: a batch has a hundred thousand, none in a cycle."""
T = TypeVar("T")


class Part(Protocol):
    """Something that runs inside the process."""

    async def start(self) -> None:
        """Begin."""
        ...

    async def stop(self) -> None:
        """End, finishing what is under way."""
        ...


@dataclass(slots=True)
class Runtime:
    """What every service process has once its back ends are there."""

    settings: Settings
    database: Database
    publisher: Publisher
    epoch: Epoch
    progress: Progress

    async def close(self) -> None:
        """Let go of the back ends."""
        await self.publisher.stop()
        await self.database.close()


async def connect_runtime(settings: Settings, topics: Iterable[str], progress: Progress) -> Runtime:
    """Wait for the database and the broker with all `topics`, then adopt the broker's epoch."""
    database = connect(settings.mongo, settings.database, settings.mongo_driver)
    wanted = [f"{settings.topic_prefix}{topic}" for topic in topics]
    await until_there(database.ping, "database", progress)
    epochs = Epochs(database)
    await epochs.prepare()
    publisher = Publisher(settings)

    async def broker() -> Epoch:
        cluster = await describe(settings, wanted)
        missing = sorted(set(wanted) - set(cluster.topics))
        if missing:
            raise ConnectionError(f"topics are missing: {', '.join(missing)}")
        await publisher.start()
        return (await epochs.adopt(cluster))[0]

    epoch = await until_there(broker, "kafka", progress)
    return Runtime(settings, database, publisher, epoch, progress)


async def until_there(
    attempt: Callable[[], Awaitable[T]], dependency: str, progress: Progress
) -> T:
    """Try until it works, with backoff and without limit; readiness says what is away."""
    delay = 0.05
    while True:
        try:
            return await attempt()
        except Exception as error:  # noqa: BLE001 - whatever is wrong with a back end, we wait
            log.info("waiting_for", dependency=dependency, error=repr(error))
            with progress.waiting_for(dependency, repr(error)):
                await asyncio.sleep(random.uniform(delay / 2, delay))  # noqa: S311 - jitter
            delay = min(delay * 2, LONGEST_WAIT)


async def watch_broker(runtime: Runtime, topics: Iterable[str]) -> None:
    """Return once the broker is another one than at start (its own id, or a topic's)."""
    epochs = Epochs(runtime.database)
    prefix = runtime.settings.topic_prefix
    wanted = [f"{prefix}{topic}" for topic in topics]
    while True:
        await asyncio.sleep(WATCH.total_seconds())
        try:
            cluster = await describe(runtime.settings, wanted)
            if set(cluster.topics) == set(wanted):
                epoch, _ = await epochs.adopt(cluster)
                if epoch.incarnation != runtime.epoch.incarnation:
                    return
        except Exception as error:  # noqa: BLE001 - away is not changed
            log.info("broker_not_reached", error=repr(error))


def collect_seldom() -> None:
    """Have the collector of cycles look less often, and never at what start-up made."""
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD)


async def serve(
    settings: Settings,
    topics: Sequence[str],
    build: Callable[[Runtime], Awaitable[Sequence[Part]]],
    ready: Callable[[], Awaitable[dict[str, str]]],
) -> int:
    """Run a service until it is told to stop or must start over; the process's exit code."""
    collect_seldom()
    progress = Progress(settings.watchdog_seconds)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stop.set)
    health = _health(settings, progress, ready)
    await health.start()
    progress.watch()
    starting = asyncio.create_task(_start(settings, topics, progress, build))
    await _first(starting, stop)
    code = 0
    if starting.done():
        runtime, parts = starting.result()
        log.info("service_started", epoch=runtime.epoch.number, port=health.port)
        code = await _run(runtime, topics, stop)
        for part in reversed(parts):
            await part.stop()
        await runtime.close()
    else:
        starting.cancel()
    progress.stop()
    await health.stop()
    log.info("service_stopped", exit_code=code)
    return code


async def _start(
    settings: Settings,
    topics: Sequence[str],
    progress: Progress,
    build: Callable[[Runtime], Awaitable[Sequence[Part]]],
) -> tuple[Runtime, Sequence[Part]]:
    runtime = await connect_runtime(settings, topics, progress)
    parts = await build(runtime)
    for part in parts:
        await until_there(part.start, "kafka", progress)
    return runtime, parts


async def _run(runtime: Runtime, topics: Sequence[str], stop: asyncio.Event) -> int:
    changed = asyncio.create_task(watch_broker(runtime, topics))
    await _first(changed, stop)
    if changed.done():
        log.warning("broker_changed_starting_over")
        return EXIT_BROKER_CHANGED
    changed.cancel()
    return 0


async def _first(task: asyncio.Task[T], stop: asyncio.Event) -> None:
    waiting = asyncio.create_task(stop.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()


def _health(
    settings: Settings, progress: Progress, ready: Callable[[], Awaitable[dict[str, str]]]
) -> HealthServer:
    async def alive() -> dict[str, str]:
        return {"progress": "nothing progresses"} if progress.stuck else {}

    async def all_ready() -> dict[str, str]:
        return {**progress.away, **await ready()}

    return HealthServer(settings.host, settings.metrics_port, alive, all_ready)
