"""Runs the lives of all pieces side by side, a bounded number at a time."""

import asyncio
from collections.abc import Sequence
from random import Random

from tests.chaos.books import Piece
from tests.chaos.chapters import Told, on_sale, tell
from tests.chaos.load_plan import Life
from tests.support.installation import good_piece


async def create_all(told: Told, lives: Sequence[Life], at_once: int) -> None:
    """Create every piece and put it on sale everywhere."""
    gate = asyncio.Semaphore(at_once)

    async def create(life: Life) -> None:
        async with gate:
            piece = told.books.pieces[life.piece] = Piece(life.piece)
            item = good_piece(life.piece, title=f"First dealer's chair {life.piece}")
            outcome = await told.desk.done("/items", item, f"{life.piece}/create", life.piece)
            if outcome != "done":
                raise AssertionError(f"{life.piece} could not be created: {outcome}")
            await on_sale(told, piece, f"{life.piece}/first")

    await asyncio.gather(*(create(life) for life in lives))


async def live_all(told: Told, lives: Sequence[Life], stop: asyncio.Event, seed: int) -> None:
    """Tell every life; nothing new begins once `stop` is set."""
    random = Random(f"starts {seed}")  # noqa: S311 - a replayable choice
    starts = [random.random() for _ in lives]

    async def live(life: Life, start: float) -> None:
        piece = told.books.pieces[life.piece]
        first = life.chapters[0].pause if life.chapters else 0.0
        await _pause(start * first, stop)
        for n, chapter in enumerate(life.chapters):
            if stop.is_set() or piece.shown is None:
                return
            await tell(told, piece, chapter, n)
            await _pause(chapter.pause, stop)

    await asyncio.gather(*(live(life, s) for life, s in zip(lives, starts, strict=True)))


async def _pause(seconds: float, stop: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
