"""Newcomers and much to do: second replicas, zombies, a queue at a slow marketplace."""

import asyncio
import signal

from tests.chaos.weather.moods import bought
from tests.chaos.weather.sky import Sky, slowly

ETSY = "marketplace-sync-etsy"
QUEUE, SOLD = 40, 16
MOMENT = 0.5
SESSION_SECONDS = 8.0
SLOW_MS = 1000.0


async def newcomers(sky: Sky) -> None:
    """Two workers at one account: one has the targets in its hands that the other one replaces."""
    names = await sky.new(QUEUE)
    async with sky.twin(ETSY):
        await sky.until_quiet()
        await sky.activate(names)
        await asyncio.sleep(MOMENT)
        await sky.sell(names, "crowd")
        await sky.until_off(names)
        await sky.until_quiet()


async def zombies(sky: Sky) -> None:
    """Inventory stops in the middle of a batch; another goes on; then it wakes up."""
    lots = [(await sky.lot(f"lot-zombie-{n}")).name for n in range(3)]
    async with sky.twin("inventory"):
        async with sky.troubled("database", slowly):
            first = asyncio.create_task(sky.sell(lots, "before"))
            await asyncio.sleep(MOMENT)
            sky.rigged.services.signal("inventory", signal.SIGSTOP)
        async with sky.fault("zombie", "inventory"):
            await asyncio.sleep(SESSION_SECONDS)
            for n in range(3):
                await sky.sell(lots, f"meanwhile-{n}")
            sky.rigged.services.signal("inventory", signal.SIGCONT)
            await first
            await sky.sell(lots, "after")
        await sky.until_quiet()


async def rush(sky: Sky) -> None:
    """Much is being put on sale, slowly, when something is sold: it goes first."""
    new = await sky.new(2 * QUEUE)
    async with sky.market("etsy", slow_ms=SLOW_MS):
        await sky.activate(new)
        await asyncio.gather(*(bought(sky, name, "ebay") for name in sky.pieces[:SOLD]))
        await sky.until_off(sky.pieces[:SOLD])
