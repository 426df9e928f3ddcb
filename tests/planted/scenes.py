"""Small stories in which one fault each shows; without it every one of them ends well.

Each plays in the model's world and is judged by its checks, unless it says itself what must hold.
"""

from collections.abc import Iterator
from itertools import count

from brocante.contracts.inventory import ItemDeactivate
from brocante.contracts.sales import SaleCancel
from brocante.messaging.wire import Wire
from brocante.testing.memory_broker import Record
from tests.model.story import Story
from tests.model.world import Trouble, What, World
from tests.unit.marketplace_sync import test_worker_setbacks
from tests.unit.messaging import test_folding

SOME = 8


def a_zombie_writes_over_another() -> None:
    """Two replicas know the same version of an item; the second to write decides again."""
    story = _on_sale()
    story.world.consume("inventory", 0)
    story.record("s1", "lamp")
    story.world.consume("sales")
    # The one that has the item in memory is not told that the other took over.
    story.world.consume("inventory", 1)
    story.activate("lamp", "ebay")
    _unfenced(story, 0)
    story.end()


def a_crash_at_every_point_of_a_batch() -> None:
    """A sale is on its way when the process that has it dies, or meets a failure, anywhere."""
    for story, trouble in _at_every_point("die", "fail"):
        story.put_on_sale("lamp")
        story.record("s1", "lamp", "ebay")
        story.pass_on("sales")
        story.world.consume("inventory", 0, trouble=trouble)


def a_target_meets_an_outcome() -> None:
    """One replica's intake records a target while another one's loop records what it did."""
    story = Story()
    story.create("lamp")
    story.activate("lamp", "ebay")
    story.pass_on("inventory")
    story.world.consume("ebay", 0)
    story.world.look("ebay", 1)
    story.record("s1", "lamp")
    story.pass_on("sales", "inventory")
    story.world.consume("ebay", 0)
    story.end()


def a_batch_read_ahead_dies_with_its_reader() -> None:
    """What was read and not processed is read by the next one."""
    story = Story()
    sold = ("lamp", "vase", "stool")
    story.put_on_sale(*sold)
    story.pass_on()
    for item in sold:
        story.record(f"s-{item}", item)
    story.pass_on("sales")
    story.world.consume("inventory", 0, most=1)
    story.world.consume("inventory", 0, partitions=None, most=1, trouble=Trouble(1, "die"))
    story.end()


def a_wiped_broker_takes_what_was_never_published() -> None:
    """Written, not published, broker lost: only the journal still knows that it is oversold."""
    for story, trouble in _at_every_point("die"):
        story.put_on_sale("lamp")
        for sale in ("s1", "s2"):
            story.record(sale, "lamp")
        story.pass_on("sales")
        story.world.consume("inventory", 0, trouble=trouble)
        story.world.lose_the_broker()
        # Soon the new broker has more records than the old one had.
        for n in range(3, SOME):
            story.record(f"s{n}", "lamp")
            story.pass_on("sales", "inventory")
        story.world.resync()


def a_wiped_broker_takes_a_sale_along() -> None:
    """Recorded, said, and lost on the way to inventory."""
    story = _on_sale()
    story.record("s1", "lamp", "ebay")
    story.pass_on("sales")
    story.world.run(story.world.front.listen())
    story.world.wipe()
    story.end()


def a_worker_dies_before_it_says_what_it_did() -> None:
    """The outcome is in the database, and nobody was told."""
    for story, trouble in _at_every_point("die"):
        story.create("lamp")
        story.activate("lamp", "ebay")
        story.pass_on("inventory")
        story.world.consume("ebay")
        story.world.look("ebay", 0, trouble=trouble)


def garbage_among_the_messages() -> None:
    """What cannot be read is a dead letter; the rest goes on."""
    story = _on_sale()
    for topic in ("sales.commands", "inventory.commands", "marketplace.events"):
        story.poison(topic, b"main/lamp")
    story.record("s1", "lamp")
    story.end()


def a_target_that_comes_late() -> None:
    """An activation is published by a zombie, after the deactivation of the sale."""
    story = _on_sale()
    story.ask(ItemDeactivate(item_id="lamp", marketplaces=["ebay"]))
    story.pass_on()
    story.activate("lamp", "ebay")
    story.pass_on("inventory")
    late = _held_back(story.world, "ebay")
    story.record("s1", "lamp")
    story.pass_on()
    _come_now(story.world, late)
    story.end()


def two_replicas_at_one_account() -> None:
    """Each has a look while the other may call."""
    story = Story()
    story.create("lamp")
    story.activate("lamp")
    story.pass_on("inventory")
    story.world.consume("ebay")
    story.world.run(_held(story.world))
    story.world.look("ebay", 1)
    story.end()


def an_open_circuit() -> None:
    """The marketplace is away for a while, and comes back."""
    story = Story()
    story.world.markets["ebay"].fail("activate", "circuit_open")
    story.put_on_sale("lamp")
    story.end()


def a_marketplace_says_when_to_come_again() -> None:
    """It is not asked before that."""
    story = Story()
    market = story.world.markets["ebay"]
    market.fail("activate", "rate_limited", "rate_limited", "rate_limited")
    story.put_on_sale("lamp")
    for _ in range(20):
        story.world.time.pass_(1.0)
        story.world.look("ebay")
    assert market.called("activate") == 1, "asked again before the time it gave"
    story.end()


def much_to_do_at_once() -> None:
    """More items are sold than can be worked at once, others put on sale: sold ones go first."""
    story = Story()
    old = [f"old{n}" for n in range(12)]
    story.put_on_sale(*old)
    new = [f"new{n}" for n in range(8)]
    for item in new:
        story.create(item)
        story.activate(item)
    for n, item in enumerate(old):
        story.record(f"s{n}", item)
    story.pass_on("sales", "inventory")
    ledger = story.world.markets["ebay"].ledger
    done = len(ledger)
    story.world.consume("ebay")
    story.world.look("ebay")
    first = [item for _, item in ledger[done : done + len(old)]]
    assert sorted(first) == sorted(old), f"worked first: {first}"
    story.end()


def a_creation_that_was_cut_off() -> None:
    """It took effect, and nobody heard the answer."""
    story = Story()
    story.world.markets["ebay"].fail("activate", "cut_after")
    story.put_on_sale("lamp")
    story.end()


def a_target_replaced_by_another_replica() -> None:
    """The one that may call has the old target in memory."""
    story = _on_sale()
    story.ask(ItemDeactivate(item_id="lamp", marketplaces=["ebay"]))
    story.pass_on()
    story.activate("lamp", "ebay")
    story.pass_on("inventory")
    story.world.consume("ebay", 0)
    story.record("s1", "lamp")
    story.pass_on("sales", "inventory")
    story.world.consume("ebay", 1)
    story.world.look("ebay", 0)
    story.end()


def a_recording_that_comes_after_its_cancellation() -> None:
    """The sale's two events were published by two processes."""
    story = _on_sale()
    story.record("s1", "lamp")
    story.pass_on("sales")
    late = _held_back(story.world, "inventory")
    story.ask(SaleCancel(sale_id="s1"))
    story.pass_on("sales", "inventory")
    _come_now(story.world, late)
    story.end()


def a_lease_that_is_over_during_a_call() -> None:
    """The call was made, and another replica may have called since."""
    test_worker_setbacks.test_a_call_that_outlived_its_lease_is_read_back_at_once_and_keeps_its_link()


def a_decider_with_a_bug() -> None:
    """What stands behind the message it fails on must wait."""
    test_folding.test_a_decider_that_raises_parks_its_document_and_what_comes_behind()


def a_sale_and_its_cancellation() -> None:
    """Off sale everywhere, then on sale where it was sold."""
    story = _on_sale()
    sale = story.world.markets["ebay"].sell("lamp")
    story.deliver("ebay")
    story.pass_on("ebay", "sales", "inventory", "ebay", "etsy")
    story.check()
    story.ask(SaleCancel(sale_id=str(sale)))
    story.end()


def a_delivery_that_comes_twice() -> None:
    """The marketplace was not sure that it arrived."""
    story = _on_sale()
    story.world.markets["ebay"].sell("lamp")
    story.deliver("ebay", again=True)
    story.end()


def _at_every_point(*whats: What) -> Iterator[tuple[Story, Trouble]]:
    """A new story for every point of a piece of work, until there is none left; each ends well."""
    for what in whats:
        for at in count(1):
            story = Story()
            yield story, Trouble(at, what)
            troubled = story.world.troubles > 0
            story.end()
            if not troubled:
                break


def _on_sale() -> Story:
    story = Story()
    story.put_on_sale("lamp")
    return story


def _unfenced(story: Story, replica: int) -> None:
    """A replica goes on with what it has in memory, whoever took over."""
    kafka = story.world.replicas["inventory"][replica].kafka
    kafka.positions = {tp: kafka.group.committed(tp) or 0 for tp in kafka.positions}
    story.world.consume("inventory", replica, partitions=None)


def _held_back(world: World, service: str) -> list[Record]:
    """What waits for a service is not in the broker yet."""
    kafka = world.replicas[service][0].kafka
    late = kafka.group.waiting(list(kafka.topics))
    for record in late:
        world.broker.logs[record.topic, record.partition].remove(record)
    return late


def _come_now(world: World, late: list[Record]) -> None:
    for one in late:
        world.broker.append(Wire(one.topic, one.key, one.value, one.headers))


async def _held(world: World) -> None:
    assert await world.workers[0].loop.workshop.lease.hold()
