"""What the embedded broker needs: its topics, an eye on its memory, a resync when it is new."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import httpx2

from brocante.contracts.topics import topics_for
from brocante.messaging.cluster import apply_topics
from brocante.settings import Settings
from brocante_local.backends.child import DidNotStart

# It never gives memory back: past this it is replaced, and everything is said again.
MOST_BYTES = 1024**3
RESYNC_PAUSE = 0.5
HTTP_OK = range(200, 300)


async def make_topics(settings: Settings, marketplaces: tuple[str, ...]) -> list[str]:
    """Create what is missing; the names created. DidNotStart when the broker will not."""
    topics = topics_for(marketplaces, prefix=settings.topic_prefix, partitions=settings.partitions)
    try:
        return await apply_topics(settings, topics)
    except Exception as error:
        raise DidNotStart(f"Kafka at {settings.kafka} does not make topics: {error!r}") from error


async def resync(http: str, token: str) -> None:
    """Ask for a resync until the gateway takes it."""
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx2.AsyncClient(
        base_url=http, headers=headers, timeout=30, trust_env=False
    ) as client:
        while True:
            try:
                answer = await client.post("/api/v1/resync", json={})
                if answer.status_code in HTTP_OK:
                    return
                sys.stderr.write(f"resync not taken yet: {answer.status_code} {answer.text}\n")
            except httpx2.TransportError:
                # The gateway is starting.
                pass
            await asyncio.sleep(RESYNC_PAUSE)


def memory_bytes(pid: int) -> int:
    """What a process occupies in memory; 0 when it is gone."""
    statm = Path(f"/proc/{pid}/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    asked = subprocess.run(  # noqa: S603 - where there is no /proc
        ["/bin/ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return int(asked.stdout.strip() or 0) * 1024
