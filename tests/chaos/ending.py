"""Ending what goes on beside the run."""

import asyncio
from contextlib import suppress


async def ended(task: asyncio.Task[None]) -> None:
    """Cancel and wait until it is over; what it failed of before is raised."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
