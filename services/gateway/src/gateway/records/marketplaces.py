"""What workers say of their marketplaces: status, and what they ask for."""

import json
from collections.abc import Sequence
from typing import Any

from brocante.contracts.envelope import Decoded
from brocante.contracts.listings import MarketplaceStatusChanged, RequirementsChanged
from brocante.contracts.values import Requirement
from brocante.documents.driver import Database

COLLECTION = "gateway_marketplaces"
EVERYWHERE = "*"


class Marketplaces:
    """The newest status and requirements of each marketplace."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known = database.collection(COLLECTION)

    async def prepare(self) -> None:
        """Create the collection."""
        await self._database.create_collections(COLLECTION)

    async def take(self, events: Sequence[Decoded]) -> None:
        """Keep what events say; the last one said counts."""
        for event in events:
            message, dealer = event.message, event.envelope.dealer
            if isinstance(message, RequirementsChanged):
                key = f"{dealer}/{message.marketplace}/requirements/{message.category}"
            elif isinstance(message, MarketplaceStatusChanged):
                key = f"{dealer}/{message.marketplace}/status"
            else:
                continue
            stored = {"_id": key, "said": json.dumps(message.wire())}
            await self._known.replace_one({"_id": key}, stored, upsert=True)

    async def status(self, dealer: str, marketplace: str) -> dict[str, Any]:
        """What was last said of a marketplace; `up` when nothing was."""
        stored = await self._known.find_one({"_id": f"{dealer}/{marketplace}/status"})
        return json.loads(stored["said"]) if stored else {"status": "up"}

    async def requirements(
        self, dealer: str, marketplace: str, category: str | None
    ) -> tuple[str, list[Requirement]]:
        """Version and fields for a category, else for every category."""
        for name in (category, EVERYWHERE):
            key = f"{dealer}/{marketplace}/requirements/{name}"
            stored = await self._known.find_one({"_id": key})
            if stored is not None:
                said = RequirementsChanged.model_validate_json(stored["said"])
                return said.version, list(said.fields)
        return "", []
