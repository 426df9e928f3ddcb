"""What intake wrote is called at once, without a look first, unless a look must come before."""

from dataclasses import dataclass, field

import pytest
from msgspec.structs import replace

from brocante.contracts.marketplace import MarketplacePause
from brocante.messaging.epoch import Epoch
from brocante.messaging.processor import Written
from brocante.messaging.progress import Progress
from brocante.messaging.running import RunningService
from brocante.messaging.serving import Runtime
from brocante.settings import Settings
from brocante.testing.memory_broker import MemoryBroker, MemoryPublisher
from brocante.testing.memory_database import MemoryDatabase
from marketplace_sync.marketplaces.contract import OrderToRead, SaleSeen
from marketplace_sync.reconcile import loop as looking
from tests.support.fake_account import FakeAccount, target
from tests.support.running import Bench, eventually, handled
from tests.support.worker_listings import NOW

SALE = SaleSeen("ebay:l1", "o1", "x1", "lamp", 1, None, NOW)
TOPICS = ("marketplace.ebay.commands", "marketplace.ebay.webhooks")


@dataclass
class Ground:
    """A worker in memory whose loop looks only when it is told to."""

    account: FakeAccount
    broker: MemoryBroker
    service: RunningService
    read: list[str] = field(default_factory=list)

    async def take_in(self) -> None:
        """Intake takes all that waits, and what goes on because of it ends."""
        records = self.broker.waiting("g", TOPICS)
        await handled(self.service, records)
        self.broker.commit("g", records)
        loop = self.account.loop
        await eventually(lambda: not loop._busy and not loop._beside, "nothing is under way")

    async def want(self, operation: str, intent: int, item: str = "lamp") -> None:
        await self.account.tell(target(operation, intent, item), f"{item}-{intent}")

    def calls(self) -> list[tuple[str, str]]:
        return self.account.adapter.ledger


@pytest.fixture
async def ground() -> Ground:
    """A lamp on sale, and a loop that looked just now."""
    settings, broker, database = Settings(), MemoryBroker(), MemoryDatabase()
    publisher, progress, epoch = (
        MemoryPublisher(settings, broker),
        Progress(60),
        Epoch(1, 1, 1, "c", {}, {}, {}),
    )
    runtime = Runtime(settings, database, publisher, epoch, progress)
    account = FakeAccount(Bench(settings, runtime))

    def go_on(written: Written) -> None:
        account.loop.go_on(written)

    service = RunningService(account.intake, settings, database, epoch, publisher, progress, go_on)
    account.loop = account.process(service.stores)
    made = Ground(account, broker, service)

    async def note(_collection: str, operation: str) -> None:
        made.read.append(operation)

    await made.want("activate", 1)
    await made.take_in()
    await account.loop._look()
    await made.take_in()
    assert account.adapter.on_sale() == ["lamp"]
    account.adapter.ledger.clear()
    account.loop.wake.clear()
    database.hook = note
    return made


async def test_a_listing_goes_off_sale_without_a_look(ground: Ground) -> None:
    await ground.want("deactivate", 2)
    await ground.take_in()
    assert ground.account.adapter.on_sale() == []
    assert ground.read == ["bulk_write", "bulk_write"], "taken in, called, recorded; nothing read"


async def test_an_order_is_read_and_its_sale_said_without_a_look(ground: Ground) -> None:
    ground.account.adapter.orders["o1"] = (SALE,)
    await ground.account.deliver("w1", OrderToRead("o1"))
    await ground.take_in()
    assert [r.key for r in ground.broker.read("sales.commands")] == [b"main/ebay:l1"]
    assert ground.calls() == [("read_order", "o1")]


@pytest.mark.parametrize("why", ["no look lately", "stopping", "not ours", "stopped"])
async def test_a_look_comes_first(ground: Ground, why: str) -> None:
    loop = ground.account.loop
    if why == "no look lately":
        loop._looked -= looking.LATELY_SECONDS
    elif why == "stopping":
        loop._stopping = True
    elif why == "not ours":
        loop._ours = False
    else:
        loop.status.known = replace(loop.status.known, status="unauthorized")
    await ground.want("deactivate", 2)
    await ground.take_in()
    assert ground.calls() == []
    assert loop.wake.is_set()


async def test_a_pause_holds_for_what_came_with_it(ground: Ground) -> None:
    await ground.want("deactivate", 2)
    await ground.account.tell(MarketplacePause(marketplace="ebay", reason="audit"), "p1")
    await ground.take_in()
    assert ground.calls() == []
    assert ground.account.loop.wake.is_set()


async def test_what_finds_no_room_is_left_to_a_look(ground: Ground) -> None:
    loop = ground.account.loop
    loop.concurrency = 0
    await ground.want("deactivate", 2)
    await ground.take_in()
    assert (ground.calls(), loop.wake.is_set()) == ([], True)


@pytest.mark.parametrize("sold_here", [True, False])
async def test_only_what_goes_off_sale_elsewhere_presses(
    ground: Ground, *, sold_here: bool
) -> None:
    """Looking at what was sold here can wait; what goes on sale is begun by a look."""
    if sold_here:
        sold = target("deactivate", 2, desired="sold", reason="sold")
        await ground.account.tell(sold, "lamp-2")
    else:
        await ground.want("activate", 1, "vase")
    await ground.take_in()
    assert ground.calls() == []
    assert ground.account.loop.wake.is_set() is not sold_here
    await ground.account.loop._look()
    await ground.take_in()
    assert ground.calls() != []
