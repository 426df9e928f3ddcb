"""Nothing lost, doubled or resurrected, whatever order, trouble and luck bring."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test

from brocante.contracts.inventory import (
    ItemActivate,
    ItemCreate,
    ItemDeactivate,
    ItemDelete,
    ItemHold,
    ItemRelease,
    ItemUpdate,
)
from brocante.contracts.message import Command
from brocante.contracts.sales import SaleCancel, SaleMerge, SaleRecord
from brocante.messaging.wire import Wire
from tests.model.comparing import Comparison
from tests.model.resting import bring_to_rest, wrong_at_rest
from tests.model.world import Trouble, World

ITEMS = ("lamp", "vase")
PLACES = ("ebay", "etsy")
ANYWHERE = (*PLACES, "showroom")
TOPICS = ("sales.commands", "inventory.commands", "sales.events", "marketplace.events")
FAULTS = ("lie", "cut_before", "cut_after", "rate_limited", "invalid")

items = st.sampled_from(ITEMS)
places = st.lists(st.sampled_from((*PLACES, "*")), min_size=1, max_size=2, unique=True)
replicas = st.integers(0, 1)
troubles = st.one_of(
    st.none(),
    st.none(),
    st.builds(Trouble, st.integers(1, 9), st.sampled_from(("die", "die", "fail", "overtaken"))),
)
shares = st.sampled_from(("all", "all", "first", "second", "stays"))


class WholeWorld(RuleBasedStateMachine):
    """Rules are what people, marketplaces and processes do; see `World` for how."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(PLACES)
        self.rules = Comparison(self.world.watch)
        self.accepted: dict[str, Command] = {}
        self.recorded: list[str] = []
        self.wiped = 0

    @initialize()
    def two_pieces_on_sale(self) -> None:
        for item in ITEMS[:1]:
            self.create(item=item, quantity=1)
            self.ask(ItemActivate(item_id=item, marketplaces=["*"]))
        for service in ("inventory", *PLACES):
            self.world.consume(service)
        for place in PLACES:
            self.world.look(place)

    @rule(item=items, quantity=st.sampled_from((1, 1, 2)))
    def create(self, item: str, quantity: int) -> None:
        drafts: dict[str, Any] = {place: {} for place in PLACES}
        about = {"item_id": item, "sku": item, "title": item, "quantity": quantity}
        price = {"amount": "10.00", "currency": "EUR"}
        self.ask(ItemCreate.model_validate({**about, "price": price, "listings": drafts}))

    @rule(item=items, where=places)
    def activate(self, item: str, where: list[str]) -> None:
        self.ask(ItemActivate(item_id=item, marketplaces=where))

    @rule(item=items, where=places)
    def deactivate(self, item: str, where: list[str]) -> None:
        self.ask(ItemDeactivate(item_id=item, marketplaces=where))

    @rule(item=items, where=places, seconds=st.sampled_from((None, 5, 90)))
    def hold(self, item: str, where: list[str], seconds: int | None) -> None:
        until = datetime.now(UTC) + timedelta(seconds=seconds) if seconds else None
        self.ask(ItemHold(item_id=item, marketplaces=where, until=until))

    @rule(item=items, where=places)
    def release(self, item: str, where: list[str]) -> None:
        self.ask(ItemRelease(item_id=item, marketplaces=where))

    @rule(item=items, title=st.sampled_from(("old", "new")))
    def edit(self, item: str, title: str) -> None:
        self.ask(ItemUpdate(item_id=item, changes={"title": title}))

    @rule(item=items, sure=st.integers(0, 4))
    def delete(self, item: str, sure: int) -> None:
        if sure == 0:
            self.ask(ItemDelete(item_id=item))

    @rule(item=items, place=st.sampled_from(ANYWHERE))
    def record_by_hand(self, item: str, place: str) -> None:
        sale = f"hand{len(self.recorded)}"
        self.recorded.append(sale)
        now = datetime.now(UTC)
        self.ask(SaleRecord(sale_id=sale, item_id=item, marketplace=place, sold_at=now))

    @precondition(lambda self: self.recorded)
    @rule(data=st.data(), relist=st.sampled_from((None, "origin", "as_before", "none")))
    def cancel_by_app(self, data: st.DataObject, relist: Any) -> None:
        sale = data.draw(st.sampled_from(self.recorded))
        self.ask(SaleCancel(sale_id=sale, relist=relist))

    @rule(item=items, place=st.sampled_from(PLACES))
    def buy(self, item: str, place: str) -> None:
        sale = self.world.markets[place].sell(item)
        if sale is not None:
            self.recorded.append(sale)

    @precondition(lambda self: any(m.open_orders() for m in self.world.markets.values()))
    @rule(place=st.sampled_from(PLACES), relists=st.booleans())
    def cancel_order(self, place: str, relists: bool) -> None:
        market = self.world.markets[place]
        for order in market.open_orders()[:1]:
            market.cancel_order(order, relists=relists)

    @precondition(lambda self: any(market.waiting for market in self.world.markets.values()))
    @rule(data=st.data(), place=st.sampled_from(PLACES), again=st.booleans())
    def deliver(self, data: st.DataObject, place: str, again: bool) -> None:
        market = self.world.markets[place]
        if market.waiting:
            webhook = data.draw(st.sampled_from(sorted(market.waiting)))
            self.world.run(self.world.front.deliver(market, webhook, again=again))
            self.world.run(self.world.front.send())

    @precondition(lambda self: any(market.waiting for market in self.world.markets.values()))
    @rule(place=st.sampled_from(PLACES))
    def forget_a_webhook(self, place: str) -> None:
        waiting = self.world.markets[place].waiting
        if waiting:
            waiting.popitem()

    @rule(
        service=st.sampled_from(("sales", "inventory", *PLACES)),
        replica=replicas,
        share=shares,
        most=st.sampled_from((1, 3, 500)),
        trouble=troubles,
    )
    def consume(
        self, service: str, replica: int, share: str, most: int, trouble: Trouble | None
    ) -> None:
        chosen: Any = {
            "all": lambda _: True,
            "first": lambda tp: tp.partition == 0,
            "second": lambda tp: tp.partition == 1,
            "stays": None,
        }[share]
        self.world.consume(service, replica, chosen, most, trouble)

    @rule(place=st.sampled_from(PLACES), replica=replicas, trouble=troubles)
    def look(self, place: str, replica: int, trouble: Trouble | None) -> None:
        self.world.look(place, replica, trouble)

    @rule(
        service=st.sampled_from(("sales", "inventory", *PLACES)), replica=replicas, trouble=troubles
    )
    def sweep(self, service: str, replica: int, trouble: Trouble | None) -> None:
        self.world.sweep(service, replica, trouble)

    @rule(seconds=st.sampled_from((0.3, 2.0, 12.0, 40.0, 130.0)))
    def time_passes(self, seconds: float) -> None:
        self.world.time.pass_(seconds)
        self.world.run(self.world.front.listen())
        self.world.run(self.world.front.repeat())

    @rule(
        place=st.sampled_from(PLACES),
        operation=st.sampled_from(("activate", "deactivate", "update", "read", "find", "hold")),
        faults=st.lists(st.sampled_from(FAULTS), min_size=1, max_size=2),
    )
    def trouble_at_a_market(self, place: str, operation: str, faults: list[Any]) -> None:
        self.world.markets[place].fail(operation, *faults)

    @rule(topic=st.sampled_from(TOPICS), which=st.integers(0, 50))
    def duplicate(self, topic: str, which: int) -> None:
        log = self.world.broker.read(topic)
        if log:
            one = log[which % len(log)]
            self.world.broker.append(Wire(one.topic, one.key, one.value, one.headers))

    @rule(topic=st.sampled_from(TOPICS), key=st.sampled_from((None, b"main/lamp")))
    def poison(self, topic: str, key: bytes | None) -> None:
        value = f"garbage {len(self.world.watch.garbage)}".encode()
        self.world.broker.append(Wire(topic, key, value, [("ce_specversion", b"\xff")]))

    @precondition(lambda self: self.wiped < 2)
    @rule(sure=st.integers(0, 3))
    def wipe_the_broker(self, sure: int) -> None:
        if sure == 0:
            self.wiped += 1
            self.world.wipe()

    @rule()
    def resync(self) -> None:
        self.world.resync()

    @invariant()
    def nothing_is_wrong(self) -> None:
        assert not self.world.watch.violations, "\n".join(self.world.watch.violations)

    def teardown(self) -> None:
        try:
            if not self.world.watch.violations:
                bring_to_rest(self.world)
                wrong = wrong_at_rest(self.world, self.rules, self.accepted)
                assert not wrong, "\n".join(wrong)
        finally:
            self.world.close()

    def ask(self, command: Command) -> None:
        id_ = f"c{len(self.accepted)}"
        self.accepted[id_] = command
        self.world.run(self.world.front.accept(id_, command))
        self.world.run(self.world.front.send())


def test_nothing_is_lost_doubled_or_resurrected() -> None:
    run_state_machine_as_test(WholeWorld)
