"""Builds the running gateway from settings."""

import asyncio
import json
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

import structlog
import uvicorn
from fastapi import FastAPI

from brocante.documents.driver import connect
from brocante.exits import EXIT_BROKER_CHANGED, EXIT_CONFIGURATION
from brocante.logging import configure
from brocante.marketplaces import MarketplaceEntry, load_marketplaces
from brocante.messaging.carrying import carried_over, group_name
from brocante.messaging.consumer import Consumer
from brocante.messaging.health import PortTaken
from brocante.messaging.progress import Progress
from brocante.messaging.serving import Runtime, connect_runtime, until_there, watch_broker
from brocante.settings import BadConfiguration, load
from gateway.assembling import assemble, watcher
from gateway.domain import problem_pages
from gateway.http.app import create_app
from gateway.http.context import Context
from gateway.records.access import SCOPES, Access, new_token
from gateway.settings import GatewaySettings
from gateway.watching import TOPICS

log = structlog.get_logger()
NAME = "gateway"
BACKLOG = 512
REST_SECONDS = 0.025


def main(arguments: Sequence[str]) -> int:
    """Serve, `bootstrap` an owner, or write the `openapi` description or the `problems` page."""
    written = {"openapi": openapi, "problems": problem_pages.text}.get("".join(arguments[:1]))
    if written is not None:
        sys.stdout.write(written())
        return 0
    try:
        settings = load(GatewaySettings)
        if arguments and arguments[0] == "bootstrap":
            sys.stdout.write(json.dumps(asyncio.run(bootstrap(settings))) + "\n")
            return 0
        configure(settings, NAME)
        entries = load_marketplaces(settings.marketplaces)
        return asyncio.run(Process(settings, entries).run())
    except (BadConfiguration, PortTaken) as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_CONFIGURATION


def openapi() -> str:
    """The OpenAPI description as it is committed."""

    async def nothing() -> dict[str, str]:
        return {}

    return json.dumps(create_app(nothing, nothing).openapi(), indent=2) + "\n"


async def bootstrap(settings: GatewaySettings) -> dict[str, str]:
    """An owner of dealer `main`: a token with every scope, and a one-time sign-in path."""
    database = connect(settings.mongo, settings.database, settings.mongo_driver)
    try:
        access = Access(database)
        await access.prepare()
        given = settings.owner_token
        token = given.get_secret_value() if given else new_token()
        await access.add_token(token, "main", SCOPES, "owner")
        code = await access.new_sign_in("main")
    finally:
        await database.close()
    return {"token": token, "sign_in_path": f"/sign-in/{code}"}


class Process:
    """The gateway's process: HTTP from the first moment, ready once its back ends are there."""

    def __init__(self, settings: GatewaySettings, entries: dict[str, MarketplaceEntry]) -> None:
        self._settings = settings
        self._entries = entries
        self._progress = Progress(settings.watchdog_seconds)
        self._consumer: Consumer | None = None
        self._stop = asyncio.Event()
        self._app: FastAPI = create_app(self._alive, self._ready)

    async def run(self) -> int:
        """Run until told to stop; the process's exit code."""
        server = self._server()
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, self._stop.set)
        listening = _socket(self._settings)
        serving = asyncio.create_task(server._serve([listening]))  # noqa: SLF001 - serve() would take over the process's signals
        self._progress.watch()
        working = asyncio.create_task(self._work())
        stopping = asyncio.create_task(self._stop.wait())
        await asyncio.wait({working, stopping, serving}, return_when=asyncio.FIRST_COMPLETED)
        code = working.result() if working.done() else 0
        server.should_exit = True
        working.cancel()
        stopping.cancel()
        await asyncio.gather(working, return_exceptions=True)
        self._progress.stop()
        with suppress(asyncio.CancelledError):
            await serving
        log.info("service_stopped", exit_code=code)
        return code

    async def _work(self) -> int:
        runtime = await connect_runtime(self._settings, TOPICS, self._progress)
        made = await assemble(self._settings, self._entries, runtime)
        group = group_name(self._settings, NAME, runtime.epoch.incarnation)
        handle = watcher(made, runtime.epoch.number).handle
        carried = partial(carried_over, self._settings, NAME, runtime.epoch)
        consumer = Consumer(
            self._settings, TOPICS, group, handle, self._progress, carried, REST_SECONDS
        )
        self._consumer = consumer
        await until_there(consumer.start, "kafka", self._progress)
        # What an earlier process kept and did not publish goes out before anything newer.
        for kept in (made.commands, made.webhooks):
            await until_there(partial(kept.repeat, everything=True), "kafka", self._progress)
        self._app.state.context = made
        log.info("service_started", epoch=runtime.epoch.number, port=self._settings.http_port)
        return await self._until_changed(runtime, made, consumer)

    async def _until_changed(self, runtime: Runtime, made: Context, consumer: Consumer) -> int:
        kept = (made.commands, made.webhooks)
        forever = [one for part in kept for one in (part.outbox.run_forever, part.repeat_forever)]
        forever.append(made.views.standings.look_forever)
        if made.following is not None:
            forever.append(made.following.run_forever)
        working = [asyncio.create_task(one()) for one in forever]
        try:
            await watch_broker(runtime, TOPICS)
            log.warning("broker_changed_starting_over")
            return EXIT_BROKER_CHANGED
        finally:
            for task in working:
                task.cancel()
            await consumer.stop()
            await runtime.close()

    async def _alive(self) -> dict[str, str]:
        return {"progress": "nothing progresses"} if self._progress.stuck else {}

    async def _ready(self) -> dict[str, str]:
        problems = dict(self._progress.away)
        if getattr(self._app.state, "context", None) is None:
            problems["gateway"] = "starting"
        if self._consumer is None or not self._consumer.assigned.is_set():
            problems["group"] = "no partitions assigned yet"
        return problems

    def _server(self) -> uvicorn.Server:
        config = uvicorn.Config(
            self._app,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=2,
            backlog=BACKLOG,
        )
        return uvicorn.Server(config)


def _socket(settings: GatewaySettings) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.http_port))
    except OSError as error:
        listening.close()
        text = f"BROCANTE_HTTP_PORT: {settings.host}:{settings.http_port} is taken ({error})"
        raise PortTaken(text) from error
    return listening
