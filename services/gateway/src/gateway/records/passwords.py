"""People who sign in by a name and a password; guessing is slowed down."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from brocante.contracts.values import DEFAULT_DEALER
from brocante.documents.driver import Collection, Database
from gateway.records.access import SCOPES

PEOPLE, TRIES = "gateway_people", "gateway_sign_in_tries"
SHORTEST, LONGEST = 12, 256
FREE_TRIES = 5
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=1)
# Each check takes 64 MiB and a tenth of a second: two at once are enough for people.
AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Person:
    """Who signed in: whose data, and what may be done."""

    dealer: str
    name: str
    scopes: tuple[str, ...]


class TooManyTries(Exception):  # noqa: N818 - a state of affairs: one has to wait
    """Too many wrong passwords; `seconds` until the next try counts."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"wait {seconds} s")
        self.seconds = seconds


class Passwords:
    """Names and hashed passwords; wrong tries are counted by name and by address."""

    def __init__(self, database: Database, hasher: PasswordHasher | None = None) -> None:
        self._database = database
        self._hasher = hasher or PasswordHasher()
        self._nobody = ""
        self._people: Collection = database.collection(PEOPLE)
        self._tries: Collection = database.collection(TRIES)
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def prepare(self) -> None:
        """Create the collections."""
        await self._database.create_collections(PEOPLE, TRIES)

    async def has(self, signs_in_as: str) -> bool:
        """Whether a password was set for this name."""
        return await self._people.find_one({"_id": key_of(signs_in_as)}) is not None

    async def set(self, dealer: str, name: str, password: str) -> None:
        """Let this person sign in by that password from now on."""
        async with self._slots:
            hashed = await asyncio.to_thread(self._hasher.hash, password)
        key = key_of(signs_in_as(dealer, name))
        stored = {
            "_id": key,
            "dealer": dealer,
            "name": name,
            "scopes": list(SCOPES),
            "hash": hashed,
        }
        await self._people.replace_one({"_id": key}, stored, upsert=True)

    async def check(self, name: str, password: str, address: str) -> Person | None:
        """The person, or None; a name that nobody has takes as long as a wrong password."""
        counted = (f"name:{key_of(name)}", f"address:{address}")
        for one in counted:
            await self._refuse_early(one)
        stored = await self._people.find_one({"_id": key_of(name)})
        async with self._slots:
            hashed = str(stored["hash"]) if stored else ""
            right = await asyncio.to_thread(self._fits, hashed, password[:LONGEST])
        if stored is None or not right:
            for one in counted:
                await self._count(one)
            return None
        await self._tries.delete_one({"_id": counted[0]})
        return Person(stored["dealer"], stored["name"], tuple(stored["scopes"]))

    def _fits(self, hashed: str, password: str) -> bool:
        if not hashed:
            # As much work as for a name that somebody has.
            self._nobody = self._nobody or self._hasher.hash("nobody's password")
        try:
            return self._hasher.verify(hashed or self._nobody, password) and bool(hashed)
        except (VerificationError, InvalidHashError):
            return False

    async def _refuse_early(self, key: str) -> None:
        known = await self._known(key)
        left = (known["until"] - datetime.now(UTC)).total_seconds() if known else 0
        if left > 0:
            raise TooManyTries(int(left) + 1)

    async def _count(self, key: str) -> None:
        known, now = await self._known(key), datetime.now(UTC)
        count = int(known["count"]) + 1 if known else 1
        until = now + wait_after(count)
        stored = {"_id": key, "count": count, "at": now, "until": until}
        await self._tries.replace_one({"_id": key}, stored, upsert=True)

    async def _known(self, key: str) -> dict[str, Any] | None:
        known: dict[str, Any] | None = await self._tries.find_one({"_id": key})
        if known is None or datetime.now(UTC) - known["at"] > FORGOTTEN_AFTER:
            return None
        return known


def wait_after(count: int) -> timedelta:
    """How long nobody may try after so many wrong tries: none, then doubling."""
    if count < FREE_TRIES:
        return timedelta(0)
    return min(FIRST_WAIT * (1 << min(count - FREE_TRIES, 10)), LONGEST_WAIT)


def signs_in_as(dealer: str, name: str) -> str:
    """The name for the sign-in page: with the dealer in front unless it is the first one."""
    return name if dealer == DEFAULT_DEALER else f"{dealer}/{name}"


def key_of(name: str) -> str:
    """Names differ by more than case and blanks around them."""
    return name.strip().casefold()[:128]
