"""What an account used of its long rate windows, kept across restarts and replicas (rule 8)."""

from brocante.documents.driver import Collection
from marketplace_sync.reconcile.limiter import Limiter, Used


class Budget:
    """Keeps a limiter's long windows in the database, a chunk of calls at a time."""

    def __init__(self, collection: Collection, dealer: str, account: str) -> None:
        self._collection = collection
        self._id = f"{dealer}/budget/{account}"
        self._kept: Used = {}

    async def recall(self, limiter: Limiter) -> None:
        """The account is ours now: what was used of its windows by whoever had it counts."""
        stored = await self._collection.find_one({"_id": self._id})
        used = {
            name: {int(part): int(calls) for part, calls in parts}
            for name, parts in (stored or {}).get("used", ())
        }
        limiter.recall(used)
        self._kept = used

    async def keep(self, limiter: Limiter) -> None:
        """Before a call: written when it begins a new chunk, so that a crash forgets no call."""
        used = limiter.remembered()
        if used == self._kept:
            return
        pairs = [[name, [list(pair) for pair in parts.items()]] for name, parts in used.items()]
        await self._collection.replace_one(
            {"_id": self._id}, {"_id": self._id, "used": pairs}, upsert=True
        )
        self._kept = used
