"""Marketplaces in a bad mood: cut off, away, too busy, not sure that a webhook arrived."""

import asyncio
import time

from tests.chaos.books import Sale
from tests.chaos.chapters import NOWHERE
from tests.chaos.weather.sky import Sky

AWAY_SECONDS = 6.0
BUSY_SECONDS = 3.0
LATER_SECONDS = 45.0
"""Longer than a worker that begins anew waits for the account of the one that died."""


async def cut_off(sky: Sky) -> None:
    """Listings are created, and nobody hears that they were."""
    names = await sky.new(4)
    async with sky.market("etsy", cut_after=1.0):
        activated = asyncio.create_task(sky.activate(names))
        await asyncio.sleep(BUSY_SECONDS)
    await activated


async def away(sky: Sky) -> None:
    """A marketplace answers nothing but errors while pieces are sold elsewhere."""
    async with sky.market("shopify", server_error=1.0):
        await sky.sell(sky.pieces, "away")
        await asyncio.sleep(AWAY_SECONDS)


async def busy(sky: Sky) -> None:
    """A marketplace says when it wants to be asked again; who was told so dies."""
    async with sky.market("etsy", rate_limited=1.0, retry_after_s=LATER_SECONDS):
        await sky.sell(sky.pieces, "busy")
        await asyncio.sleep(BUSY_SECONDS)
        await sky.kill("marketplace-sync-etsy")
        await asyncio.sleep(LATER_SECONDS - BUSY_SECONDS)


async def twice_told(sky: Sky) -> None:
    """Every webhook is delivered twice."""
    async with sky.market("ebay", duplicate_webhooks=1.0):
        await asyncio.gather(*(bought(sky, name, "ebay") for name in sky.pieces[:4]))
        await sky.until_off(sky.pieces[:4])
        await sky.until_quiet()


async def bought(sky: Sky, name: str, place: str) -> None:
    """A buyer buys a piece on a marketplace."""
    told, now = sky.told, time.time()
    order = await told.fair.buy(place, name)
    piece = told.books.pieces[name]
    if order is None:
        told.books.skip(piece, f"nobody could buy it on {place}")
        return
    told.books.sell(Sale(order["sale_id"], name, place, now, "order", told.phase))
    piece.shown = dict(NOWHERE)
