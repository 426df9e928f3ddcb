"""A world with the rules beside it and everything that was asked of it, told step by step."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from brocante.contracts.inventory import ItemActivate, ItemCreate
from brocante.contracts.message import Command
from brocante.contracts.sales import SaleRecord
from brocante.messaging.wire import Wire
from tests.model.comparing import Comparison
from tests.model.resting import bring_to_rest, wrong_at_rest
from tests.model.world import World

PLACES = ("ebay", "etsy")


@dataclass
class Story:
    """What people do in a world, in words; `accepted` is what the gateway has taken."""

    places: tuple[str, ...] = PLACES
    world: World = field(init=False)
    rules: Comparison = field(init=False)
    accepted: dict[str, Command] = field(default_factory=dict)
    gateway_dies: bool = False

    def __post_init__(self) -> None:
        """An empty world."""
        self.world = World(self.places)
        self.rules = Comparison(self.world.watch)

    def ask(self, command: Command) -> None:
        """An app asks for something: accepted, and published."""
        id_ = f"c{len(self.accepted)}"
        self.accepted[id_] = command
        self.world.run(self.world.front.accept(id_, command))
        if self.gateway_dies:
            # Kept, answered 202, and gone before it was published.
            self.world.front.restart()
            self.gateway_dies = False
        self.world.run(self.world.front.send())

    def create(self, item: str, quantity: int = 1) -> None:
        """A draft everywhere."""
        drafts: dict[str, Any] = {place: {} for place in self.places}
        about = {"item_id": item, "sku": item, "title": item, "quantity": quantity}
        price = {"amount": "10.00", "currency": "EUR"}
        self.ask(ItemCreate.model_validate({**about, "price": price, "listings": drafts}))

    def activate(self, item: str, *places: str) -> None:
        """The dealer wants it on sale."""
        self.ask(ItemActivate(item_id=item, marketplaces=list(places) or ["*"]))

    def record(self, sale: str, item: str, place: str = "showroom") -> None:
        """The dealer sold it."""
        now = datetime.now(UTC)
        self.ask(SaleRecord(sale_id=sale, item_id=item, marketplace=place, sold_at=now))

    def put_on_sale(self, *items: str) -> None:
        """Items that buyers can find on every place."""
        for item in items:
            self.create(item)
            self.activate(item)
        self.pass_on()

    def pass_on(self, *services: str) -> None:
        """Each of these (all of them) consumes what is there, and works it."""
        for service in services or ("sales", "inventory", *self.places):
            self.world.consume(service)
            if service in self.places:
                self.world.look(service)

    def deliver(self, place: str, *, again: bool = False) -> None:
        """A marketplace's webhooks reach the gateway, some of them twice."""
        market, front = self.world.markets[place], self.world.front
        for webhook in sorted(market.waiting):
            self.world.run(front.deliver(market, webhook, again=again))
        self.world.run(front.send())

    def duplicate(self, topic: str, which: int = -1) -> None:
        """A producer that was not sure has published a record once more."""
        log = self.world.broker.read(topic)
        if log:
            one = log[which % len(log)]
            self.world.broker.append(Wire(one.topic, one.key, one.value, one.headers))

    def poison(self, topic: str, key: bytes | None = None) -> None:
        """Someone publishes what is no message."""
        value = f"garbage {len(self.world.watch.garbage)}".encode()
        self.world.broker.append(Wire(topic, key, value, [("ce_specversion", b"\xff")]))

    def check(self) -> None:
        """Nothing was wrong so far."""
        assert not self.world.watch.violations, "\n".join(self.world.watch.violations)

    def end(self) -> None:
        """All comes to rest, and everything holds there."""
        try:
            self.check()
            bring_to_rest(self.world)
            wrong = wrong_at_rest(self.world, self.rules, self.accepted)
            assert not wrong, "\n".join(wrong)
        finally:
            self.world.close()
