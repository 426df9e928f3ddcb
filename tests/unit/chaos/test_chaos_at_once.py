"""Sales told many at a time are booked when a broker has them, however late the answer comes."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.chaos.at_once import sell
from tests.chaos.books import Accepted, Books, Piece
from tests.chaos.chapters import NOWHERE


async def booked(tmp_path: Path, outcome: str, *, acknowledged: bool) -> Books:
    books = Books(tmp_path / "accepted.jsonl")
    books.pieces["chair"] = Piece("chair")

    async def told_all(orders: Any) -> dict[str, str]:
        if acknowledged:
            books.accept(Accepted(orders[0].id, "sale.record", "kafka", 1.0, "chair"))
        return {orders[0].id: outcome}

    told: Any = SimpleNamespace(
        books=books, phase="storm", outside=SimpleNamespace(told_all=told_all)
    )
    await sell(told, [("s1", "chair")], "showroom")
    books.close()
    return books


async def test_a_sale_that_was_answered_takes_the_piece_off_sale(tmp_path: Path) -> None:
    books = await booked(tmp_path, "done", acknowledged=True)
    assert books.pieces["chair"].sales == ["s1"]
    assert books.pieces["chair"].shown == NOWHERE
    assert books.took("sale.record", "chair", 0.5)
    assert not books.took("sale.record", "chair", 2.0)


async def test_an_acknowledged_sale_counts_though_its_answer_did_not_come(tmp_path: Path) -> None:
    books = await booked(tmp_path, "lost", acknowledged=True)
    assert books.pieces["chair"].sales == ["s1"]
    assert books.pieces["chair"].shown is None
    assert books.skipped == ["chair: its sale s1 is lost"]


async def test_what_nobody_acknowledged_or_what_was_rejected_is_no_sale(tmp_path: Path) -> None:
    assert not (await booked(tmp_path, "lost", acknowledged=False)).sales
    assert not (await booked(tmp_path, "rejected", acknowledged=True)).sales
