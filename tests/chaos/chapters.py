"""How each chapter of a piece's life is told, and what must be true after it."""

import asyncio
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from brocante.contracts.sales import SaleRecord
from tests.chaos.books import Books, Piece, Sale
from tests.chaos.desk import Desk
from tests.chaos.fair import Fair
from tests.chaos.fault_plan import MARKETPLACES
from tests.chaos.load_plan import Chapter
from tests.chaos.outside import Order, Outside
from tests.chaos.recorder import Recorder

PATIENCE = 180.0
EVERYWHERE = dict.fromkeys(MARKETPLACES, "active")
NOWHERE = dict.fromkeys(MARKETPLACES, "off")


@dataclass(slots=True)
class Told:
    """Those who tell the chapters, and how far along the story is."""

    desk: Desk
    fair: Fair
    outside: Outside
    recorder: Recorder
    books: Books
    phase: str = "calm"


async def tell(told: Told, piece: Piece, chapter: Chapter, n: int) -> None:
    """Tell one chapter; a piece the rig is no longer sure of is left alone."""
    key = f"{piece.name}/{n}"
    if chapter.kind == "edited":
        await _command(told, piece, f"/items/{piece.name}", key, _price(n), method="PATCH")
    elif chapter.kind == "reactivated":
        await off(told, piece, chapter, key)
        await on_sale(told, piece, f"{key}/on")
    elif chapter.kind == "held":
        await held(told, piece, chapter, key)
    elif await on_sale(told, piece, f"{key}/on"):
        await _sold(told, piece, chapter, key)


async def on_sale(told: Told, piece: Piece, key: str) -> bool:
    """Put a piece on sale everywhere and wait until it can be bought."""
    if piece.shown != EVERYWHERE and not await put_on_sale(told, piece, key):
        return False
    if not await told.fair.until_shown(piece.name, EVERYWHERE, PATIENCE):
        told.books.skipped.append(f"{piece.name}: not on sale everywhere in time")
        return False
    return True


async def put_on_sale(told: Told, piece: Piece, key: str) -> bool:
    """Have a piece put on sale everywhere: inventory knows, the marketplaces may not yet."""
    path, body = f"/items/{piece.name}/activate", {"marketplaces": list(MARKETPLACES)}
    if not await _command(told, piece, path, key, body):
        return False
    piece.shown = dict(EVERYWHERE)
    return True


async def off(told: Told, piece: Piece, chapter: Chapter, key: str) -> None:
    """Take a piece off one marketplace."""
    path, body = f"/items/{piece.name}/deactivate", {"marketplaces": [chapter.place]}
    if await _command(told, piece, path, f"{key}/off", body) and piece.shown is not None:
        piece.shown = {**piece.shown, chapter.place: "off"}


async def held(told: Told, piece: Piece, chapter: Chapter, key: str) -> None:
    """Hold a piece somewhere, then let it go."""
    path, body = f"/items/{piece.name}", {"marketplaces": [chapter.place]}
    if await on_sale(told, piece, f"{key}/on") and await _command(
        told, piece, f"{path}/hold", f"{key}/hold", body
    ):
        await told.fair.until_shown(piece.name, {chapter.place: "off"}, 5)
        await _command(told, piece, f"{path}/release", f"{key}/release", body)


async def _sold(told: Told, piece: Piece, chapter: Chapter, key: str) -> None:
    if chapter.kind in ("by-hand", "by-topic"):
        sale = await _told_by_hand(told, piece, chapter, key)
    elif chapter.kind == "raced":
        sale = await _raced(told, piece, chapter, key)
    else:
        sale = await _bought(told, piece, chapter)
    if sale is None:
        return
    piece.shown = dict(NOWHERE)
    if chapter.kind in ("double", "raced") or not chapter.canceled:
        return
    await asyncio.sleep(chapter.pause / 10)
    if chapter.kind == "canceled-there":
        await _canceled_there(told, piece, sale)
    else:
        await _canceled_here(told, piece, chapter, sale, key)


async def _bought(told: Told, piece: Piece, chapter: Chapter) -> tuple[Sale, str] | None:
    """Bought on one marketplace, or on two at the same moment."""
    places = (chapter.place, chapter.other) if chapter.kind == "double" else (chapter.place,)
    began = time.time()
    orders = await asyncio.gather(*(told.fair.buy(place, piece.name) for place in places))
    sales = []
    for place, order in zip(places, orders, strict=True):
        if order is not None:
            sale = Sale(order["sale_id"], piece.name, place, began, "order", told.phase)
            told.books.sell(sale)
            sales.append((sale, order["order_id"]))
    piece.double = len(sales) > 1
    if not sales:
        told.books.skip(piece, f"nobody could buy it on {chapter.place}")
        return None
    return sales[0]


async def _raced(told: Told, piece: Piece, chapter: Chapter, key: str) -> tuple[Sale, str] | None:
    """Bought on a marketplace while it is sold over the counter."""
    sold = await asyncio.gather(
        _bought(told, piece, replace(chapter, kind="sold")),
        _told_by_hand(told, piece, replace(chapter, kind="by-topic", place="showroom"), key),
    )
    piece.double = all(sold)
    return sold[0] or sold[1]


async def _told_by_hand(
    told: Told, piece: Piece, chapter: Chapter, key: str
) -> tuple[Sale, str] | None:
    """A sale in the shop, told over HTTP or by an app that writes onto the topics."""
    sale_id = f"hand:{key.replace('/', '-')}"
    sale = Sale(sale_id, piece.name, chapter.place, time.time(), chapter.kind, told.phase)
    message = SaleRecord(
        sale_id=sale_id,
        item_id=piece.name,
        marketplace=chapter.place,
        sold_at=datetime.now(UTC),
        external_order_id=sale_id,
    )
    if chapter.kind == "by-hand":
        outcome = await told.desk.done("/sales", message.wire(), f"{key}/record", piece.name)
    else:
        outcome = await told.outside.told(Order(f"{key}/record", message, piece.name))
    if outcome != "done":
        told.books.skip(piece, f"its sale by hand is {outcome}")
        if outcome == "lost" and told.books.took("sale.record", piece.name, sale.known_by):
            told.books.sell(sale)
        return None
    told.books.sell(sale)
    return sale, ""


async def _canceled_there(told: Told, piece: Piece, sold: tuple[Sale, str]) -> None:
    """The marketplace cancels the order: the piece is back where it was sold."""
    sale, order_id = sold
    await told.fair.cancel(sale.place, order_id)
    sale.canceled_at = time.time()
    if await _heard(told, piece, sale, "canceled"):
        piece.shown = {**NOWHERE, sale.place: "active"}


async def _canceled_here(
    told: Told, piece: Piece, chapter: Chapter, sold: tuple[Sale, str], key: str
) -> None:
    """The dealer cancels a sale that Brocante knows of."""
    sale, _ = sold
    if not await _heard(told, piece, sale, "open"):
        return
    path, body = f"/sales/{sale.sale_id}/cancel", {"relist": chapter.relist}
    began = time.time()
    done = await _command(told, piece, path, f"{key}/cancel", body)
    if done or told.books.took("sale.cancel", piece.name, began):
        sale.canceled_at = time.time()
    if not done:
        return
    if not await _heard(told, piece, sale, "canceled"):
        return
    piece.shown = once_canceled(sale.place, chapter.relist)


def once_canceled(place: str, relist: str) -> dict[str, str]:
    """What shows of a piece that was sold there, once its sale is canceled."""
    if relist == "as_before":
        return dict(EVERYWHERE)
    back = {place: "active"} if relist == "origin" and place in EVERYWHERE else {}
    return {**NOWHERE, **back}


async def _heard(told: Told, piece: Piece, sale: Sale, status: str) -> bool:
    """Wait until sales says so, and of a cancellation until inventory shows that it knows, too.

    Between topics there is no order: what is told of the piece before inventory knows of the
    cancellation may be applied before it.
    """
    recorder, id_ = told.recorder, sale.sale_id

    def known() -> bool:
        if recorder.sales.get(id_) != status:
            return False
        return status != "canceled" or recorder.applied(id_)

    if await recorder.until(known, PATIENCE):
        return True
    told.books.skip(piece, f"{id_} is not said to be {status} in time")
    return False


async def _command(
    told: Told, piece: Piece, path: str, key: str, body: object, *, method: str = "POST"
) -> bool:
    outcome = await told.desk.done(path, body, key, piece.name, method=method)
    if outcome != "done":
        told.books.skip(piece, f"{path} ({key}) is {outcome}")
    return outcome == "done"


def _price(n: int) -> dict[str, dict[str, str]]:
    return {"price": {"amount": f"{900 + n}.00", "currency": "USD"}}
