"""Sells lots many at a time, while single pieces are bought elsewhere."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence

from tests.chaos.at_once import cancel, sell
from tests.chaos.books import Piece, Sale
from tests.chaos.chapters import Told, on_sale, put_on_sale
from tests.chaos.lot_plan import Lot, Round
from tests.support.installation import good_piece

AFTER_LOST_SECONDS = 1.0
AHEAD_SECONDS = 0.2


async def ring_all(
    told: Told, tills: Sequence[Iterator[Lot]], stop: asyncio.Event, pause: float, pace: float
) -> None:
    """Every till rings until `stop`; a round that has begun is told to its end.

    None rings while more were sold than `pace`, sales a second, has it by now.
    """
    began, before = time.monotonic(), len(told.books.sales)

    def ahead() -> bool:
        return len(told.books.sales) - before > pace * (time.monotonic() - began)

    await asyncio.gather(*(_ring(told, lots, stop, pause, ahead) for lots in tills))


async def _ring(
    told: Told,
    lots: Iterator[Lot],
    stop: asyncio.Event,
    pause: float,
    ahead: Callable[[], bool],
) -> None:
    for lot in lots:
        if stop.is_set():
            return
        # Sold in the shop while marketplaces are still being told that it is on sale there.
        piece = await laid_out(told, lot, awaited=False)
        for n, one in enumerate(lot.rounds):
            while ahead() and not stop.is_set():  # noqa: ASYNC110 - time alone ends it
                await asyncio.sleep(AHEAD_SECONDS)
            if stop.is_set() or piece.shown is None:
                break
            sales = await ring(told, piece, one, n)
            if one.canceled:
                await cancel(told, sales, one.relist)
            await asyncio.sleep(pause)


async def laid_out(told: Told, lot: Lot, *, awaited: bool = True) -> Piece:
    """Create the lot and put it on sale everywhere; `awaited`: until it is shown everywhere."""
    piece = told.books.pieces[lot.piece] = Piece(lot.piece, quantity=lot.quantity)
    title = f"First dealer's box of cards {lot.piece}"
    item = good_piece(lot.piece, title=title, quantity=lot.quantity)
    outcome = await told.desk.done("/items", item, f"{lot.piece}/create", lot.piece)
    if outcome == "done":
        await (on_sale if awaited else put_on_sale)(told, piece, f"{lot.piece}/on")
    else:
        told.books.skip(piece, f"could not be created: {outcome}")
        await asyncio.sleep(AFTER_LOST_SECONDS)
    return piece


async def ring(told: Told, piece: Piece, one: Round, n: int) -> list[Sale]:
    """Sell many at one moment, each a sale of its own."""
    ids = [f"till:{piece.name}-{n}-{k}" for k in range(one.size)]
    return await sell(told, [(id_, piece.name) for id_ in ids], one.place)
