"""One measurement: prepare, let one contender do a load in its own process, look at the answers."""

import uuid
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from aiokafka.errors import KafkaError

from brocante.documents.driver import Driver
from tests.bench.answers import count_answers
from tests.bench.contenders.assignment import Assignment, Done
from tests.bench.contenders.process import Contender
from tests.bench.loads.load import Load
from tests.bench.preparing import (
    delete_topics,
    drop_database,
    make_topics,
    preload,
    store_documents,
)
from tests.bench.servers import Servers


@dataclass(frozen=True, slots=True)
class Measured:
    """A contender's result with what the topics show."""

    done: Done
    answered: int
    outputs: int


async def measure(
    servers: Servers,
    load: Load,
    contender: Contender,
    messages: int,
    driver: Driver = "motor",
    profile: Path | None = None,
) -> Measured:
    """Let a contender do a load once, on topics and a database of its own."""
    name = f"b{uuid.uuid4().hex[:8]}"
    assignment = Assignment(
        contender.kind,
        load.name,
        messages,
        servers.kafka,
        servers.mongo,
        f"{name}.",
        name,
        driver,
        str(profile) if profile else None,
        pids=servers.pids,
    )
    sent = await _prepared(load, assignment)
    done = await contender.does(assignment)
    outputs = await count_answers(servers.kafka, assignment.prefix, load.publishes, sent)
    await drop_database(servers.mongo, assignment.database)
    # The embedded broker may not know how: its memory goes with it.
    with suppress(KafkaError):
        await delete_topics(servers.kafka, assignment.prefix, load.topics)
    return Measured(done, len(sent), outputs)


async def _prepared(load: Load, assignment: Assignment) -> set[str]:
    """Topics, documents, messages; the ids that must be answered by themselves."""
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
    return {one.id for one in messages if one.answered and not one.spoken_for}
