"""Sales told many at a time are booked when a broker has them, however late the answer comes."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from brocante.contracts.sales import SaleCancel
from brocante.messaging.publisher import NotPublished
from tests.chaos.at_once import sell
from tests.chaos.books import Accepted, Books, Piece
from tests.chaos.chapters import NOWHERE
from tests.chaos.outside import Order, Outside


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


class Forgetful:
    """A broker that keeps the first of what it is sent, and fails before it says so."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}
        self.incarnation = 1
        self.failed = False

    async def send_all(self, sent: Any) -> None:
        ids = [dict(wire.headers)["ce_id"].decode() for wire in sent]
        kept = ids if self.failed else ids[:1]
        self.answers.update(dict.fromkeys(kept, "sale.canceled"))
        if not self.failed:
            self.failed = True
            raise NotPublished("the connection is gone")

    async def until(self, found: Any, _seconds: float) -> bool:
        return bool(found())


async def test_what_was_answered_counts_although_it_was_not_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.chaos.outside.REPEAT_SECONDS", 0)
    broker, books = Forgetful(), Books(tmp_path / "accepted.jsonl")
    recorder: Any = broker
    outside = Outside("nowhere:1", books, recorder, 30)
    monkeypatch.setattr(outside, "_publisher", broker)
    monkeypatch.setattr(outside, "_started", True)
    orders = [Order(f"{n}/cancel", SaleCancel(sale_id=f"s{n}"), "box") for n in range(3)]
    outcomes = await outside.told_all(orders)
    assert set(outcomes.values()) == {"done"}
    assert set(books.accepted) == {"0/cancel", "1/cancel", "2/cancel"}
    books.close()
