"""The broker's epoch: a number in the database under which offsets mean something.

Raised by every resync and whenever the cluster's id or a topic's id changes. The *incarnation*
rises only in the latter case and is part of every group's name, so that a group never trusts the
offsets of a broker that is gone (docs/architecture.md, Losing the broker).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from brocante.documents.driver import Database, DuplicateKeyError
from brocante.messaging.cluster import Cluster

COLLECTION = "broker"
ID = "broker"


@dataclass(frozen=True, slots=True)
class Epoch:
    """The epoch now, the incarnation of the broker, and which services resynced in which epoch."""

    number: int
    incarnation: int
    version: int
    cluster_id: str
    topic_ids: Mapping[str, str]
    resynced: Mapping[str, int]


class Epochs:
    """Reads and raises the epoch; every change is guarded by version."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._broker = database.collection(COLLECTION)

    async def prepare(self) -> None:
        """Create the collection."""
        await self._database.create_collections(COLLECTION)

    async def current(self) -> Epoch | None:
        """The epoch as stored, or None before the first start."""
        stored = await self._broker.find_one({"_id": ID})
        if stored is None:
            return None
        return Epoch(
            stored["epoch"],
            stored["incarnation"],
            stored["version"],
            stored["cluster_id"],
            dict(stored["topic_ids"]),
            dict(stored["resynced"]),
        )

    async def adopt(self, cluster: Cluster) -> tuple[Epoch, bool]:
        """The epoch for this cluster, raised when it is another one; and whether it was raised.

        Topics not seen before are added without raising; a topic that changed its id raises.
        """
        while True:
            now = await self.current()
            ids = {name: topic.topic_id for name, topic in cluster.topics.items()}
            if now is None:
                fresh = Epoch(1, 1, 1, cluster.cluster_id, ids, {})
                if await self._insert(fresh):
                    return fresh, True
                continue
            changed = now.cluster_id != cluster.cluster_id or any(
                now.topic_ids.get(name, topic_id) != topic_id for name, topic_id in ids.items()
            )
            if not changed and set(ids) <= set(now.topic_ids):
                return now, False
            following = Epoch(
                now.number + (1 if changed else 0),
                now.incarnation + (1 if changed else 0),
                now.version + 1,
                cluster.cluster_id,
                ids if changed else {**now.topic_ids, **ids},
                now.resynced,
            )
            if await self._replace(now, following):
                return following, changed

    async def raise_for_resync(self) -> Epoch:
        """A new epoch on the same broker, for a resync."""
        while True:
            now = await self.current()
            if now is None:
                now = Epoch(0, 1, 0, "", {}, {})
                following = Epoch(1, 1, 1, "", {}, {})
                if await self._insert(following):
                    return following
                continue
            following = Epoch(
                now.number + 1,
                now.incarnation,
                now.version + 1,
                now.cluster_id,
                now.topic_ids,
                now.resynced,
            )
            if await self._replace(now, following):
                return following

    async def completed(self, service: str, epoch: int) -> None:
        """Note that a service has said everything again in an epoch."""
        while True:
            now = await self.current()
            if now is None or now.resynced.get(service, 0) >= epoch:
                return
            following = Epoch(
                now.number,
                now.incarnation,
                now.version + 1,
                now.cluster_id,
                now.topic_ids,
                {**now.resynced, service: epoch},
            )
            if await self._replace(now, following):
                return

    async def _insert(self, epoch: Epoch) -> bool:
        try:
            await self._broker.insert_one(_stored(epoch))
        except DuplicateKeyError:
            return False
        return True

    async def _replace(self, now: Epoch, following: Epoch) -> bool:
        where = {"_id": ID, "version": now.version}
        return await self._broker.replace_one(where, _stored(following)) == 1


def _stored(epoch: Epoch) -> dict[str, object]:
    return {
        "_id": ID,
        "epoch": epoch.number,
        "incarnation": epoch.incarnation,
        "version": epoch.version,
        "cluster_id": epoch.cluster_id,
        "topic_ids": _pairs(epoch.topic_ids),
        "resynced": _pairs(epoch.resynced),
    }


def _pairs(mapping: Mapping[str, str] | Mapping[str, int]) -> Sequence[list[str | int]]:
    # Topic names hold dots: as pairs they need no care about field names.
    return [[name, value] for name, value in mapping.items()]
