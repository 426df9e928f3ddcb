"""Everything said is on the topics a second time, as after a producer that was not sure."""

from tests.chaos.weather.sky import Sky

PRICES = ("901.00", "902.00")


async def echoes(sky: Sky) -> None:
    """Sales, cancellations, prices and targets, each sent again while they are still fresh."""
    told, heard = sky.told, sky.wires
    pieces = sky.pieces[:6]
    lot = await sky.lot("lot-echo")
    since = len(heard)
    await sky.sell([lot.name, *pieces[:3]], "once")
    for amount in PRICES:
        body = {"price": {"amount": amount, "currency": "USD"}}
        name = pieces[3]
        await told.desk.done(f"/items/{name}", body, f"{name}/{amount}", name, method="PATCH")
    for name in pieces[4:]:
        await _off_and_on(sky, name)
    async with sky.fault("echo", "every topic"):
        await _again(sky, since)
        await _again(sky, since)


async def _off_and_on(sky: Sky, name: str) -> None:
    """Off sale on one marketplace and on again: the echo of the first comes after the second."""
    for what in ("deactivate", "activate"):
        path, body = f"/items/{name}/{what}", {"marketplaces": ["etsy"]}
        await sky.told.desk.done(path, body, f"{name}/{what}", name)


async def _again(sky: Sky, since: int) -> None:
    await sky.again([w for w in sky.wires[since:] if w.topic != "dead-letters"])
    await sky.until_quiet()
