"""How the services keep up, looked at when somebody asks and at most every few seconds."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from time import monotonic

from brocante.contracts.parties import CHANNELS, SERVICES, WORKERS
from brocante.documents.driver import Database
from brocante.messaging.epoch import Epochs
from brocante.messaging.flow import Flow, KafkaError, look
from brocante.settings import Settings

GOOD_FOR_SECONDS = 3.0


class Flows:
    """One look for everybody who asks within a few seconds."""

    def __init__(self, settings: Settings, database: Database, marketplaces: Sequence[str]) -> None:
        self._settings = settings
        self._epochs = Epochs(database)
        self._readers = readers(marketplaces)
        self._seen: tuple[float, Flow] | None = None
        self._looking = asyncio.Lock()

    async def now(self) -> Flow | None:
        """What waits for whom; None when the broker does not say."""
        async with self._looking:
            if self._seen is None or monotonic() - self._seen[0] > GOOD_FOR_SECONDS:
                epoch = await self._epochs.current()
                if epoch is None:
                    return None
                try:
                    flow = await look(self._settings, self._readers, epoch.incarnation)
                except KafkaError:
                    return None
                self._seen = monotonic(), flow
            return self._seen[1]


def readers(marketplaces: Sequence[str]) -> dict[str, list[str]]:
    """The topics each service reads; each marketplace has a worker of its own."""
    found: dict[str, list[str]] = defaultdict(list)
    for channel in CHANNELS:
        for reader in (one for one in channel.readers if one in SERVICES):
            if reader != WORKERS:
                found[reader].append(channel.topic)
                continue
            for marketplace in marketplaces:
                topic = channel.topic.format(marketplace=marketplace)
                found[f"{WORKERS}-{marketplace}"].append(topic)
    return dict(found)
