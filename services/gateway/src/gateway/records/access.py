"""Who may do what: API tokens and sessions, kept as hashes; every query carries their dealer."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from brocante.documents.driver import Collection, Database

TOKENS, SESSIONS, SIGN_INS = "gateway_tokens", "gateway_sessions", "gateway_sign_ins"
SCOPES = ("read", "write", "operate")
SESSION_LASTS = timedelta(days=30)
SIGN_IN_LASTS = timedelta(days=1)
LINK_IS_FRESH = timedelta(minutes=15)
CACHED_SECONDS = 5.0
TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: whose data, what may be done, and a name for the record."""

    dealer: str
    scopes: frozenset[str]
    actor: str
    token_id: str


class Access:
    """Finds the principal behind a token or a session."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tokens: Collection = database.collection(TOKENS)
        self._sessions: Collection = database.collection(SESSIONS)
        self._sign_ins: Collection = database.collection(SIGN_INS)
        self._cache: dict[str, tuple[float, Principal]] = {}

    async def prepare(self) -> None:
        """Create the collections."""
        await self._database.create_collections(TOKENS, SESSIONS, SIGN_INS)

    async def add_token(self, token: str, dealer: str, scopes: tuple[str, ...], name: str) -> None:
        """Accept a token from now on; the same one again is harmless."""
        hashed = _hashed(token)
        stored = {"_id": hashed, "dealer": dealer, "scopes": list(scopes), "name": name}
        await self._tokens.replace_one({"_id": hashed}, stored, upsert=True)

    async def by_token(self, token: str) -> Principal | None:
        """The principal of an API token."""
        return await self._found(self._tokens, _hashed(token), "token")

    async def by_session(self, session: str) -> Principal | None:
        """The principal of a console session."""
        return await self._found(self._sessions, _hashed(session), "session")

    async def new_sign_in(self, dealer: str) -> str:
        """A one-time code that opens a session."""
        code = secrets.token_urlsafe(TOKEN_BYTES)
        until = datetime.now(UTC) + SIGN_IN_LASTS
        await self._sign_ins.insert_one({"_id": _hashed(code), "dealer": dealer, "until": until})
        return code

    async def sign_in(self, code: str) -> str | None:
        """A new session for a code not used before, or None."""
        hashed = _hashed(code)
        stored = await self._sign_ins.find_one({"_id": hashed})
        if stored is None or stored["until"] < datetime.now(UTC):
            return None
        if await self._sign_ins.delete_one({"_id": hashed}) != 1:
            return None
        return await self.open_session(stored["dealer"], "owner", SCOPES, by_link=True)

    async def open_session(
        self, dealer: str, name: str, scopes: tuple[str, ...], *, by_link: bool = False
    ) -> str:
        """A new session of somebody who has shown who they are."""
        session = secrets.token_urlsafe(TOKEN_BYTES)
        await self._sessions.insert_one(
            {
                "_id": _hashed(session),
                "dealer": dealer,
                "scopes": list(scopes),
                "name": name,
                "until": datetime.now(UTC) + SESSION_LASTS,
                **({"link_at": datetime.now(UTC)} if by_link else {}),
            }
        )
        return session

    async def came_by_link(self, session: str) -> bool:
        """Whether a session was opened by a one-time link just now."""
        stored = await self._sessions.find_one({"_id": _hashed(session)})
        at = (stored or {}).get("link_at")
        return at is not None and datetime.now(UTC) - at < LINK_IS_FRESH

    async def sign_out(self, session: str) -> None:
        """End a session."""
        hashed = _hashed(session)
        self._cache.pop(hashed, None)
        await self._sessions.delete_one({"_id": hashed})

    async def sign_out_others(self, dealer: str, name: str, session: str) -> None:
        """End every other session of this person: the password has changed."""
        mine = _hashed(session)
        for stored in await self._sessions.find({"dealer": dealer, "name": name}):
            if stored["_id"] != mine:
                self._cache.pop(stored["_id"], None)
                await self._sessions.delete_one({"_id": stored["_id"]})

    async def _found(self, collection: Collection, hashed: str, kind: str) -> Principal | None:
        cached = self._cache.get(hashed)
        if cached is not None and monotonic() - cached[0] < CACHED_SECONDS:
            return cached[1]
        stored: dict[str, Any] | None = await collection.find_one({"_id": hashed})
        principal = None
        if stored is not None and stored.get("until", datetime.now(UTC)) >= datetime.now(UTC) - (
            timedelta(seconds=1)
        ):
            principal = Principal(
                stored["dealer"],
                frozenset(stored["scopes"]),
                f"{kind}:{stored['name']}",
                hashed[:16],
            )
        if principal is not None:
            # Only what was found: made-up tokens must not fill the memory.
            self._cache[hashed] = (monotonic(), principal)
        return principal


def new_token() -> str:
    """A token of 256 random bits."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
