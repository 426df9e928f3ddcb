"""Sales on the wire: who is answered, who is trusted, what is passed on, what is said again."""

import pytest

from brocante.contracts import sources
from brocante.contracts.answers import CommandRejected
from brocante.contracts.sales import (
    SaleCancel,
    SaleCanceled,
    SaleMerge,
    SaleRecord,
    SaleRecorded,
    SaleSplit,
)
from brocante.contracts.topics import SALES_COMMANDS
from brocante.contracts.values import Money, Relist
from sales.handlers import TABLE, answer, say
from tests.support.tables import START, Driven

WORKER = sources.worker("ebay")
RECORD = SaleRecord(
    sale_id="s1",
    item_id="lamp",
    marketplace="ebay",
    sold_at=START,
    price=Money(amount="12.50", currency="EUR"),
)
INTO = RECORD.model_copy(update={"sale_id": "s2"})


@pytest.fixture
def sales() -> Driven:
    return Driven(TABLE)


def test_a_recorded_sale_says_all_it_knows(sales: Driven) -> None:
    (event,) = sales.take(RECORD).said(SaleRecorded)
    assert (event.sale_version, event.item_id, event.sold_at) == (1, "lamp", START)
    assert event.price == RECORD.price
    assert event.recorded_at == sales.now


def test_a_canceled_sale_says_its_resolved_relist_and_availability(sales: Driven) -> None:
    (event,) = (
        sales.take(RECORD).take(SaleCancel(sale_id="s1", reason="damaged")).said(SaleCanceled)
    )
    assert (event.relist, event.availability, event.sale_version) == ("none", "unavailable", 2)


@pytest.mark.parametrize(("relist", "said"), [("origin", True), ("none", True), (None, None)])
def test_a_canceled_sale_says_whether_its_relist_was_chosen(
    sales: Driven, relist: Relist | None, said: bool | None
) -> None:
    cancel = SaleCancel(sale_id="s1", reason="returned", relist=relist)
    (event,) = sales.take(RECORD).take(cancel).said(SaleCanceled)
    assert event.relist_chosen is said


def test_a_refusal_names_the_command_it_answers(sales: Driven) -> None:
    (rejected,) = sales.take(SaleCancel(sale_id="s1"), id="c1").said(CommandRejected)
    assert (rejected.command_id, rejected.command_type) == ("c1", "sale.cancel")
    assert rejected.code == "unknown_sale"
    assert sales.last[0].subject == "s1"


def test_an_app_that_claims_to_be_a_marketplace_is_not_believed(sales: Driven) -> None:
    sales.take(SaleCancel(sale_id="s1", origin="marketplace"))
    assert sales.types == ["command.rejected"]


def test_a_kept_cancellation_is_answered_when_the_sale_comes(sales: Driven) -> None:
    sales.take(SaleCancel(sale_id="s1", origin="marketplace"), source=WORKER, id="w1")
    assert sales.types == []
    sales.take(RECORD, id="r1")
    assert sales.types == ["sale.recorded", "sale.canceled"]
    assert [out.causation for out in sales.last] == ["r1", "w1"]


def test_a_cancel_of_a_merged_sale_is_passed_on_and_the_first_command_is_answered(
    sales: Driven,
) -> None:
    sales.take(RECORD).take(INTO).take(SaleMerge(sale_id="s1", into="s2"))
    sales.take(SaleCancel(sale_id="s1", reason="unpaid"), id="first")
    (passed_on,) = sales.last
    assert passed_on.topic == SALES_COMMANDS
    assert passed_on.message == SaleCancel(sale_id="s2", reason="unpaid")
    assert passed_on.causation == "first"
    sales.take(passed_on.message, source=sources.SALES, causation_id="first")
    assert sales.types == ["sale.canceled"]
    assert sales.last[0].causation == "first"


def test_a_refusal_of_a_command_passed_on_answers_the_first_one(sales: Driven) -> None:
    sales.take(INTO).take(SaleCancel(sale_id="s2"))
    sales.take(SaleCancel(sale_id="s2"), source=sources.SALES, causation_id="first")
    (rejected,) = sales.said(CommandRejected)
    assert (rejected.command_id, sales.last[0].causation) == ("first", "first")


def test_what_only_a_worker_may_say_is_passed_on_only_from_a_worker(sales: Driven) -> None:
    sales.take(RECORD).take(INTO).take(SaleMerge(sale_id="s1", into="s2"))
    claims = SaleCancel(sale_id="s1", origin="marketplace")
    (from_app,) = sales.take(claims).said(SaleCancel)
    (from_worker,) = sales.take(claims, source=WORKER).said(SaleCancel)
    assert (from_app.origin, from_worker.origin) == ("app", "marketplace")


def test_every_sale_is_said_again_and_understood_by_itself(sales: Driven) -> None:
    sales.take(RECORD).take(SaleCancel(sale_id="s1"))
    state = sales.state("main/s1")
    said = [one.message for one in say("main/s1", state, START, START)]
    assert [message.TYPE for message in said] == ["sale.recorded", "sale.canceled"]
    assert [getattr(message, "sale_version", 0) for message in said] == [1, 2]


def test_a_split_sale_is_said_again_as_recorded_and_split_each_as_it_was(sales: Driven) -> None:
    sales.take(RECORD).take(SaleMerge(sale_id="s1", into="s2")).take(SaleSplit(sale_id="s1"))
    said = [one.message for one in say("main/s1", sales.state("main/s1"), START, START)]
    assert [message.TYPE for message in said] == ["sale.recorded", "sale.split_off"]
    assert [getattr(message, "sale_version", 0) for message in said] == [1, 3]
    assert said[1] == sales.last[-1].message


def test_a_recording_is_said_again_with_the_version_that_its_id_stands_for(sales: Driven) -> None:
    fuller = RECORD.model_copy(update={"external_order_id": "11-2"})
    sales.take(RECORD.model_copy(update={"external_order_id": None})).take(fuller)
    filled_in = sales.last[-1].message
    sales.take(SaleCancel(sale_id="s1"))
    first, canceled = say("main/s1", sales.state("main/s1"), START, START)
    assert first.message == filled_in
    assert getattr(canceled.message, "sale_version", 0) == 3


def test_a_split_asked_again_is_answered_with_the_split(sales: Driven) -> None:
    sales.take(RECORD).take(SaleMerge(sale_id="s1", into="s2")).take(SaleSplit(sale_id="s1"))
    split = sales.last[-1].message
    sales.take(SaleSplit(sale_id="s1"))
    assert sales.last[-1].message == split


def test_a_command_applied_long_ago_is_answered_with_what_is(sales: Driven) -> None:
    received = sales.received(RECORD, "r1", "app", {})
    sales.take(RECORD)
    (out,) = answer(sales.state("main/s1"), received)
    assert isinstance(out.message, SaleRecorded)
