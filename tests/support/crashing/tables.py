"""Scenarios of the services that are nothing but a table: sales and inventory."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from brocante.contracts.envelope import Decoded, decode, encode
from brocante.contracts.message import Message
from brocante.contracts.topics import DEAD_LETTERS
from brocante.messaging.deciding import ServiceTable
from brocante.messaging.progress import Progress
from brocante.messaging.running import RunningService
from brocante.messaging.serving import Runtime, connect_runtime, until_there, watch_broker
from brocante.messaging.wire import Wire
from brocante.settings import Settings
from tests.support import toy
from tests.support.crashing.servers import Servers

MOMENT = re.compile(r'"[0-9]{4}-[0-9]{2}-[0-9]{2}T[^"]*"')


@dataclass
class TableProcess:
    """A service as its process runs it, without the frame that handles signals."""

    table: ServiceTable
    settings: Settings = field(default_factory=Settings)
    runtime: Runtime | None = None
    service: RunningService | None = None
    watching: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Find the back ends, then start the service."""
        progress = Progress(60)
        topics = [*self.table.topics, self.table.events_topic, DEAD_LETTERS]
        runtime = self.runtime = await connect_runtime(self.settings, topics, progress)
        self.service = RunningService(
            self.table,
            self.settings,
            runtime.database,
            runtime.epoch,
            runtime.publisher,
            progress,
        )
        await until_there(self.service.start, "kafka", progress)
        self.watching = asyncio.create_task(watch_broker(runtime, topics))

    async def stop(self) -> None:
        """In the order in which the frame does it."""
        if self.watching is not None:
            self.watching.cancel()
        if self.service is not None:
            await self.service.stop()
        if self.runtime is not None:
            await self.runtime.close()

    def problems(self) -> dict[str, str]:
        """What the service says."""
        return self.service.problems() if self.service else {"service": "starting"}


def says(topic: str, *commands: tuple[str, Message]) -> Callable[[Servers], None]:
    """Prepares a stage: an app publishes these commands under these ids."""

    def prepare(servers: Servers) -> None:
        for id_, message in commands:
            value, headers = encode(toy.envelope(message, id_), message)
            servers.broker.publish(Wire(topic, f"main/{message.key}".encode(), value, headers))

    return prepare


def said(servers: Servers, topic: str) -> list[Decoded]:
    """What is on a topic, each message once."""
    found = [decode(record.value, record.headers) for record in servers.broker.read(topic)]
    return list({(one.envelope.source, one.envelope.id): one for one in found}.values())


def because_of(servers: Servers, topic: str, cause: str) -> list[Message]:
    """What was said because of a message."""
    return [d.message for d in said(servers, topic) if d.envelope.causation_id == cause]


def unrest(servers: Servers, group: str, topics: tuple[str, ...]) -> list[str]:
    """What is not at rest: records not committed, outputs unsent, dead letters."""
    done = servers.broker.done(group)
    wrong = [
        f"{place} is committed to {done.get(place, 0)} of {end}"
        for place, end in servers.broker.ends(topics).items()
        if done.get(place, 0) != end
    ]
    for name, documents in servers.database.stored.items():
        wrong += [f"{name}/{id_} is unsent" for id_, one in documents.items() if "unsent" in one]
    return wrong


def origins(servers: Servers) -> int:
    """Of how many records there are dead letters."""
    return len({dict(one.headers)["x-origin"] for one in servers.broker.read(DEAD_LETTERS)})


def states(servers: Servers, collection: str) -> dict[str, Any]:
    """The states of a collection's documents, without moments: those differ from run to run."""
    found = servers.database.stored.get(collection, {})
    kept = {id_: MOMENT.sub('"moment"', one["state"] or "null") for id_, one in found.items()}
    return {id_: json.loads(text) for id_, text in kept.items()}


def differing_ids(servers: Servers, topic: str) -> list[str]:
    """Two ids for the same thing said because of the same message."""
    things = Counter(
        (one.envelope.causation_id, one.envelope.type, repr(one.message))
        for one in said(servers, topic)
        if one.envelope.causation_id is not None
    )
    return [f"{thing} was said under {n} ids" for thing, n in things.items() if n > 1]
