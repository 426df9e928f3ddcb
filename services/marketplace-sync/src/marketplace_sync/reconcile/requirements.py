"""What the marketplace asks for, cached per category and announced when it changes."""

import hashlib
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from time import monotonic

import structlog

from brocante.contracts.listings import RequirementsChanged
from brocante.documents.driver import Collection
from marketplace_sync.marketplaces.contract import Adapter, RequirementSet, Unauthorized

log = structlog.get_logger()
EVERYWHERE = "*"
Announce = Callable[[RequirementsChanged, str], Awaitable[None]]


class Requirements:
    """One account's view of requirements.

    Only a marketplace's own category numbers tell categories apart; everything else is the
    account's default category, announced as `*`.
    """

    def __init__(
        self,
        marketplace: str,
        dealer: str,
        adapter: Adapter,
        known: Collection,
        announce: Announce,
        age: float,
    ) -> None:
        self._marketplace = marketplace
        self._dealer = dealer
        self._adapter = adapter
        self._known = known
        self._announce = announce
        self._age = age
        self._cache: dict[str, tuple[float, RequirementSet]] = {}
        self._changed = False
        self._acting = False
        self.refused: Unauthorized | None = None

    async def of(self, category: str | None) -> RequirementSet | None:
        """What is asked for in a category; None while the marketplace cannot be asked."""
        name = category if category and category.isdigit() else EVERYWHERE
        cached = self._cache.get(name)
        if cached is not None and monotonic() - cached[0] < self._age:
            return cached[1]
        return await self._fetch(name) or (cached[1] if cached else None)

    async def poll(self) -> bool:
        """Ask again for every category in use; whether anything changed since the last time.

        `refused` holds the marketplace's answer when it refused access, and None otherwise.
        """
        self.refused = None
        for name in list(self._cache) or [EVERYWHERE]:
            await self._fetch(name)
        self._acting, self._changed = self._changed or self._acting, False
        return self._acting

    async def acted_on(self) -> None:
        """What was blocked because of what was asked for before is tried again."""
        for name in list(self._cache):
            where = {"_id": f"{self._dealer}/requirements/{name}", "news": True}
            await self._known.update_one(where, {"$set": {"news": False}})
        self._acting = False

    async def _fetch(self, name: str) -> RequirementSet | None:
        found = await self._adapter.requirements(None if name == EVERYWHERE else name)
        if not isinstance(found, RequirementSet):
            self.refused = found if isinstance(found, Unauthorized) else self.refused
            return None
        await self._tell(name, found)
        self._cache[name] = (monotonic(), found)
        return found

    async def _tell(self, name: str, found: RequirementSet) -> None:
        cached = self._cache.get(name)
        if cached is not None and cached[1].version == found.version:
            return
        document = f"{self._dealer}/requirements/{name}"
        stored = await self._known.find_one({"_id": document})
        if stored is not None and stored["version"] == found.version:
            self._changed = self._changed or bool(stored.get("news"))
            return
        # Published before it is remembered: after a crash in between it is said again, with the
        # same id, because the id is made of what changed.
        count = int(stored["count"]) + 1 if stored else 1
        now = datetime.now(UTC)
        event = RequirementsChanged(
            marketplace=self._marketplace,
            category=name,
            version=found.version,
            effective_at=now,
            fields=list(found.fields),
        )
        text = json.dumps([self._marketplace, self._dealer, name, found.version, count])
        await self._announce(event, hashlib.sha256(text.encode()).hexdigest())
        kept = {"_id": document, "version": found.version, "count": count, "at": now}
        # Until what was blocked is tried again: a crash in between must not forget it.
        kept["news"] = stored is not None
        await self._known.replace_one({"_id": document}, kept, upsert=True)
        self._changed = self._changed or stored is not None
        log.info("requirements_changed", marketplace=self._marketplace, category=name)
