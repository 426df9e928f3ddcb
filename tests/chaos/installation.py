"""A whole installation under the rig: back ends and services, with a proxy on every way."""

import asyncio
import json
import sys
from contextlib import suppress
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient

from brocante.contracts.topics import topics_for
from brocante.settings import Settings
from brocante_local.backends.ports import HOST, free_port
from brocante_local.supervisor import broker as supervisor
from brocante_local.supervisor.data_dir import DataDir
from brocante_local.supervisor.layout import MARKETPLACES, Layout
from brocante_local.supervisor.layout import Wish as Asked
from brocante_local.supervisor.marketplaces_file import LIMITS, marketplaces_toml
from tests.chaos.back_ends import Elsewhere, Server, broker, database, port_of
from tests.chaos.proxies import Proxy
from tests.chaos.recorder import Recorder
from tests.chaos.services import Services, sandbox_proxy_url
from tests.chaos.wish import Wish

BROKERLESS_STOP_SECONDS = 2.0
READY_SECONDS = 0.3
TOPICS = [topic.name for topic in topics_for(MARKETPLACES)]


class Rigged:
    """Everything that runs for one run, and the address of each part."""

    def __init__(self, wish: Wish, folder: Path) -> None:
        self._wish = wish
        self._folder = folder
        self.ways = {
            "broker": Proxy("broker", free_port()),
            "database": Proxy("database", port_of(wish.mongo)),
            "sandbox": Proxy("sandbox", 0),
        }
        self.token = ""
        self.kafka = ""
        self.mongo_direct = (
            f"mongodb://{HOST}:{self.ways['database'].target}/?directConnection=true"
        )
        self._watching: asyncio.Task[None] | None = None
        self.broker: Server
        self.database: Server | Elsewhere
        self.layout: Layout
        self.services: Services
        self.recorder: Recorder

    async def start(self) -> None:
        """Start everything; ready when it returns."""
        for way in self.ways.values():
            await way.start(free_port())
        self.kafka = f"{HOST}:{self.ways['broker'].port}"
        mongo = f"mongodb://{HOST}:{self.ways['database'].port}/?directConnection=true"
        self.broker = broker(self._wish, self.ways["broker"], self._folder)
        self.database = database(self._wish, self.ways["database"], self._folder)
        data = DataDir(self._folder / "data")
        data.path.mkdir(parents=True)
        self.layout = Layout(data, Asked(kafka=self.kafka, mongo=mongo))
        self.ways["sandbox"].target = int(self.layout.sandbox.rsplit(":", maxsplit=1)[-1])
        self.services = Services(
            self.layout,
            plant=self._wish.plant,
            idempotent=self._wish.kafka == "apache",
            settings=self._wish.settings,
        )
        self.services.told_sandbox(
            {
                "PUBLIC_URL": sandbox_proxy_url(self.ways["sandbox"].port),
                "LIMITS__ETSY_PER_SECOND": str(self._wish.etsy_per_second),
            }
        )
        keep = self._folder / "topics.jsonl" if self._wish.report else None
        self.recorder = Recorder(self.kafka, TOPICS, keep)
        self.services.sandbox.start()
        await asyncio.gather(
            self.broker.start(), self.database.start(), self.services.sandbox.ready()
        )
        await self._topics()
        below = {"second": self._wish.etsy_per_second * 5 // 9, "day": 900_000}
        told = await marketplaces_toml(self.layout.sandbox, {**LIMITS, "etsy": below})
        data.write_private(data.marketplaces, told)
        self.recorder.follow()
        await asyncio.gather(self.services.start(), self._bootstrap())
        self._watching = asyncio.create_task(self.services.watch())

    async def wipe(self) -> None:
        """The broker dies and another, empty one takes its place, as `brocante up` does it.

        Returns once the gateway has taken the resync.
        """
        await self.replace_broker()
        await self.resync()

    async def resync(self) -> None:
        """Have everything said again, as after any loss of a broker."""
        await supervisor.resync(self.layout.http, self.token)

    async def replace_broker(self) -> None:
        """Another, empty broker; returns once the gateway is ready.

        A durable one every other time: between, it stays and its topics are deleted.
        """
        await self.recorder.leave()
        await self.services.stop_all(BROKERLESS_STOP_SECONDS)
        if self.keeps_nothing or self.recorder.incarnation % 2:
            self.broker.kill()
            await self.broker.start(afresh=True)
        else:
            await self._no_topics()
        await self._topics()
        self.recorder.follow()
        self.services.start_all()
        while not (await self.services.ready())["gateway"]:  # noqa: ASYNC110 - another process
            await asyncio.sleep(READY_SECONDS)

    @property
    def keeps_nothing(self) -> bool:
        """Whether the broker has nothing but memory."""
        return self._wish.kafka == "embedded"

    def broker_bytes(self) -> int:
        """What the embedded broker occupies: it never gives memory back."""
        child = self.broker.child
        return supervisor.memory_bytes(child.pid) if child is not None else 0

    def heal_ways(self) -> None:
        """Let every way carry everything again."""
        for way in self.ways.values():
            way.heal()

    async def stop(self) -> None:
        """Stop everything; nothing is left running."""
        if self._watching is not None:
            self._watching.cancel()
            with suppress(asyncio.CancelledError):
                await self._watching
        self.heal_ways()
        await self.recorder.leave()
        await self.services.stop_all(5.0)
        await self.services.sandbox.stop(5.0)
        await asyncio.gather(self.broker.stop(), self.database.stop())
        for way in self.ways.values():
            await way.stop()
        self.recorder.close()

    async def _no_topics(self) -> None:
        """Delete every topic, and wait until the broker has forgotten them."""
        admin = AIOKafkaAdminClient(bootstrap_servers=[self.kafka])
        await admin.start()
        try:
            await admin.delete_topics(TOPICS)
            while set(await admin.list_topics()) & set(TOPICS):  # noqa: ASYNC110 - another process
                await asyncio.sleep(READY_SECONDS)
        finally:
            await admin.close()

    async def _topics(self) -> None:
        settings = Settings(kafka=self.kafka)
        await supervisor.make_topics(settings, MARKETPLACES)

    async def _bootstrap(self) -> None:
        asked = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "gateway", "bootstrap", "--json"),
            stdout=asyncio.subprocess.PIPE,
            env=self.layout.gateway_environment(),
        )
        output, _ = await asked.communicate()
        self.token = json.loads(output)["token"]
