"""The process of a service that is nothing but a table."""

import asyncio
import sys
from collections.abc import Sequence

from brocante.contracts.topics import DEAD_LETTERS
from brocante.exits import EXIT_CONFIGURATION
from brocante.logging import configure
from brocante.messaging.deciding import ServiceTable
from brocante.messaging.health import PortTaken
from brocante.messaging.running import RunningService
from brocante.messaging.serving import Part, Runtime, serve
from brocante.settings import BadConfiguration, Settings, load


def run_table(table: ServiceTable, settings_type: type[Settings]) -> int:
    """Run a service until it is told to stop; the process's exit code.

    Bad configuration is one line per problem on stderr, all of them at once.
    """
    try:
        settings = load(settings_type)
        configure(settings, table.name)
        return asyncio.run(_serve(table, settings))
    except (BadConfiguration, PortTaken) as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_CONFIGURATION


async def _serve(table: ServiceTable, settings: Settings) -> int:
    running: list[RunningService] = []

    async def build(runtime: Runtime) -> Sequence[Part]:
        running.append(
            RunningService(
                table,
                settings,
                runtime.database,
                runtime.epoch,
                runtime.publisher,
                runtime.progress,
            )
        )
        return running

    async def ready() -> dict[str, str]:
        return running[0].problems() if running else {"service": "starting"}

    return await serve(settings, [*table.topics, table.events_topic, DEAD_LETTERS], build, ready)
