"""What was replaced long ago is said once more, under another id: as a restored copy would."""

from brocante.messaging.wire import Wire
from tests.chaos.at_once import cancel
from tests.chaos.invariants.sold import KNOWN_SECONDS
from tests.chaos.records import LATE
from tests.chaos.weather.sky import Sky

STALE = frozenset(("listing.activate", "sale.recorded"))


async def late_words(sky: Sky) -> None:
    """Old targets after the sale, old sales after their cancellation."""
    sold, canceled = sky.pieces[:3], sky.pieces[3:6]
    await sky.sell(sold, "late")
    await cancel(sky.told, await sky.sell(canceled, "back"), "none")
    await sky.until_off([*sold, *canceled])
    # Long enough after the sale that nothing excuses a call for an old target.
    await sky.until_quiet(KNOWN_SECONDS + 1)
    about = {*sold, *(f"back-{name}" for name in canceled)}
    stale = [wire for wire in sky.wires if type_of(wire) in STALE and subject_of(wire) in about]
    late = [renamed(wire, n) for n, wire in enumerate(stale)]
    async with sky.fault("late", "targets and sale events"):
        await sky.again(late)
        await sky.until_quiet()


def type_of(wire: Wire) -> str:
    """The type of the message in a record."""
    return (dict(wire.headers).get("ce_type") or b"").decode()


def subject_of(wire: Wire) -> str:
    """What the message in a record is about."""
    return (dict(wire.headers).get("ce_subject") or b"").decode()


def renamed(wire: Wire, n: int) -> Wire:
    """The same record as if it had been said by another, under another id."""
    changed = {"ce_id": f"late-{n}".encode(), "ce_source": LATE.encode()}
    headers = tuple((name, changed.get(name, value)) for name, value in wire.headers)
    return Wire(wire.topic, wire.key, wire.value, headers)
