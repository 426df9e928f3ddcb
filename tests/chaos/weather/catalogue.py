"""Every weather, and which of them brings each planted fault to light."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from tests.chaos.weather.blackouts import (
    PUBLISH_SECONDS,
    died_unpublished,
    read_and_not_written,
    written_and_not_published,
)
from tests.chaos.weather.crowds import newcomers, rush, zombies
from tests.chaos.weather.echoes import echoes
from tests.chaos.weather.fair_weather import fair_weather
from tests.chaos.weather.late_words import late_words
from tests.chaos.weather.moods import away, busy, cut_off, twice_told
from tests.chaos.weather.sky import Sky
from tests.chaos.weather.wipes import unpublished, unread

SHORT_PUBLISH = {"BROCANTE_PUBLISH_SECONDS": str(PUBLISH_SECONDS)}


@dataclass(frozen=True, slots=True)
class Weather:
    """A weather: how it goes, the pieces on sale when it begins, settings of the services.

    `calm`: sales in it count as sales without faults.
    """

    go: Callable[[Sky], Awaitable[None]]
    pieces: int = 6
    settings: Mapping[str, str] = field(default_factory=dict)
    calm: bool = False


WEATHERS: Mapping[str, Weather] = {
    "fair": Weather(fair_weather),
    "echoes": Weather(echoes),
    "late-words": Weather(late_words),
    "unwritten": Weather(read_and_not_written, 2),
    "unpublished": Weather(written_and_not_published, settings=SHORT_PUBLISH),
    "died-unpublished": Weather(died_unpublished, 8, SHORT_PUBLISH),
    "cut-off": Weather(cut_off, 2),
    "away": Weather(away, 8),
    "busy": Weather(busy, 8),
    "twice-told": Weather(twice_told, 4),
    "newcomers": Weather(newcomers, 2),
    "zombies": Weather(zombies, 2),
    "rush": Weather(rush, 16, calm=True),
    "wipe-unread": Weather(unread),
    "wipe-unpublished": Weather(unpublished, 2, SHORT_PUBLISH),
}

SHOWN_BY: Mapping[str, str] = {
    "argument-less-commit": "unwritten",
    "blind-repeat": "cut-off",
    "breaker-drops-work": "away",
    "command-dedupe-off": "echoes",
    "commit-before-publish": "unpublished",
    "commit-before-write": "unwritten",
    "intent-off-by-one": "late-words",
    "journal-keeps-no-outputs": "died-unpublished",
    "journal-pruned-across-epochs": "wipe-unpublished",
    "lease-ignored": "newcomers",
    "lost-writes-unnoticed": "newcomers",
    "no-version-guard": "newcomers",
    "off-sale-not-first": "rush",
    "random-output-ids": "echoes",
    "relisted-everywhere": "fair",
    "resync-says-nothing": "wipe-unread",
    "retry-after-ignored": "busy",
    "sale-version-ignored": "late-words",
    "sold-elsewhere-stays": "fair",
    "target-not-read-again": "newcomers",
    "unreadable-dropped": "fair",
    "unsent-never-swept": "died-unpublished",
    "webhook-dedupe-off": "twice-told",
}

UNSEEN: Mapping[str, str] = {
    "late-outcome-dropped": (
        "the call must outlive the lease of its worker, which the product does not let begin; what"
        " a stopped process leaves behind is found again by the next owner's look"
    ),
    "parked-goes-on": (
        "a document is parked when a decider raises, which is a mistake of ours: nobody outside can"
        " bring one on"
    ),
}
