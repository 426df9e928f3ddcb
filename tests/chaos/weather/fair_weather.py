"""Nothing fails: pieces are sold and canceled in every way, and there is some poison."""

import asyncio

from tests.chaos.chapters import tell
from tests.chaos.installation import TOPICS
from tests.chaos.load_plan import Chapter, Kind
from tests.chaos.poison import Poisoner
from tests.chaos.weather.sky import Sky

KINDS: tuple[Kind, ...] = ("sold", "canceled-here", "canceled-there", "by-hand", "by-topic")
POISONED = 6


async def fair_weather(sky: Sky) -> None:
    """A chapter of each kind, and six kinds of poison."""
    books = sky.told.books
    told = [
        tell(sky.told, books.pieces[name], Chapter(kind, "ebay", "etsy", "origin", True, 0), 0)
        for name, kind in zip(sky.pieces, KINDS, strict=False)
    ]
    await asyncio.gather(*told)
    poisoner = Poisoner(sky.rigged.kafka, TOPICS, books)
    async with sky.fault("poison", "every topic"):
        for n in range(POISONED):
            await poisoner.strike(n / POISONED, sky.told.recorder.incarnation)
