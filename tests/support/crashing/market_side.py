"""A worker as its process runs it, on a marketplace that stays when the worker dies."""

from dataclasses import dataclass, replace
from typing import Any
from unittest import mock

from brocante.contracts.topics import (
    DEAD_LETTERS,
    MARKETPLACE_COMMANDS,
    MARKETPLACE_EVENTS,
    MARKETPLACE_WEBHOOKS,
    SALES_COMMANDS,
)
from brocante.marketplaces import AccountEntry, MarketplaceEntry
from brocante.messaging.progress import Progress
from brocante.messaging.serving import Runtime, connect_runtime, until_there
from marketplace_sync.marketplaces.calls import Call, Response
from marketplace_sync.marketplaces.contract import RetryLater, Unauthorized, Unknown, Window
from marketplace_sync.settings import WorkerSettings
from marketplace_sync.worker import Worker
from tests.support.crashing.servers import Servers

MARKETPLACE = "ebay"
COMMANDS = MARKETPLACE_COMMANDS.format(marketplace=MARKETPLACE)
WEBHOOKS = MARKETPLACE_WEBHOOKS.format(marketplace=MARKETPLACE)
OFF_SALE = frozenset({"deactivate", "hold"})
WINDOWS = (Window("day", 100_000, 86_400.0), Window("moment", 5, 0.2))
SETTINGS = WorkerSettings(
    sweep_seconds=2, requirements_poll_seconds=2, call_seconds=5, calls_at_once=3
)


class Gated:
    """An adapter whose calls pass the gate, as those over HTTP do."""

    slug = MARKETPLACE

    def __init__(self, market: Any, gate: Any, observe: Any) -> None:
        self._market = market
        self._gate = gate
        self._observe = observe
        self.capabilities = replace(market.capabilities, windows=WINDOWS)

    def decode(self, headers: Any, body: bytes) -> Any:
        """No call."""
        return self._market.decode(headers, body)

    def __getattr__(self, operation: str) -> Any:
        async def call(*arguments: Any) -> Any:
            one = Call("POST", "/", operation, operation in OFF_SALE)
            refused = await self._gate(one)
            if refused is not None:
                return refused
            answer = await getattr(self._market, operation)(*arguments)
            said = isinstance(answer, RetryLater | Unknown | Unauthorized)
            self._observe(one, answer if said else Response(200, {}, None, ""), 0.0)
            return answer

        return call


@dataclass
class WorkerProcess:
    """The worker of one marketplace with one account."""

    servers: Servers
    runtime: Runtime | None = None
    worker: Worker | None = None

    async def start(self) -> None:
        """Find the back ends, then intake and the loops."""
        progress = Progress(60)
        topics = [COMMANDS, WEBHOOKS, MARKETPLACE_EVENTS, SALES_COMMANDS, DEAD_LETTERS]
        runtime = self.runtime = await connect_runtime(SETTINGS, topics, progress)
        accounts = (AccountEntry(account="shop"),)
        entry = MarketplaceEntry(adapter="fake", base_url="https://fake.invalid", accounts=accounts)

        def build(*_: Any, gate: Any, observe: Any, **__: Any) -> Gated:
            return Gated(self.servers.market, gate, observe)

        with mock.patch("marketplace_sync.worker.build", build):
            self.worker = Worker(MARKETPLACE, entry, SETTINGS, runtime)
        await until_there(self.worker.start, "kafka", progress)

    async def stop(self) -> None:
        """In the order in which the frame does it."""
        if self.worker is not None:
            await self.worker.stop()
        if self.runtime is not None:
            await self.runtime.close()

    def problems(self) -> dict[str, str]:
        """What the worker says."""
        return self.worker.problems() if self.worker else {"worker": "starting"}
