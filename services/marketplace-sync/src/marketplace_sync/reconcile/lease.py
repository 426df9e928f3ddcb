"""One replica owns a marketplace account at a time: a lease in the database (reconcile)."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from brocante.documents.driver import Collection, DuplicateKeyError

LASTS = timedelta(seconds=15)
RENEW_BELOW = timedelta(seconds=11)


class Lease:
    """The right to call one account. A call starts only if the lease outlasts its time limit."""

    def __init__(
        self,
        collection: Collection,
        name: str,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._collection = collection
        self._id = name
        self._owner = secrets.token_hex(8)
        self._clock = clock
        self._until: datetime | None = None

    def outlasts(self, seconds: float) -> bool:
        """Whether it is ours for so long from now."""
        if self._until is None:
            return False
        return self._until - self._clock() > timedelta(seconds=seconds)

    async def hold(self) -> bool:
        """Take or renew it; False while another replica has it."""
        now = self._clock()
        if self._until is not None and self._until - now > RENEW_BELOW:
            return True
        until = now + LASTS
        mine = {"_id": self._id, "owner": self._owner, "until": until}
        taken = await self._collection.replace_one({"_id": self._id, "owner": self._owner}, mine)
        if not taken:
            taken = await self._from_another(now, mine)
        self._until = until if taken else None
        return bool(taken)

    async def release(self) -> None:
        """Let the next replica have it at once."""
        self._until = None
        await self._collection.delete_one({"_id": self._id, "owner": self._owner})

    async def _from_another(self, now: datetime, mine: dict[str, object]) -> int:
        try:
            await self._collection.insert_one(mine)
        except DuplicateKeyError:
            current = await self._collection.find_one({"_id": self._id})
            if current is None or current["until"] > now:
                return 0
            where = {"_id": self._id, "owner": current["owner"], "until": current["until"]}
            return await self._collection.replace_one(where, mine)
        return 1
