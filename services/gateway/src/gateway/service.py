"""Builds the running gateway from settings."""

import asyncio
import json
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

import httpx2
import structlog
import uvicorn
from fastapi import FastAPI

from brocante.documents.driver import connect
from brocante.logging import configure
from brocante.marketplaces import MarketplaceEntry, load_marketplaces
from brocante.messaging.carrying import group_name
from brocante.messaging.consumer import Consumer
from brocante.messaging.health import PortTaken
from brocante.messaging.progress import Progress
from brocante.messaging.serving import Runtime, connect_runtime, until_there, watch_broker
from brocante.settings import BadConfiguration, load
from gateway.http.app import create_app
from gateway.http.context import Context
from gateway.records.access import SCOPES, Access, new_token
from gateway.records.commands import Commands
from gateway.records.dead_letters import DeadLetters
from gateway.records.history import History
from gateway.records.imports import Imports
from gateway.records.marketplaces import Marketplaces
from gateway.records.views import Views
from gateway.records.webhooks import Webhooks
from gateway.settings import GatewaySettings
from gateway.verification.ebay_keys import EbayKeys
from gateway.watching import TOPICS, Live, Watcher

log = structlog.get_logger()
EXIT_CONFIGURATION = 2
EXIT_BROKER_CHANGED = 75
NAME = "gateway"
BACKLOG = 512


def main(arguments: Sequence[str]) -> int:
    """Serve, or `bootstrap` an owner, or write the `openapi` description."""
    if arguments and arguments[0] == "openapi":
        sys.stdout.write(json.dumps(openapi(), indent=2) + "\n")
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


def openapi() -> dict[str, object]:
    """The OpenAPI description."""

    async def nothing() -> dict[str, str]:
        return {}

    return create_app(nothing, nothing).openapi()


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
        context, watcher = await self._context(runtime)
        group = group_name(self._settings, NAME, runtime.epoch.incarnation)
        self._consumer = Consumer(self._settings, TOPICS, group, watcher.handle, self._progress)
        await until_there(self._consumer.start, "kafka", self._progress)
        # What an earlier process kept and did not publish goes out before anything newer.
        await until_there(
            partial(context.commands.repeat, everything=True), "kafka", self._progress
        )
        await until_there(
            partial(context.webhooks.repeat, everything=True), "kafka", self._progress
        )
        self._app.state.context = context
        work = (context.commands, context.webhooks)
        forever = [one for part in work for one in (part.outbox.run_forever, part.repeat_forever)]
        repeats = [asyncio.create_task(one()) for one in forever]
        log.info("service_started", epoch=runtime.epoch.number, port=self._settings.http_port)
        try:
            await watch_broker(runtime, TOPICS)
            log.warning("broker_changed_starting_over")
            return EXIT_BROKER_CHANGED
        finally:
            for task in repeats:
                task.cancel()
            await self._consumer.stop()
            await runtime.close()

    async def _context(self, runtime: Runtime) -> tuple[Context, Watcher]:
        database, publisher = runtime.database, runtime.publisher
        repeat = self._settings.repeat_seconds
        views, history = Views(database), History(database)
        prefix = self._settings.topic_prefix
        commands = Commands(database, publisher, prefix, repeat)
        webhooks = Webhooks(database, publisher, prefix, repeat)
        letters = DeadLetters(database, publisher)
        places, access = Marketplaces(database), Access(database)
        imports = Imports(database, commands)
        for part in (views, history, commands, webhooks, letters, places, imports, access):
            await part.prepare()
        given = self._settings.owner_token
        if given is not None:
            await access.add_token(given.get_secret_value(), "main", SCOPES, "owner")
        live = Live()
        context = Context(
            self._settings,
            database,
            publisher,
            self._entries,
            access,
            commands,
            views,
            history,
            webhooks,
            letters,
            places,
            imports,
            live,
            _ebay_keys(self._entries),
        )
        watcher = Watcher(
            views,
            history,
            commands,
            webhooks,
            letters,
            places,
            live,
            publisher,
            prefix,
            runtime.epoch.number,
        )
        return context, watcher

    async def _alive(self) -> dict[str, str]:
        return {"progress": "nothing progresses"} if self._progress.stuck else {}

    async def _ready(self) -> dict[str, str]:
        problems = dict(self._progress.away)
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


def _ebay_keys(entries: dict[str, MarketplaceEntry]) -> dict[str, EbayKeys]:
    http = httpx2.AsyncClient(timeout=10, trust_env=False)
    keys = {}
    for marketplace, entry in entries.items():
        if entry.webhooks is not None and entry.webhooks.scheme == "ebay":
            base = entry.webhooks.key_url or entry.base_url
            secrets_of = entry.accounts[0].credentials if entry.accounts else {}
            plain = {name: value.get_secret_value() for name, value in secrets_of.items()}
            keys[marketplace] = EbayKeys(http, base, plain)
    return keys
