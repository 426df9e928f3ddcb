"""The broker's epoch: a number in the database under which offsets mean something.

Raised by every resync and whenever the cluster's id or a topic's id changes. The *incarnation*
rises only in the latter case and is part of every group's name, so that a group never trusts the
offsets of a broker that is gone (docs/architecture.md, Losing the broker).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from brocante.documents.driver import Database, DuplicateKeyError
from brocante.messaging.cluster import Cluster

COLLECTION = "broker"
ID = "broker"
CLOCKS_DIFFER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Epoch:
    """The epoch now, the incarnation of the broker, and which services resynced in which epoch.

    `born` is the incarnation in which a topic got the id it has: offsets of groups of earlier
    incarnations still mean something on topics that were born before. `asked`: the epoch of the
    last resync and when it was asked for; `ended`: when the last two were that everyone ended.
    """

    number: int
    incarnation: int
    version: int
    cluster_id: str
    topic_ids: Mapping[str, str]
    resynced: Mapping[str, int]
    born: Mapping[str, int]
    asked: tuple[int, datetime] | None = None
    ended: tuple[datetime, ...] = ()

    @property
    def surely_heard(self) -> datetime | None:
        """All that changed before was said by two whole resyncs; None before there were two.

        One is not enough: the broker that had it may be lost before anybody listens.
        """
        return self.ended[0] - CLOCKS_DIFFER if self.ended[1:] else None

    def raised(self, services: Collection[str], now: datetime) -> "Epoch":
        """The epoch of a resync asked for now; `services` are all that answer one."""
        ended = self.ended
        if self.asked and all(self.resynced.get(s, 0) >= self.asked[0] for s in services):
            ended = (*ended, self.asked[1])[-2:]
        number, version = self.number + 1, self.version + 1
        return replace(self, number=number, version=version, asked=(number, now), ended=ended)


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
            dict(stored["born"]),
            tuple(stored["asked"]) if stored.get("asked") else None,
            tuple(stored.get("ended", ())),
        )

    async def adopt(self, cluster: Cluster) -> tuple[Epoch, bool]:
        """The epoch for this cluster, raised when it is another one; and whether it was raised.

        Topics not seen before are added without raising; a topic that changed its id raises.
        """
        while True:
            now = await self.current()
            ids = {name: topic.topic_id for name, topic in cluster.topics.items()}
            if now is None:
                fresh = Epoch(1, 1, 1, cluster.cluster_id, ids, {}, dict.fromkeys(ids, 1))
                if await self._insert(fresh):
                    return fresh, True
                continue
            another = now.cluster_id not in ("", cluster.cluster_id)
            gone = {n for n, id_ in now.topic_ids.items() if another or ids.get(n, id_) != id_}
            if not gone and set(ids) <= set(now.topic_ids):
                return now, False
            following = _following(now, cluster.cluster_id, ids, gone)
            changed = bool(gone)
            if await self._replace(now, following):
                return following, changed

    async def raise_for_resync(self, services: Collection[str], at: datetime) -> Epoch:
        """A new epoch on the same broker, for a resync that these services will answer."""
        while True:
            now = await self.current()
            if now is None:
                first = Epoch(1, 1, 1, "", {}, {}, {}, (1, at))
                if await self._insert(first):
                    return first
                continue
            following = now.raised(services, at)
            if await self._replace(now, following):
                return following

    async def completed(self, service: str, epoch: int) -> None:
        """Note that a service has said everything again in an epoch."""
        while True:
            now = await self.current()
            if now is None or now.resynced.get(service, 0) >= epoch:
                return
            resynced = {**now.resynced, service: epoch}
            following = replace(now, version=now.version + 1, resynced=resynced)
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


def _following(now: Epoch, cluster_id: str, ids: Mapping[str, str], gone: set[str]) -> Epoch:
    """The epoch once these topics are known, and those in `gone` are known to be wiped."""
    raised = 1 if gone else 0
    incarnation = now.incarnation + raised
    kept = {name: id_ for name, id_ in now.topic_ids.items() if name not in gone}
    born = {name: now.born.get(name, incarnation) for name in kept}
    return replace(
        now,
        number=now.number + raised,
        incarnation=incarnation,
        version=now.version + 1,
        cluster_id=cluster_id,
        topic_ids={**kept, **ids},
        born={**dict.fromkeys(ids, incarnation), **born},
    )


def _stored(epoch: Epoch) -> dict[str, object]:
    return {
        "_id": ID,
        "epoch": epoch.number,
        "incarnation": epoch.incarnation,
        "version": epoch.version,
        "cluster_id": epoch.cluster_id,
        "topic_ids": _pairs(epoch.topic_ids),
        "resynced": _pairs(epoch.resynced),
        "born": _pairs(epoch.born),
        "asked": list(epoch.asked) if epoch.asked else None,
        "ended": list(epoch.ended),
    }


def _pairs(mapping: Mapping[str, str] | Mapping[str, int]) -> Sequence[list[str | int]]:
    # Topic names hold dots: as pairs they need no care about field names.
    return [[name, value] for name, value in mapping.items()]
