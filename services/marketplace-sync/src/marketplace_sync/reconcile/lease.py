"""One replica owns a marketplace account at a time: a lease in the database (reconcile)."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from brocante.documents.driver import Collection, DuplicateKeyError

LASTS = timedelta(seconds=15)
RENEWED_AFTER = timedelta(seconds=4)
MARGIN = timedelta(seconds=5)


class Lease:
    """The right to call one account. A call starts only if the lease outlasts its time limit.

    It lasts 15 s, or as long as `call_seconds` needs when calls may take longer.
    """

    def __init__(
        self,
        collection: Collection,
        name: str,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        call_seconds: float = 0.0,
    ) -> None:
        needed = timedelta(seconds=call_seconds) + RENEWED_AFTER + MARGIN
        self._lasts = max(LASTS, needed)
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
        if self._until is not None and self._until - now > self._lasts - RENEWED_AFTER:
            return True
        until = now + self._lasts
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
