"""Our runtime, as a service's process runs it."""

import asyncio

from brocante.contracts.topics import DEAD_LETTERS
from brocante.logging import configure
from brocante.messaging.progress import Progress
from brocante.messaging.running import RunningService
from brocante.messaging.serving import connect_runtime
from brocante.settings import Settings
from tests.bench.contenders.assignment import Assignment, Done, Stopwatch
from tests.bench.loads.all_loads import LOADS

LOOK_SECONDS = 0.005


async def run(assignment: Assignment) -> Done:
    """Do the assignment."""
    table = LOADS[assignment.load].table
    settings = Settings(
        kafka=assignment.kafka,
        mongo=assignment.mongo,
        mongo_driver=assignment.driver,
        database=assignment.database,
        topic_prefix=assignment.prefix,
        log_level="WARNING",
    )
    configure(settings, table.name)
    progress = Progress(settings.watchdog_seconds)
    topics = [*table.topics, table.events_topic, DEAD_LETTERS]
    runtime = await connect_runtime(settings, topics, progress)
    service = RunningService(
        table, settings, runtime.database, runtime.epoch, runtime.publisher, progress
    )
    await service.start()
    try:
        return await _measured(service, assignment)
    finally:
        await service.stop()
        await runtime.close()


async def _measured(service: RunningService, assignment: Assignment) -> Done:
    stopwatch = Stopwatch(assignment.pids)
    await service.consumer.assigned.wait()
    unmeasured = await _committed(service, assignment.before + assignment.warm)
    stopwatch.start()
    done = await _committed(service, assignment.before + assignment.warm + assignment.messages)
    return stopwatch.done(done - unmeasured)


async def _committed(service: RunningService, wanted: int) -> int:
    # Topics hold nothing else: committed positions count what is done, a batch at a time.
    while (done := sum(service.consumer.committed.values())) < wanted:  # noqa: ASYNC110 - no event
        await asyncio.sleep(LOOK_SECONDS)
    return done
