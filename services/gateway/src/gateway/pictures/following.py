"""Fetches the first picture of each item that changes, where the setting allows it."""

import asyncio
from collections.abc import Sequence

import structlog

from brocante.contracts.envelope import Decoded
from brocante.contracts.snapshot import ItemChanged
from gateway.pictures.encoding import NotAPicture, thumbnail
from gateway.pictures.fetching import Limits, fetched
from gateway.records.pictures import UPLOADED, Pictures

log = structlog.get_logger()
MOST_WAITING = 10_000


class Following:
    """A queue of items to look at; full, it lets go: the next change brings an item back."""

    def __init__(self, pictures: Pictures, limits: Limits) -> None:
        self._pictures = pictures
        self._limits = limits
        self._waiting: asyncio.Queue[tuple[str, str, str]] = asyncio.Queue(MOST_WAITING)

    def note(self, events: Sequence[Decoded]) -> None:
        """Remember which items have a picture to fetch."""
        for event in events:
            message = event.message
            if isinstance(message, ItemChanged) and message.images and not self._waiting.full():
                one = (event.envelope.dealer, message.item_id, message.images[0])
                self._waiting.put_nowait(one)

    async def run_forever(self) -> None:
        """Fetch one after the other."""
        while True:
            dealer, item_id, url = await self._waiting.get()
            try:
                await self.follow(dealer, item_id, url)
            except Exception as error:  # noqa: BLE001 - the next change tries again
                log.warning("picture_not_followed", item_id=item_id, error=repr(error))

    async def follow(self, dealer: str, item_id: str, url: str) -> None:
        """Fetch a picture unless it is here already, or the dealer gave one."""
        known = (await self._pictures.sources(dealer, [item_id])).get(item_id)
        if known in {url, UPLOADED}:
            return
        try:
            small = await asyncio.to_thread(thumbnail, await fetched(url, self._limits))
        except NotAPicture as error:
            await self._pictures.note_failure(dealer, item_id, url, str(error))
            log.info("picture_not_fetched", item_id=item_id, why=str(error))
            return
        await self._pictures.keep(dealer, item_id, small, url)
