"""A contender's process as the bench sees it: started once, given one assignment after another.

Rounds after the first find it warm, as a service is; the first one's start is not measured either.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict

from tests.bench.contenders.assignment import Assignment, Done, Kind

RUN_SECONDS = 300


class ContenderFailed(Exception):  # noqa: N818 - a finding about the contender
    """A contender's process ended without a result; its own words are on stderr."""


class Contender:
    """A running process of one kind."""

    def __init__(self, kind: Kind, process: asyncio.subprocess.Process) -> None:
        self.kind = kind
        self._process = process

    async def does(self, assignment: Assignment) -> Done:
        """Hand over an assignment and wait until it is done."""
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(asdict(assignment)).encode() + b"\n")
        await process.stdin.drain()
        line = await asyncio.wait_for(process.stdout.readline(), RUN_SECONDS)
        if not line:
            raise ContenderFailed(f"{assignment.kind} on {assignment.load} said nothing")
        return Done(**json.loads(line))


@asynccontextmanager
async def contender(kind: Kind) -> AsyncIterator[Contender]:
    """A process that ends with the block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bench.contender",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={k: v for k, v in os.environ.items() if not k.startswith("BROCANTE_")},
    )
    try:
        # Its imports are over before anything is measured.
        assert process.stdout is not None
        await process.stdout.readline()
        yield Contender(kind, process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@asynccontextmanager
async def contenders(kinds: Iterable[Kind]) -> AsyncIterator[Mapping[Kind, Contender]]:
    """One process of each kind, started together."""
    async with AsyncExitStack() as stack:
        started = await asyncio.gather(
            *(stack.enter_async_context(contender(kind)) for kind in kinds)
        )
        yield {one.kind: one for one in started}
