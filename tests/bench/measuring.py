"""One measurement: prepare, let one contender do a load in its own process, look at the answers."""

import asyncio
import json
import os
import sys
import uuid
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from aiokafka.errors import KafkaError

from brocante.documents.driver import Driver
from tests.bench.answers import count_answers
from tests.bench.contenders.assignment import Assignment, Done, Kind
from tests.bench.loads.load import Load
from tests.bench.preparing import (
    delete_topics,
    drop_database,
    make_topics,
    preload,
    store_documents,
)
from tests.bench.servers import Servers

RUN_SECONDS = 300


class ContenderFailed(Exception):  # noqa: N818 - a finding about the contender
    """A contender's process ended without a result; its own words are on stderr."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A contender's result with what the topics show."""

    done: Done
    answered: int
    outputs: int


async def measure(
    servers: Servers,
    load: Load,
    kind: Kind,
    messages: int,
    driver: Driver = "motor",
    profile: Path | None = None,
) -> Measured:
    """Do a load once, on topics and a database of its own."""
    name = f"b{uuid.uuid4().hex[:8]}"
    assignment = Assignment(
        kind,
        load.name,
        messages,
        servers.kafka,
        servers.mongo,
        f"{name}.",
        name,
        driver,
        str(profile) if profile else None,
    )
    # The interpreter starts while everything is prepared.
    process = await _started()
    try:
        sent = await _prepared(load, assignment)
        done = await _result(process, assignment)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
    outputs = await count_answers(servers.kafka, assignment.prefix, load.publishes, sent)
    await drop_database(servers.mongo, assignment.database)
    # The embedded broker may not know how: its memory goes with it.
    with suppress(KafkaError):
        await delete_topics(servers.kafka, assignment.prefix, load.topics)
    return Measured(done, len(sent), outputs)


async def _prepared(load: Load, assignment: Assignment) -> set[str]:
    """Topics, documents, messages; the ids that must be answered."""
    messages = load.messages(assignment.messages)
    await make_topics(assignment.kafka, assignment.prefix, load.topics)
    await preload(assignment.kafka, [one.wire(assignment.prefix) for one in messages])
    await store_documents(
        assignment.mongo,
        assignment.database,
        load.table.routes[0].document.collection,
        load.documents(assignment.messages),
        assignment.kind,
    )
    return {one.id for one in messages if one.answered}


async def _started() -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bench.contender",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={k: v for k, v in os.environ.items() if not k.startswith("BROCANTE_")},
    )


async def _result(process: asyncio.subprocess.Process, assignment: Assignment) -> Done:
    assert process.stdin is not None
    assert process.stdout is not None
    await process.stdout.readline()
    process.stdin.write(json.dumps(asdict(assignment)).encode() + b"\n")
    await process.stdin.drain()
    line = await asyncio.wait_for(process.stdout.readline(), RUN_SECONDS)
    if not line:
        raise ContenderFailed(f"{assignment.kind} on {assignment.load} said nothing")
    return Done(**json.loads(line))
