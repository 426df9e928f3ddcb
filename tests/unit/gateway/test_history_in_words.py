"""History in the dealer's words; which sales of a piece cannot all stand."""

from datetime import UTC, datetime
from typing import Any

from gateway.domain.doubles import double_of
from gateway.domain.telling import Told, told


def at(minute: int) -> datetime:
    return datetime(2026, 11, 24, 8, minute, tzinfo=UTC)


def snapshot(minute: int, status: str = "available", **listings: str) -> dict[str, Any]:
    what = {"item_id": "lamp", "revision": minute, "status": status, "listings": listings}
    return {"type": "item.changed", "at": at(minute), "what": what}


def command(minute: int, kind: str, outcome: str = "done", **what: Any) -> dict[str, Any]:
    return {
        "type": kind,
        "at": at(minute),
        "actor": "session:owner",
        "outcome": outcome,
        "what": what,
    }


def lines(*oldest_first: dict[str, Any]) -> list[Told]:
    return told(list(oldest_first)[::-1], str.capitalize)[::-1]


def test_what_was_asked_is_told_with_who_and_what_came_of_it() -> None:
    found = lines(
        command(1, "item.activate", marketplaces=["ebay", "etsy", "shopify"]),
        command(2, "item.hold", "accepted", marketplaces=["*"], holder="Mrs. Aldous"),
        command(3, "item.delete", "rejected"),
    )
    assert [(one.actor, one.text, one.outcome) for one in found] == [
        ("Owner", "asked to activate on Ebay, Etsy and Shopify", ""),
        ("Owner", "asked to hold on all its marketplaces for Mrs. Aldous", "on its way"),
        ("Owner", "deleted the item", "refused"),
    ]


def test_a_change_names_its_fields_and_whose_details_they_are() -> None:
    changes = {"price": {"amount": "1"}, "listings": {"etsy": {"details": {"title": "x"}}}}
    (one,) = lines(command(1, "item.update", changes=changes))
    assert one.text == "changed price, the details for Etsy"


def test_snapshots_are_told_by_what_they_change_and_only_then() -> None:
    found = lines(
        snapshot(1, ebay="none"),
        snapshot(2, ebay="active", etsy="none"),
        snapshot(3, ebay="active", etsy="none"),
        snapshot(4, "sold", ebay="sold", etsy="none"),
    )
    assert [one.text for one in found] == ["Ebay: not there → active", "The item is now sold."]
    assert found[1].details == ("Ebay: active → sold",)


def test_a_refusal_says_every_issue() -> None:
    issues = [{"message": "Period is missing."}, {"message": "Title is too long."}]
    what = {"marketplace": "etsy", "issues": issues}
    (one,) = lines({"type": "listing.validation_failed", "at": at(1), "what": what})
    assert one.text == "Etsy did not take it: Period is missing. Title is too long."
    assert one.actor == ""


def test_what_is_said_again_for_programs_is_left_out() -> None:
    assert lines({"type": "listing.superseded", "at": at(1), "what": {}}) == []


def sale(sale_id: str, minute: int, status: str = "open", **more: Any) -> dict[str, Any]:
    return {"sale_id": sale_id, "sold_at": at(minute).isoformat(), "status": status, **more}


def test_two_open_sales_of_one_piece_are_a_double_sale() -> None:
    sales = [sale("s2", 9), sale("s1", 5, external_order_id="o1"), sale("s0", 1, "canceled")]
    found = double_of({"on_hand": -1}, sales)
    assert found is not None
    assert [one["sale_id"] for one in found.sales] == ["s1", "s2"]
    assert [one["sale_id"] for one in found.by_hand] == ["s2"]


def test_sales_of_several_owned_are_none() -> None:
    assert double_of({"on_hand": 1}, [sale("s1", 1), sale("s2", 2)]) is None


def test_merged_sales_stay_on_the_desk_so_that_they_can_be_split() -> None:
    found = double_of({"on_hand": 0}, [sale("s1", 1), sale("s2", 2, "merged", merged_into="s1")])
    assert found is not None
    assert [one["sale_id"] for one in found.merged] == ["s2"]


def held(minute: int, hold: dict[str, Any] | None) -> dict[str, Any]:
    wanted = {"desired": "on_hold", "hold": hold} if hold else {"desired": "active"}
    entry = snapshot(minute, etsy="active")
    return {**entry, "what": {**entry["what"], "wanted": {"etsy": wanted}}}


def test_a_hold_is_told_with_its_end_and_that_it_ended() -> None:
    end = "2026-11-24T08:05:00Z"
    asked = command(1, "item.hold", marketplaces=["etsy"], holder="Mrs. Aldous", until=end)
    assert [one.text for one in lines(asked, held(2, {"until": end}), held(6, None))] == [
        "asked to hold on Etsy for Mrs. Aldous until 24 Nov 2026",
        "Etsy: not there → active",
        "The hold on Etsy ended.",
    ]


def test_a_hold_that_was_released_before_its_end_did_not_end() -> None:
    end = {"until": "2026-11-24T08:05:00Z"}
    for before, after in (
        (held(2, end), held(4, None)),
        (held(2, {"holder": "Ann"}), held(6, None)),
    ):
        assert "The hold on Etsy ended." not in [one.text for one in lines(before, after)]
