"""A time limit on every wait of the rig: when it is over, that is a finding and not a hang."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class TooLong(Exception):  # noqa: N818 - a finding about what was awaited
    """What was awaited did not come; the text says what it was and how long it was waited for."""


@asynccontextmanager
async def within(seconds: float, what: str) -> AsyncIterator[None]:
    """Do it in time, or raise TooLong naming what was awaited."""
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            yield
    except TimeoutError as error:
        if not limit.expired():
            raise TooLong(f"failed while waiting for {what}: {error!r}") from error
        raise TooLong(f"waited {seconds:g} s in vain for {what}") from error
