"""Blackouts at the moments between reading, writing, publishing and committing."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack

from tests.chaos.at_once import sell
from tests.chaos.proxies import Proxy
from tests.chaos.weather.sky import Sky, slowly

BEHIND = ("sales", "inventory")
READ_SECONDS = 1.5
STREAM_SECONDS, STREAM_GAP = 3.0, 0.1
PUBLISH_SECONDS = 3.0
DARK_SECONDS = 2 * PUBLISH_SECONDS + 1
SLOW_MS = 1500.0


async def read_and_not_written(sky: Sky) -> None:
    """Batches are read while the database is slow, then silent; then who read them dies."""
    lot = await sky.lot("lot-unwritten", 200)
    async with AsyncExitStack() as trouble:
        await trouble.enter_async_context(sky.troubled("database", slowly))
        stream = asyncio.create_task(_stream(sky, lot.name))
        await asyncio.sleep(STREAM_SECONDS / 2)
        await trouble.enter_async_context(sky.troubled("database", Proxy.stall))
        await asyncio.sleep(READ_SECONDS)
        await sky.kill(*BEHIND)
    await stream


async def written_and_not_published(sky: Sky) -> None:
    """The broker is gone when it is time to publish, for longer than anybody tries."""
    await _dark(sky, sky.pieces[:4], "dark", dies=False)


async def died_unpublished(sky: Sky) -> None:
    """The same, and who has written dies before it can publish, workers included."""
    names = sky.pieces
    async with sky.market("etsy", slow_ms=SLOW_MS):
        body = {"marketplaces": ["etsy"]}
        for name in names[4:8]:
            await sky.told.desk.done(f"/items/{name}/deactivate", body, f"{name}/off", name)
            piece = sky.told.books.pieces[name]
            piece.shown = {**(piece.shown or {}), "etsy": "off"}
        await _dark(sky, names[:4], "gone", dies=True)


async def _dark(sky: Sky, pieces: Sequence[str], about: str, *, dies: bool) -> None:
    """Sold, read, then written while there is no broker."""
    async with AsyncExitStack() as database, AsyncExitStack() as broker:
        await database.enter_async_context(sky.troubled("database", Proxy.stall))
        selling = asyncio.create_task(sky.sell(pieces, about))
        await asyncio.sleep(READ_SECONDS)
        await broker.enter_async_context(sky.troubled("broker", Proxy.refuse))
        await database.aclose()
        await asyncio.sleep(DARK_SECONDS)
        if dies:
            await sky.kill(*BEHIND, *sky.workers)
    await selling


async def _stream(sky: Sky, lot: str) -> None:
    """One sale after the other, nobody waiting for the answers but in the end."""
    told, sales = [], []
    for n in range(int(STREAM_SECONDS / STREAM_GAP)):
        sale = asyncio.create_task(sell(sky.told, [(f"stream-{n}", lot)], "showroom"))
        told.append(sale)
        await asyncio.sleep(STREAM_GAP)
    for sale in told:
        sales += await sale
