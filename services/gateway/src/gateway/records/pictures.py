"""The small picture of each item, and where it came from."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from brocante.documents.driver import Database

COLLECTION = "gateway_pictures"
UPLOADED = "uploaded"


class Pictures:
    """One picture for an item; one that the dealer gave is never replaced by a fetched one."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._pictures = database.collection(COLLECTION)

    async def prepare(self) -> None:
        """Create the collection."""
        await self._database.create_collections(COLLECTION)

    async def keep(self, dealer: str, item_id: str, picture: bytes, source: str) -> None:
        """Keep a picture; `source` is its address, or `uploaded`."""
        await self._save(dealer, item_id, {"picture": picture, "source": source})

    async def note_failure(self, dealer: str, item_id: str, source: str, why: str) -> None:
        """Remember that there is no picture at an address, so that it is not asked again."""
        await self._save(dealer, item_id, {"picture": None, "source": source, "why": why})

    async def remove(self, dealer: str, item_id: str) -> bool:
        """Forget a picture; whether there was one."""
        return await self._pictures.delete_one({"_id": f"{dealer}/{item_id}"}) > 0

    async def get(self, dealer: str, item_id: str) -> bytes | None:
        """The picture, as WebP."""
        stored = await self._pictures.find_one({"_id": f"{dealer}/{item_id}"}, ["picture"])
        return bytes(stored["picture"]) if stored and stored["picture"] else None

    async def sources(self, dealer: str, item_ids: Iterable[str]) -> dict[str, str]:
        """Where the pictures of these items came from, failures included."""
        return {id_: one["source"] for id_, one in (await self._many(dealer, item_ids)).items()}

    async def marks(self, dealer: str, item_ids: Iterable[str]) -> dict[str, str]:
        """For those of these items that have a picture: a mark that changes with it."""
        found = await self._many(dealer, item_ids)
        return {id_: one["mark"] for id_, one in found.items() if one["mark"]}

    async def _many(self, dealer: str, item_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        keys = [f"{dealer}/{id_}" for id_ in item_ids]
        found = await self._pictures.find({"_id": {"$in": keys}}, fields=["source", "mark"])
        return {stored["_id"].split("/", 1)[1]: stored for stored in found}

    async def _save(self, dealer: str, item_id: str, said: dict[str, Any]) -> None:
        key, picture = f"{dealer}/{item_id}", said["picture"]
        mark = hashlib.sha256(picture).hexdigest()[:12] if picture else ""
        stored = {"_id": key, **said, "mark": mark, "at": datetime.now(UTC)}
        await self._pictures.replace_one({"_id": key}, stored, upsert=True)
