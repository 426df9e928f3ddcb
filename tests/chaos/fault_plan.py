"""Which fault strikes when, what and how long: chosen from the seed and nothing else.

Faults are dealt like cards: every kind comes once (or as often as its weight says) before any
comes again, in an order the seed decides.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

MARKETPLACES = ("ebay", "etsy", "shopify")
SERVICES = (
    "gateway",
    "sales",
    "inventory",
    "marketplace-sync-ebay",
    "marketplace-sync-etsy",
    "marketplace-sync-shopify",
)
MARKETPLACE_FAULTS = (
    "duplicate_webhooks",
    "reorder_webhooks",
    "delay_webhooks_s",
    "rate_limited",
    "server_error",
    "cut_before",
    "cut_after",
    "lie",
    "slow_ms",
)


@dataclass(frozen=True, slots=True)
class Card:
    """A kind of fault: its group (what `--faults` names), how often it is dealt, how long."""

    kind: str
    group: str
    weight: int = 1
    seconds: tuple[float, float] = (0.0, 0.0)


CARDS = (
    Card("kill", "kill", 5),
    Card("zombie", "zombie", 2, (7.5, 10.0)),
    Card("rolling", "rolling", 1),
    Card("scale", "scale", 1, (6.0, 12.0)),
    Card("broker-pause", "broker", 1, (3.0, 9.0)),
    Card("broker-restart", "broker", 1),
    Card("broker-wipe", "wipe", 2),
    Card("broker-cut", "network", 1),
    Card("broker-refuse", "network", 1, (2.0, 6.0)),
    Card("broker-slow", "network", 1, (3.0, 8.0)),
    Card("database-pause", "database", 1, (2.0, 7.0)),
    Card("database-cut", "network", 1),
    Card("database-refuse", "network", 1, (2.0, 5.0)),
    Card("database-slow", "network", 1, (3.0, 8.0)),
    Card("sandbox-cut", "network", 1),
    Card("sandbox-stall", "network", 1, (2.0, 6.0)),
    Card("sandbox-slow", "network", 1, (3.0, 8.0)),
    Card("poison", "poison", 3),
    *(Card(kind, "marketplace", 1, (4.0, 12.0)) for kind in MARKETPLACE_FAULTS),
)
GROUPS = tuple(dict.fromkeys(card.group for card in CARDS))


@dataclass(frozen=True, slots=True)
class Planned:
    """One fault of the plan. `at` counts from the storm's beginning; `dice` decides the rest."""

    number: int
    at: float
    kind: str
    target: str
    seconds: float
    dice: float


def fault_plan(
    seed: int, gap: float, groups: Sequence[str] = (), *, keeps_data: bool = False
) -> Iterator[Planned]:
    """The faults of a storm that never ends, `gap` seconds apart on average.

    A broker that keeps nothing cannot be restarted without being wiped: `keeps_data` says it can.
    """
    random = Random(f"faults {seed}")  # noqa: S311 - a replayable choice
    chosen = [
        card
        for card in CARDS
        if (not groups or card.group in groups) and (keeps_data or card.kind != "broker-restart")
    ]
    if not chosen:
        return
    at, number = 0.0, 0
    while True:
        deck = [card for card in chosen for _ in range(card.weight)]
        random.shuffle(deck)
        if number == 0:
            _early(deck, random)
        for card in deck:
            number += 1
            at += gap * random.uniform(0.5, 1.5)
            target = _target(card, random)
            seconds = random.uniform(*card.seconds)
            yield Planned(number, at, card.kind, target, seconds, random.random())


def _early(deck: list[Card], random: Random) -> None:
    """Even a short run, which does not come to the end of the deck, loses its broker once."""
    at = next((n for n, card in enumerate(deck) if card.group == "wipe"), 0)
    half = len(deck) // 2
    if at > half:
        deck.insert(random.randrange(half), deck.pop(at))


def _target(card: Card, random: Random) -> str:
    if card.group in ("kill", "zombie", "scale"):
        return random.choice(SERVICES)
    if card.group == "marketplace":
        return random.choice(MARKETPLACES)
    return card.kind.split("-", maxsplit=1)[0]
