"""Bringing a world to rest, and what must hold there."""

import json
from collections.abc import Callable, Iterator

from brocante.contracts.answers import CommandRejected, ResyncRequested
from brocante.contracts.marketplace import ListingCommand
from brocante.contracts.message import Command
from brocante.contracts.snapshot import ItemOversold
from tests.model.comparing import Comparison
from tests.model.world import World

ROUNDS = 32
WAITS = (0.5, 1.5, 3.0, 6.0, 12.0, 25.0, 65.0, 200.0)


def bring_to_rest(world: World) -> None:
    """No more trouble; work on until nothing is waiting. AssertionError when that never comes."""
    for market in world.markets.values():
        market.faults.clear()
        market.take_effect()
    waits: list[str] = []
    unswept = set(world.markets)
    for n in range(ROUNDS):
        _round(world, unswept)
        waits = [*waiting(world), *(f"a sweep of {market}" for market in unswept)]
        if not waits:
            return
        world.time.pass_(WAITS[n % len(WAITS)])
    raise AssertionError(f"never at rest: {waits}")


def _round(world: World, unswept: set[str]) -> None:
    front = world.front
    for market in world.markets.values():
        for webhook in list(market.waiting):
            world.run(front.deliver(market, webhook))
    world.run(front.send())
    world.run(front.repeat())
    for service in world.services:
        world.consume(service)
        while world.replicas[service][0].kafka.group.waiting(_topics(world, service)):
            world.consume(service, partitions=None)
        if service in world.markets:
            world.look(service)
        world.sweep(service)
        if world.owns(service):
            unswept.discard(service)
    world.run(front.listen())


def _topics(world: World, service: str) -> list[str]:
    return list(world.replicas[service][0].kafka.topics)


def waiting(world: World) -> Iterator[str]:
    """Whatever is still to be done."""
    for service in world.services:
        group = world.replicas[service][0].kafka.group
        records = group.waiting(_topics(world, service))
        if records:
            yield f"{len(records)} records for {service}"
    for name, documents in world.stored.items():
        for id_, stored in documents.items():
            if stored.get("unsent"):
                yield f"unsent outputs of {name} {id_}"
            if name != "items" and (stored.get("due_at") or stored.get("off_due_at")):
                yield f"{name} {id_} is due"


def wrong_at_rest(world: World, rules: Comparison, accepted: dict[str, Command]) -> list[str]:
    """Everything that does not hold at rest, one line each."""
    checks: tuple[Callable[[], Iterator[str]], ...] = (
        lambda: _unanswered(world, accepted),
        lambda: (f"I4: never published: {one}" for one in world.watch.unsaid()),
        lambda: _on_sale(world, rules),
        lambda: _not_as_wanted(world),
        lambda: _oversold(world, rules),
        lambda: _restless(world),
        lambda: _counted(world, rules),
        lambda: _poison(world),
    )
    return [*world.watch.violations, *(text for check in checks for text in check())]


def _unanswered(world: World, accepted: dict[str, Command]) -> Iterator[str]:
    """I1: answered, applied, superseded, rejected or dead-lettered."""
    answered = {
        d.message.command_id if isinstance(d.message, CommandRejected) else d.envelope.causation_id
        for d in world.watch.said
    }
    for id_, command in accepted.items():
        if id_ not in answered:
            yield f"I1: {command.TYPE} {id_} was accepted and never answered"
    for n, one in enumerate(world.watch.said):
        message, id_ = one.message, one.envelope.id
        if n < world.watch.lost and isinstance(message, ListingCommand):
            # A resync says only the newest target again, which is the whole of it.
            continue
        ours = isinstance(message, Command) and not isinstance(message, ResyncRequested)
        if ours and id_ not in answered and message.TYPE != "item.release":
            yield f"I1: {message.TYPE} {id_} was never answered"


def _on_sale(world: World, rules: Comparison) -> Iterator[str]:
    """I5: nothing sold is on sale; nothing is listed twice."""
    for slug, market in world.markets.items():
        for item, piece in rules.pieces.items():
            listings = [one for one in market.listings.values() if one.sku == item]
            active = [one for one in listings if one.state == "active"]
            if piece.sales and piece.left <= 0 and active:
                yield f"I5: {item} is sold and on sale on {slug}"
            if len(listings) > 1:
                yield f"{item} has {len(listings)} listings on {slug}"


def _not_as_wanted(world: World) -> Iterator[str]:
    """R8: what shows is what was wanted last, unless it is blocked or someone changed it there."""
    for id_, stored in world.stored.get("items", {}).items():
        item = id_.partition("/")[2]
        state = json.loads(stored["state"]) if stored["state"] else {"listings": {}}
        for slug, listing in state["listings"].items():
            if listing["operation"] == "blocked" or listing["drift"]:
                continue
            on_sale = world.markets[slug].find_on_sale(item) is not None
            if on_sale != (listing["desired"] == "active"):
                shows = "on sale" if on_sale else "off sale"
                yield f"R8: {item} is {shows} on {slug}, wanted {listing['desired']}: {listing}"


def _restless(world: World) -> Iterator[str]:
    """I7: nothing is under way, as inventory has it."""
    for id_, stored in world.stored.get("items", {}).items():
        state = json.loads(stored["state"]) if stored["state"] else {"listings": {}}
        for slug, listing in state["listings"].items():
            if listing["operation"] in {"queued", "retrying"}:
                yield f"I7: {id_} on {slug} is not at rest: {listing}"


def _oversold(world: World, rules: Comparison) -> Iterator[str]:
    """I11: of too many sales all but one are told of as oversold, and only then.

    A sale recorded by hand may have been told of before the marketplace's own took its place.
    """
    told = [d.message for d in world.watch.said if isinstance(d.message, ItemOversold)]
    for item, piece in rules.pieces.items():
        named = [{piece.merged.get(sale, sale) for sale in one.sales} for one in told]
        if piece.created and piece.left < 0 and not any(set(piece.sales) <= one for one in named):
            yield f"I11: {item} is oversold by {sorted(piece.sales)} and nobody was told"
    for one in told:
        if len(one.sales) <= 1:
            yield f"I11: {one.item_id} is told to be oversold by one sale"


def _counted(world: World, rules: Comparison) -> Iterator[str]:
    """What sales has open is what inventory counts."""
    open_: dict[str, set[str]] = {}
    for id_, stored in world.stored.get("sales", {}).items():
        state = json.loads(stored["state"]) if stored["state"] else {}
        if state.get("status") == "open":
            open_.setdefault(state["line"]["item_id"], set()).add(id_.partition("/")[2])
    for item, piece in rules.pieces.items():
        if piece.created and set(piece.sales) != open_.get(item, set()):
            yield f"{item}: inventory counts {sorted(piece.sales)}, sales {open_.get(item)}"


def _poison(world: World) -> Iterator[str]:
    """I9: dead letters are what could not be read, byte for byte."""
    dead = {one.value for one in world.watch.dead}
    lost = [one for one in world.watch.unusable if one.value not in dead]
    if lost or not dead <= world.watch.garbage:
        yield f"I9: {lost} are no dead letters; dead letters are {dead}"
