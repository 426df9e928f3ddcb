"""The rules of the whole world: what people, marketplaces and processes do, in any order."""

from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from brocante.contracts.inventory import (
    ItemActivate,
    ItemDeactivate,
    ItemDelete,
    ItemHold,
    ItemRelease,
    ItemUpdate,
)
from brocante.contracts.sales import SaleCancel, SaleMerge
from tests.model.story import PLACES, Story
from tests.model.world import Trouble

ITEMS = ("lamp", "vase")
ANYWHERE = (*PLACES, "showroom", "showroom")
TOPICS = ("sales.commands", "inventory.commands", "sales.events", "marketplace.events")
OPERATIONS = ("activate", "deactivate", "update", "read", "find", "hold")
FAULTS = ("lie", "cut_before", "cut_after", "rate_limited", "invalid", "circuit_open", "late")
SHARES: dict[str, Any] = {
    "all": lambda _: True,
    "first": lambda tp: tp.partition == 0,
    "second": lambda tp: tp.partition == 1,
    "stays": None,
}

items = st.sampled_from(ITEMS)
places = st.lists(st.sampled_from((*PLACES, "*")), min_size=1, max_size=2, unique=True)
services = st.sampled_from(("sales", "inventory", *PLACES))
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
        self.story = Story(PLACES)
        self.world = self.story.world
        self.recorded: list[str] = []
        self.elsewhere: dict[str, list[str]] = {}
        self.wiped = 0

    @initialize()
    def a_piece_on_sale(self) -> None:
        self.story.put_on_sale("lamp")

    @rule(item=items, quantity=st.sampled_from((1, 1, 2)))
    def create(self, item: str, quantity: int) -> None:
        self.story.create(item, quantity)

    @rule(item=items, where=places)
    def activate(self, item: str, where: list[str]) -> None:
        self.story.ask(ItemActivate(item_id=item, marketplaces=where))

    @rule(item=items, where=places)
    def deactivate(self, item: str, where: list[str]) -> None:
        self.story.ask(ItemDeactivate(item_id=item, marketplaces=where))

    @rule(
        item=items,
        where=places,
        seconds=st.sampled_from((None, 5, 90)),
        before=st.sampled_from((None, None, "active")),
    )
    def hold(
        self, item: str, where: list[str], seconds: int | None, before: Literal["active"] | None
    ) -> None:
        until = datetime.now(UTC) + timedelta(seconds=seconds) if seconds else None
        self.story.ask(ItemHold(item_id=item, marketplaces=where, until=until, before=before))

    @rule(item=items, where=places)
    def release(self, item: str, where: list[str]) -> None:
        self.story.ask(ItemRelease(item_id=item, marketplaces=where))

    @rule(item=items, title=st.sampled_from(("old", "new")))
    def edit(self, item: str, title: str) -> None:
        self.story.ask(ItemUpdate(item_id=item, changes={"title": title}))

    @rule(item=items, sure=st.integers(0, 4))
    def delete(self, item: str, sure: int) -> None:
        if sure == 0:
            self.story.ask(ItemDelete(item_id=item))

    @rule(item=items, place=st.sampled_from(ANYWHERE))
    def record_by_hand(self, item: str, place: str) -> None:
        sale = f"hand{len(self.recorded)}"
        self.recorded.append(sale)
        self.story.record(sale, item, place)
        if place == "showroom":
            self.elsewhere.setdefault(item, []).append(sale)

    @precondition(lambda self: any(len(sales) > 1 for sales in self.elsewhere.values()))
    @rule(item=items, which=st.integers(1, 3))
    def merge_by_hand(self, item: str, which: int) -> None:
        sales = self.elsewhere.get(item, [])
        if which < len(sales):
            self.story.ask(SaleMerge(sale_id=sales[which], into=sales[which - 1]))

    @precondition(lambda self: self.recorded)
    @rule(data=st.data(), relist=st.sampled_from((None, "origin", "as_before", "none")))
    def cancel_by_app(self, data: st.DataObject, relist: Any) -> None:
        sale = data.draw(st.sampled_from(self.recorded))
        self.story.ask(SaleCancel(sale_id=sale, relist=relist))

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
        service=services,
        replica=replicas,
        share=shares,
        most=st.sampled_from((1, 3, 500)),
        trouble=troubles,
    )
    def consume(
        self, service: str, replica: int, share: str, most: int, trouble: Trouble | None
    ) -> None:
        self.world.consume(service, replica, SHARES[share], most, trouble)

    @rule(place=st.sampled_from(PLACES), replica=replicas, trouble=troubles)
    def look(self, place: str, replica: int, trouble: Trouble | None) -> None:
        self.world.look(place, replica, trouble)

    @rule(service=services, replica=replicas, trouble=troubles)
    def sweep(self, service: str, replica: int, trouble: Trouble | None) -> None:
        self.world.sweep(service, replica, trouble)

    @rule(seconds=st.sampled_from((0.3, 2.0, 12.0, 40.0, 130.0)))
    def time_passes(self, seconds: float) -> None:
        self.world.time.pass_(seconds)
        self.world.run(self.world.front.listen())
        self.world.run(self.world.front.repeat())

    @rule(
        place=st.sampled_from(PLACES),
        operation=st.sampled_from(OPERATIONS),
        faults=st.lists(st.sampled_from(FAULTS), min_size=1, max_size=2),
    )
    def trouble_at_a_market(self, place: str, operation: str, faults: list[Any]) -> None:
        self.world.markets[place].fail(operation, *faults)

    @precondition(lambda self: any(market.late for market in self.world.markets.values()))
    @rule(place=st.sampled_from(PLACES))
    def take_effect_late(self, place: str) -> None:
        self.world.markets[place].take_effect()

    @rule(item=items, place=st.sampled_from(PLACES), sure=st.integers(0, 2))
    def edit_there(self, item: str, place: str, sure: int) -> None:
        if sure == 0:
            self.world.markets[place].edit(item)

    @rule()
    def gateway_dies_with_the_next_command(self) -> None:
        self.story.gateway_dies = True

    @rule(topic=st.sampled_from(TOPICS), which=st.integers(0, 50))
    def duplicate(self, topic: str, which: int) -> None:
        self.story.duplicate(topic, which)

    @rule(topic=st.sampled_from(TOPICS), key=st.sampled_from((None, b"main/lamp")))
    def poison(self, topic: str, key: bytes | None) -> None:
        self.story.poison(topic, key)

    @precondition(lambda self: self.wiped < 2)
    @rule(sure=st.integers(0, 7))
    def wipe_the_broker(self, sure: int) -> None:
        if sure == 0:
            self.wiped += 1
            self.world.wipe()

    @rule(sure=st.integers(0, 7))
    def resync(self, sure: int) -> None:
        # Seldom: it mends what it is to be found that something else lost.
        if sure == 0:
            self.world.resync()

    @invariant()
    def nothing_is_wrong(self) -> None:
        self.story.check()

    def teardown(self) -> None:
        self.story.end()
