"""The broker is lost with what nobody has read yet, or with what nobody could publish."""

import asyncio
import signal
from contextlib import AsyncExitStack

from tests.chaos.proxies import Proxy
from tests.chaos.weather.sky import Sky

MOMENT = 1.5
LOTS, MANY = 4, 24


async def unread(sky: Sky) -> None:
    """Sales are recorded and said, and the broker takes them along before inventory heard."""
    sky.rigged.services.signal("inventory", signal.SIGSTOP)
    async with sky.fault("wipe", "broker"):
        await sky.sell(sky.pieces, "unread")
        sky.rigged.broker.kill()
        await sky.rigged.wipe()
    await sky.until_off(sky.pieces)


async def unpublished(sky: Sky) -> None:
    """Sold twice, written, not published, broker lost; soon the new one has gone further."""
    name = sky.pieces[0]
    lots = [(await sky.lot(f"lot-wipe-{n}", 2 * MANY)).name for n in range(LOTS)]
    await sky.sell([name], "first")
    await sky.until_quiet()
    selling = await _written_only(sky, name)
    async with sky.fault("wipe", "broker"):
        sky.rigged.broker.kill()
        await sky.rigged.replace_broker()
    for n in range(MANY):
        await sky.sell(lots, f"new-broker-{n}")
    body = {"price": {"amount": "905.00", "currency": "USD"}}
    for n in range(2):
        await sky.told.desk.done(f"/items/{name}", body, f"{name}/{n}", name, method="PATCH")
    await sky.rigged.resync()
    await selling
    sky.told.books.pieces[name].double = True


async def _written_only(sky: Sky, name: str) -> "asyncio.Task[object]":
    """The second sale is with inventory, which wrote it and could not say so; then it died."""
    services = sky.rigged.services
    services.signal("inventory", signal.SIGSTOP)
    selling: asyncio.Task[object] = asyncio.create_task(sky.sell([name], "second"))
    sale = f"second-{name}"
    await sky.until(lambda: sale in sky.told.recorder.sales, "the second sale to be recorded")
    async with AsyncExitStack() as database, AsyncExitStack() as broker:
        await database.enter_async_context(sky.troubled("database", Proxy.stall))
        services.signal("inventory", signal.SIGCONT)
        await asyncio.sleep(MOMENT)
        await broker.enter_async_context(sky.troubled("broker", Proxy.refuse))
        await database.aclose()
        await sky.until(lambda: sale in sky.stored("items", name), "inventory to write it down")
        await sky.kill("inventory")
    return selling
