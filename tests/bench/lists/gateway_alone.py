"""One gateway process on a seeded database, and its owner's token."""

import asyncio
import os
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2

from brocante.contracts.topics import topics_for
from brocante.documents.driver import connect
from brocante.messaging.cluster import apply_topics
from brocante.settings import Settings
from brocante_local.backends.ports import HOST, free_port
from gateway.records.access import SCOPES, Access, new_token
from tests.bench.lists.shop import seed
from tests.bench.loads.pieces import MARKETPLACES
from tests.bench.servers import Servers

READY_SECONDS = 120.0
LOOK_SECONDS = 0.1
DECLARED = """
[{slug}]
adapter = "{slug}"
base_url = "http://127.0.0.1:1"
[[{slug}.accounts]]
account = "main"
dealer = "main"
"""


@dataclass(frozen=True, slots=True)
class Shop:
    """A running gateway; `client` has the owner's token and session."""

    items: int
    client: httpx2.AsyncClient


@asynccontextmanager
async def shop(servers: Servers, items: int) -> AsyncIterator[Shop]:
    """A gateway with so many items, ready; ended and its database dropped with the block."""
    name = f"lists{uuid.uuid4().hex[:8]}"
    settings = Settings(kafka=servers.kafka, mongo=servers.mongo, topic_prefix=f"{name}.")
    database = connect(servers.mongo, name, timeout_ms=60_000)
    try:
        await seed(database, items)
        access, token = Access(database), new_token()
        await access.prepare()
        await access.add_token(token, "main", SCOPES, "owner")
        session = await access.sign_in(await access.new_sign_in("main"))
        await apply_topics(settings, topics_for(MARKETPLACES, prefix=f"{name}.", partitions=2))
        async with _process(servers, name) as url, _client(url, token, session) as client:
            await _ready(client)
            yield Shop(items, client)
    finally:
        await database.drop()
        await database.close()


def _client(url: str, token: str, session: str | None) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(
        base_url=url,
        headers={"Authorization": f"Bearer {token}"},
        cookies={"brocante_session": session or ""},
        timeout=60,
        trust_env=False,
    )


@asynccontextmanager
async def _process(servers: Servers, name: str) -> AsyncIterator[str]:
    with TemporaryDirectory(prefix="brocante-lists-") as folder:
        declared = Path(folder) / "marketplaces.toml"
        declared.write_text("".join(DECLARED.format(slug=slug) for slug in MARKETPLACES))
        async with _running(servers, name, declared) as url:
            yield url


@asynccontextmanager
async def _running(servers: Servers, name: str, declared: Path) -> AsyncIterator[str]:
    port = free_port()
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("BROCANTE_")},
        "BROCANTE_KAFKA": servers.kafka,
        "BROCANTE_MONGO": servers.mongo,
        "BROCANTE_TOPIC_PREFIX": f"{name}.",
        "BROCANTE_DATABASE": name,
        "BROCANTE_HTTP_PORT": str(port),
        "BROCANTE_PARTITIONS": "2",
        "BROCANTE_MARKETPLACES": str(declared),
        "BROCANTE_LOG_LEVEL": "WARNING",
    }
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "gateway", env=environment)
    try:
        yield f"http://{HOST}:{port}"
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _ready(client: httpx2.AsyncClient) -> None:
    async with asyncio.timeout(READY_SECONDS):
        while not await _is_ready(client):  # noqa: ASYNC110 - another process
            await asyncio.sleep(LOOK_SECONDS)


async def _is_ready(client: httpx2.AsyncClient) -> bool:
    try:
        return (await client.get("/readyz")).status_code == httpx2.codes.OK
    except httpx2.TransportError:
        return False
