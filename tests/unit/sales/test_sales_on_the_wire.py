"""Every field of a sale arrives, is kept, and is said."""

from typing import Any

import pytest

from brocante.contracts import sources
from brocante.contracts.answers import CommandRejected
from brocante.contracts.message import Message
from brocante.contracts.sales import (
    SaleCancel,
    SaleCanceled,
    SaleMerge,
    SaleMerged,
    SaleRecord,
    SaleRecorded,
    SaleSplit,
    SaleSplitOff,
)
from brocante.contracts.values import Money
from brocante.messaging.deciding import Said
from sales.domain.sale import Cancellation, Line, Price, Sale
from sales.handlers import TABLE, answer, say
from tests.support.tables import START, Driven

RECORD = SaleRecord(
    sale_id="s1",
    item_id="lamp",
    marketplace="ebay",
    quantity=2,
    price=Money(amount="12.50", currency="EUR"),
    sold_at=START,
    external_order_id="o-1",
    note="by phone",
)
CANCEL = SaleCancel(sale_id="s1", reason="unpaid", relist="as_before", note="never came")
BARE = SaleRecord(sale_id="s1", item_id="lamp", marketplace="ebay", sold_at=START)


@pytest.fixture
def sales() -> Driven:
    return Driven(TABLE)


def known(version: int) -> dict[str, Any]:
    return {"sale_id": "s1", "sale_version": version, "item_id": "lamp"}


def only(driven: Driven) -> Message:
    (out,) = driven.last
    assert out.said == out.message.TYPE
    return out.message


def test_a_sale_is_kept_and_said_whole(sales: Driven) -> None:
    sales.take(RECORD)
    line = Line("lamp", "ebay", 2, START, Price("12.50", "EUR"), "o-1", "by phone")
    assert sales.state("main/s1") == Sale("s1", 1, "open", line, sales.now)
    assert only(sales) == SaleRecorded(
        **known(1),
        marketplace="ebay",
        quantity=2,
        price=RECORD.price,
        sold_at=START,
        recorded_at=sales.now,
        external_order_id="o-1",
    )


def test_a_sale_without_a_price_is_said_without_one(sales: Driven) -> None:
    sales.take(BARE)
    assert only(sales) == SaleRecorded(
        **known(1), marketplace="ebay", sold_at=START, recorded_at=sales.now
    )


def test_a_cancellation_is_kept_and_said_whole(sales: Driven) -> None:
    sales.take(RECORD).take(CANCEL)
    assert sales.state("main/s1").cancellation == Cancellation("unpaid", "as_before", "never came")
    assert only(sales) == SaleCanceled(
        **known(2),
        marketplace="ebay",
        quantity=2,
        reason="unpaid",
        relist="as_before",
        relist_chosen=True,
        availability="available",
        canceled_at=sales.now,
        note="never came",
    )


def test_a_merge_and_a_split_say_the_other_sale(sales: Driven) -> None:
    sales.take(RECORD).take(SaleMerge(sale_id="s1", into="s2"))
    assert only(sales) == SaleMerged(**known(2), into="s2")
    sales.take(SaleSplit(sale_id="s1"))
    assert only(sales) == SaleSplitOff(**known(3), into="s2")


def test_a_refusal_says_which_field_is_at_fault(sales: Driven) -> None:
    sales.take(RECORD).take(SaleMerge(sale_id="s1", into="s1"), id="m1")
    (rejected,) = sales.said(CommandRejected)
    assert rejected == CommandRejected(
        command_id="m1",
        command_type="sale.merge",
        code="invalid",
        message="A sale cannot be merged into itself.",
        field="/into",
    )


@pytest.mark.parametrize("command", [SaleMerge(sale_id="s1", into="s2"), SaleSplit(sale_id="s1")])
def test_a_sale_nobody_recorded_is_named(sales: Driven, command: Message) -> None:
    (rejected,) = sales.take(command).said(CommandRejected)
    assert (rejected.code, rejected.message) == ("unknown_sale", "There is no sale s1.")


def test_a_cancellation_passed_on_by_sales_is_not_passed_on_again(sales: Driven) -> None:
    sales.take(RECORD).take(SaleMerge(sale_id="s1", into="s2"))
    sales.take(SaleCancel(sale_id="s1"), source=sources.SALES, causation_id="c1")
    (rejected,) = sales.said(CommandRejected)
    assert (rejected.code, rejected.command_id) == ("invalid", "c1")


def test_what_caused_an_apps_command_is_not_what_is_answered(sales: Driven) -> None:
    sales.take(RECORD, id="r1", causation_id="earlier")
    assert sales.last[0].causation == "r1"


def test_a_merged_sale_is_said_again_as_recorded_then_merged(sales: Driven) -> None:
    sales.take(RECORD)
    first = only(sales)
    sales.take(SaleMerge(sale_id="s1", into="s2"))
    state = sales.state("main/s1")
    assert list(say("main/s1", state, START, START)) == [
        Said("sale.recorded", first),
        Said("sale.merged", SaleMerged(**known(2), into="s2")),
    ]


def test_a_sale_only_expected_has_nothing_to_say_or_answer(sales: Driven) -> None:
    cancel = SaleCancel(sale_id="s1", origin="marketplace")
    sales.take(cancel, source=sources.worker("ebay"))
    state = sales.state("main/s1")
    assert list(say("main/s1", state, START, START)) == []
    assert list(answer(state, sales.received(cancel, "c1", "app", {}))) == []


def test_a_sale_is_one_document_of_its_dealer(sales: Driven) -> None:
    sales.take(RECORD, dealer="anna")
    assert list(sales.stored) == ["anna/s1"]


def test_the_table_says_who_sales_is_and_what_it_reads() -> None:
    assert (TABLE.name, TABLE.source) == ("sales", "brocante/sales")
    assert (TABLE.events_topic, TABLE.topics) == ("sales.events", ("sales.commands",))
    assert [route.message for route in TABLE.routes] == [
        SaleRecord,
        SaleCancel,
        SaleMerge,
        SaleSplit,
    ]


@pytest.mark.parametrize(
    ("found", "refusal"),
    [
        ("chair", ("invalid", "Sale s2 is of another item: chair.")),
        ("", ("unknown_sale", "There is no sale s2.")),
        ("lamp", None),
        (None, None),
    ],
)
def test_a_merge_is_decided_by_what_was_found_of_the_other_sale(
    sales: Driven, found: str | None, refusal: tuple[str, str] | None
) -> None:
    sales.take(RECORD).take(SaleMerge(sale_id="s1", into="s2"), found=found)
    refused = [(one.code, one.message) for one in sales.said(CommandRejected)]
    assert refused == ([refusal] if refusal else [])
    assert len(sales.said(SaleMerged)) == (refusal is None)


def test_an_open_sale_is_said_again_once(sales: Driven) -> None:
    first = only(sales.take(RECORD))
    again = list(say("main/s1", sales.state("main/s1"), START, START))
    assert again == [Said("sale.recorded", first)]
