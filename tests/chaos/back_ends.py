"""The broker and the database of a run, each behind a proxy whose address never changes."""

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Protocol

from brocante_local.backends import apache_kafka, embedded
from brocante_local.backends.child import Child, Launch
from brocante_local.backends.ports import HOST, free_port
from brocante_local.backends.probes import mongo_answers
from tests.chaos.proxies import Proxy
from tests.chaos.wish import Wish

START_SECONDS = 60.0
STOP_SECONDS = 10.0


class BackEnd(Protocol):
    """What a fault can do to a server."""

    proxy: Proxy

    def pause(self) -> None:
        """Stop the process where it is."""
        ...

    def go_on(self) -> None:
        """Let it go on."""
        ...


class Server:
    """A server process behind a proxy; started again by whoever stopped it."""

    def __init__(self, name: str, launch: Callable[[], Launch], proxy: Proxy, log: Path) -> None:
        self.name = name
        self.proxy = proxy
        self._launch = launch
        self._log = log
        self._launched: Launch | None = None
        self.child: Child | None = None

    async def start(self, *, afresh: bool = True) -> None:
        """Start it, with nothing of what it knew when `afresh` (a broker), and wait for it."""
        if afresh or self._launched is None:
            # Formatting a folder takes a JVM's start: the proxies must go on meanwhile.
            self._launched = await asyncio.to_thread(self._launch)
        child = self.child = Child(self._launched, self._log)
        await asyncio.to_thread(child.wait_until_ready, START_SECONDS)

    def kill(self) -> None:
        """End it as a crash would."""
        self.go_on()
        if self.child is not None:
            self.child.stop(0)

    def pause(self) -> None:
        """SIGSTOP."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    async def stop(self) -> None:
        """End it in order."""
        self.go_on()
        if self.child is not None:
            await asyncio.to_thread(self.child.stop, STOP_SECONDS)

    def _signal(self, number: signal.Signals) -> None:
        if self.child is not None and self.child.exit_code is None:
            with suppress(ProcessLookupError):
                os.kill(self.child.pid, number)


class Elsewhere:
    """A server somebody else runs: only the way to it can fail."""

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy

    def pause(self) -> None:
        """Stall the way to it."""
        self.proxy.stall()

    def go_on(self) -> None:
        """Let the way carry again."""
        self.proxy.heal()

    async def start(self) -> None:
        """Nothing: it runs."""

    async def stop(self) -> None:
        """Nothing: it goes on."""


def broker(wish: Wish, proxy: Proxy, folder: Path) -> Server:
    """The broker a run asks for; `proxy` listens already, for clients are told its port."""
    port = proxy.target
    if wish.kafka == "embedded":
        launch: Callable[[], Launch] = partial(embedded.kafka, port, proxy.port)
    else:
        controller, numbers = free_port(), iter(range(10_000))

        def launch() -> Launch:
            fresh = folder / "apache-kafka" / str(next(numbers))
            return apache_kafka.launch(port, controller, fresh, proxy.port)

    return Server("kafka", launch, proxy, folder / "logs" / "kafka.log")


def database(wish: Wish, proxy: Proxy, folder: Path) -> Server | Elsewhere:
    """The database a run asks for; its data survives a restart."""
    port, log = proxy.target, folder / "logs" / "mongo.log"
    if wish.mongo == "embedded":
        return Server("mongo", partial(embedded.mongo, port, folder / "mongo"), proxy, log)
    if wish.mongo == "fast":
        launch = partial(_fast, wish.mongo_binary, port, folder / "mongo")
        return Server("mongo", launch, proxy, log)
    return Elsewhere(proxy)


def _fast(binary: str, port: int, storage: Path) -> Launch:
    argv = [
        *(binary, f"--host={HOST}", f"--port={port}", f"--storage-path={storage}"),
        *("--log-level=WARNING", "--cache-size=1G"),
    ]
    address = f"mongodb://{HOST}:{port}/?directConnection=true"
    return Launch("mongo", argv, address, partial(mongo_answers, HOST, port))


def port_of(mongo: str) -> int:
    """Where a database that somebody else runs listens on this machine; else a free port."""
    if not mongo.startswith("mongodb://"):
        return free_port()
    address = mongo.removeprefix("mongodb://").split("/")[0].rsplit("@", maxsplit=1)[-1]
    return int(address.rsplit(":", maxsplit=1)[-1])
