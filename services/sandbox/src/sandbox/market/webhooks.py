"""Sends queued webhooks until they are accepted, and takes down what was rejected late."""

import asyncio
import contextlib
from datetime import timedelta

import httpx2
import structlog

from sandbox.market.clock import rfc3339
from sandbox.market.market import Market, Marketplace
from sandbox.market.metrics import Metrics
from sandbox.market.store import Record

AT_ONCE = 16
IDLE_SECONDS = 0.25
log = structlog.get_logger()


class Sender:
    """One task that looks for due work; state is in the store, so a restart goes on with it."""

    def __init__(self, market: Market, places: dict[str, Marketplace], metrics: Metrics) -> None:
        self._market = market
        self._places = places
        self._metrics = metrics
        self._woken = asyncio.Event()
        self._busy: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        market.wake = self._woken.set

    async def run(self) -> None:
        """Work until canceled."""
        timeout = httpx2.Timeout(self._market.settings.webhook_timeout_seconds)
        async with httpx2.AsyncClient(timeout=timeout, follow_redirects=False) as client:
            try:
                while True:
                    self._reject_late()
                    self._start_due(client)
                    await self._pause()
            finally:
                for task in self._tasks:
                    task.cancel()

    async def _pause(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), IDLE_SECONDS)
        self._woken.clear()

    def _start_due(self, client: httpx2.AsyncClient) -> None:
        now = self._market.clock.stamp()
        for key, delivery in self._market.store.all("delivery").items():
            if len(self._busy) >= AT_ONCE:
                break
            if key in self._busy or delivery["due"] > now:
                continue
            self._busy.add(key)
            task = asyncio.create_task(self._deliver(client, key, delivery))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _deliver(self, client: httpx2.AsyncClient, key: str, delivery: Record) -> None:
        try:
            url = self.url(delivery["marketplace"], delivery["account"])
            status = None if url is None else await self._post(client, url, delivery)
            with self._market.store.transaction():
                self._settle(key, delivery, status)
        finally:
            self._busy.discard(key)
            self._woken.set() if len(self._busy) == AT_ONCE - 1 else None

    async def _post(self, client: httpx2.AsyncClient, url: str, delivery: Record) -> int | None:
        place = self._places[delivery["marketplace"]]
        seller = self._market.accounts.find(delivery["marketplace"], delivery["account"])
        headers = {"content-type": "application/json", **delivery["headers"]}
        headers |= place.signed(seller, delivery)
        try:
            answer = await client.post(url, content=delivery["body"].encode(), headers=headers)
        except httpx2.HTTPError as error:
            log.info("webhook_not_delivered", topic=delivery["topic"], reason=type(error).__name__)
            return None
        return answer.status_code

    def _settle(self, key: str, delivery: Record, status: int | None) -> None:
        marketplace, account = delivery["marketplace"], delivery["account"]
        self._market.ledger.webhook(
            marketplace, account, delivery["topic"], delivery["id"], status=status
        )
        self._metrics.webhook(marketplace, status)
        if self._market.store.get("delivery", key) is None:
            return
        if status is not None and 200 <= status < 300:  # noqa: PLR2004 - HTTP's own class
            self._market.store.delete("delivery", key)
            return
        attempts = delivery["attempts"] + 1
        gap = min(self._market.settings.webhook_retry_seconds, 0.5 * 2 ** min(attempts, 16))
        due = rfc3339(self._market.clock.now() + timedelta(seconds=gap))
        self._market.store.put("delivery", key, delivery | {"attempts": attempts, "due": due})

    def url(self, marketplace: str, account: str) -> str | None:
        """Where an account's webhooks go; None while nobody said."""
        store = self._market.store
        target = store.get("target", f"{marketplace}/{account}") or store.get("target", "*")
        seller = self._market.accounts.find(marketplace, account)
        base = target["url"] if target else seller.gateway or self._market.settings.gateway
        return f"{base.rstrip('/')}/webhooks/{marketplace}/{account}" if base else None

    def _reject_late(self) -> None:
        now = self._market.clock.stamp()
        due = [(k, r) for k, r in self._market.store.all("rejection").items() if r["due"] <= now]
        for key, rejection in due:
            shown = self._market.listings.by_id(rejection["marketplace"], rejection["external_id"])
            with self._market.store.transaction():
                self._market.store.delete("rejection", key)
                if shown is not None and shown.state == "active":
                    self._places[shown.marketplace].take_down(shown)
