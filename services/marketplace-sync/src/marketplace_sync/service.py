"""Builds the running worker of one marketplace from settings."""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from brocante.contracts import parties
from brocante.contracts.topics import (
    DEAD_LETTERS,
    MARKETPLACE_COMMANDS,
    MARKETPLACE_EVENTS,
    MARKETPLACE_WEBHOOKS,
    SALES_COMMANDS,
)
from brocante.exits import EXIT_CONFIGURATION
from brocante.logging import configure
from brocante.marketplaces import MarketplaceEntry, load_marketplaces
from brocante.messaging.health import PortTaken
from brocante.messaging.serving import Part, Runtime, serve
from brocante.settings import BadConfiguration, load
from marketplace_sync.marketplaces.registry import ADAPTERS
from marketplace_sync.settings import WorkerSettings
from marketplace_sync.worker import Worker


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one marketplace's worker until it is told to stop; the process's exit code."""
    parser = argparse.ArgumentParser(prog="marketplace_sync")
    parser.add_argument("--marketplace", required=True, help="its name in marketplaces.toml")
    marketplace: str = parser.parse_args(arguments).marketplace
    try:
        settings = load(WorkerSettings)
        entry = declared(settings, marketplace)
        configure(settings, parties.worker(marketplace))
        return asyncio.run(_serve(marketplace, entry, settings))
    except (BadConfiguration, PortTaken) as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_CONFIGURATION


def declared(settings: WorkerSettings, marketplace: str) -> MarketplaceEntry:
    """The marketplace as `marketplaces.toml` declares it, or BadConfiguration."""
    entries = load_marketplaces(settings.marketplaces)
    entry = entries.get(marketplace)
    if entry is None:
        names = ", ".join(sorted(entries)) or "none"
        raise BadConfiguration(f"{settings.marketplaces}: no {marketplace}; it declares {names}")
    if entry.adapter not in ADAPTERS:
        names = ", ".join(sorted(ADAPTERS))
        raise BadConfiguration(
            f"{settings.marketplaces}: {marketplace}.adapter: no {entry.adapter}; there are {names}"
        )
    return entry


async def _serve(marketplace: str, entry: MarketplaceEntry, settings: WorkerSettings) -> int:
    workers: list[Worker] = []
    topics = [
        MARKETPLACE_COMMANDS.format(marketplace=marketplace),
        MARKETPLACE_WEBHOOKS.format(marketplace=marketplace),
        MARKETPLACE_EVENTS,
        SALES_COMMANDS,
        DEAD_LETTERS,
    ]

    async def build(runtime: Runtime) -> Sequence[Part]:
        workers.append(Worker(marketplace, entry, settings, runtime))
        return workers

    async def ready() -> dict[str, str]:
        return workers[0].problems() if workers else {"service": "starting"}

    return await serve(settings, topics, build, ready)
