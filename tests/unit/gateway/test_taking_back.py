"""Undo: the opposite of a command, or none."""

from typing import Any

import pytest

from gateway.console.taking_back import taking_back
from gateway.records.commands import Kept

ABOUT = {"item_id": "chair-1", "marketplaces": ["ebay", "etsy"]}


def kept(kind: str, payload: dict[str, Any]) -> Kept:
    return Kept("c1", "main", kind, payload, "done", "")


@pytest.mark.parametrize(
    ("kind", "opposite"),
    [
        ("item.activate", "item.deactivate"),
        ("item.deactivate", "item.activate"),
        ("item.hold", "item.release"),
        ("item.release", "item.hold"),
    ],
)
def test_a_change_is_taken_back_on_the_same_marketplaces(kind: str, opposite: str) -> None:
    message = taking_back(kept(kind, {**ABOUT, "reason": "for Mrs. Aldous"}))
    assert message is not None
    assert opposite == message.TYPE
    assert message.wire() == ABOUT


def test_a_release_is_taken_back_by_the_hold_that_it_ended() -> None:
    ended = {"until": "2020-01-01T00:00:00Z", "holder": "Mrs. Aldous", "reason": "asked"}
    lasting = {**ended, "until": "2999-01-01T00:00:00Z"}
    for held, until in ((ended, None), (lasting, "2999-01-01T00:00:00Z")):
        earlier = [{"type": "item.hold", "what": {**ABOUT, **held}}]
        message = taking_back(kept("item.release", ABOUT), earlier)
        assert message is not None
        assert message.wire().get("until") == until
        assert message.wire()["holder"] == "Mrs. Aldous"


def test_a_sale_recorded_by_hand_is_canceled_with_every_listing_as_before() -> None:
    message = taking_back(kept("sale.record", {"sale_id": "showroom:1"}))
    assert message is not None
    assert (message.TYPE, message.wire()["relist"]) == ("sale.cancel", "as_before")


def test_what_cannot_be_undone_says_so() -> None:
    assert taking_back(kept("item.delete", {"item_id": "chair-1"})) is None
    assert taking_back(kept("sale.cancel", {"sale_id": "ebay:1"})) is None
