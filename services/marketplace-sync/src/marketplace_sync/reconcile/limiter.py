"""The rate windows a marketplace documents, with a fifth kept for taking off sale (rules 1, 8).

Windows slide: a call counts until `seconds` after it. Long windows (a day) are counted by the wall
clock in 24 parts, so that a restart does not forget them: a part counts until all of it is over.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic, time
from typing import Protocol

from marketplace_sync.marketplaces.contract import Window

RESERVED_FOR_OFF_SALE = 0.2
CHUNK = 100
LONG = 3600.0
PARTS = 24
MOST_LISTINGS = 10_000
SHORTEST = 0.01

Used = Mapping[str, Mapping[int, int]]
"""Calls of long windows: window name -> part of the wall clock -> calls, in whole chunks."""


class Counter(Protocol):
    """Counts the calls of one window."""

    window: Window

    def used(self) -> int:
        """Calls that still count."""
        ...

    def count(self) -> None:
        """A call is made."""
        ...

    def until_free(self) -> float:
        """Seconds until the oldest call counts no more."""
        ...


@dataclass(slots=True)
class _Sliding:
    window: Window
    clock: Callable[[], float]
    calls: deque[float] = field(default_factory=deque)

    def used(self) -> int:
        now = self.clock()
        while self.calls and now - self.calls[0] >= self.window.seconds:
            self.calls.popleft()
        return len(self.calls)

    def count(self) -> None:
        self.calls.append(self.clock())

    def until_free(self) -> float:
        return self.window.seconds - (self.clock() - self.calls[0]) if self.calls else 0.0


@dataclass(slots=True)
class _Parts:
    window: Window
    clock: Callable[[], float]
    parts: dict[int, int] = field(default_factory=dict)

    @property
    def length(self) -> float:
        return self.window.seconds / PARTS

    def used(self) -> int:
        over = int(self.clock() // self.length) - PARTS
        self.parts = {part: calls for part, calls in self.parts.items() if part >= over}
        return sum(self.parts.values())

    def count(self) -> None:
        part = int(self.clock() // self.length)
        self.parts[part] = self.parts.get(part, 0) + 1

    def take_over(self, parts: Mapping[int, int]) -> None:
        for part, calls in parts.items():
            self.parts[part] = max(calls, self.parts.get(part, 0))

    def until_free(self) -> float:
        if not self.parts:
            return 0.0
        return (min(self.parts) + PARTS + 1) * self.length - self.clock()


class Limiter:
    """Says how long a call must wait, and counts those that are made."""

    def __init__(
        self,
        windows: Sequence[Window],
        clock: Callable[[], float] = monotonic,
        wall: Callable[[], float] = time,
    ) -> None:
        self._clock = clock
        own = [window for window in windows if not window.per_listing]
        self._long = [_Parts(w, wall) for w in own if w.seconds >= LONG]
        short = [_Sliding(w, clock) for w in own if w.seconds < LONG]
        self._counters: list[Counter] = [*short, *self._long]
        self._wall = wall
        self._per_listing = [window for window in windows if window.per_listing]
        self._of_listing: dict[str, list[Counter]] = {}
        self._slowed_until = 0.0

    def wait(self, *, off_sale: bool, listing: str | None = None) -> float:
        """Seconds to wait before a call may be made; 0 lets it pass."""
        share = 1.0 if off_sale else 1.0 - RESERVED_FOR_OFF_SALE
        counters = (*self._counters, *self._listing(listing))
        waits = [_wait(counter, share) for counter in counters]
        return max([self._slowed_until - self._clock(), 0.0, *waits])

    def count(self, listing: str | None = None) -> None:
        """A call is made."""
        for counter in (*self._counters, *self._listing(listing)):
            counter.count()

    def slow_down(self, seconds: float) -> None:
        """The marketplace said that it was too much: make no call for so long."""
        self._slowed_until = max(self._slowed_until, self._clock() + seconds)

    def remaining(self) -> dict[str, int]:
        """Calls left in each window."""
        return {c.window.name: max(0, c.window.calls - c.used()) for c in self._counters}

    def remembered(self) -> dict[str, dict[int, int]]:
        """Calls of long windows, rounded up to whole chunks, to survive a restart.

        It changes once in `CHUNK` calls: written then, before the call, no call is ever forgotten.
        """
        for counter in self._long:
            counter.used()
        return {
            counter.window.name: {
                part: -(-calls // CHUNK) * CHUNK for part, calls in counter.parts.items()
            }
            for counter in self._long
        }

    def recall(self, used: Used) -> None:
        """Take over what others used of long windows; of what is known twice the more counts."""
        for counter in self._long:
            counter.take_over(used.get(counter.window.name, {}))

    def used_of(self, listing: str) -> dict[str, dict[int, int]]:
        """Calls of a listing's own long windows; what is over is left out."""
        long = [one for one in self._of_listing.get(listing, ()) if isinstance(one, _Parts)]
        return {one.window.name: dict(one.parts) for one in long if one.used()}

    def recall_of(self, listing: str, used: Used) -> None:
        """Take over what was used of a listing's own windows before; the more counts."""
        for counter in self._listing(listing if used else None):
            if isinstance(counter, _Parts):
                counter.take_over(used.get(counter.window.name, {}))

    def _listing(self, listing: str | None) -> list[Counter]:
        if listing is None or not self._per_listing:
            return []
        if listing not in self._of_listing:
            self._forget_quiet_listings()
            self._of_listing[listing] = [self._counter(w) for w in self._per_listing]
        return self._of_listing[listing]

    def _counter(self, window: Window) -> Counter:
        long = window.seconds >= LONG
        return _Parts(window, self._wall) if long else _Sliding(window, self._clock)

    def _forget_quiet_listings(self) -> None:
        if len(self._of_listing) < MOST_LISTINGS:
            return
        self._of_listing = {
            name: counters
            for name, counters in self._of_listing.items()
            if any(counter.used() for counter in counters)
        }


def _wait(counter: Counter, share: float) -> float:
    """Seconds until a call fits into this share of the window; 0 when it does now."""
    if counter.used() < max(1, int(counter.window.calls * share)):
        return 0.0
    return max(SHORTEST, counter.until_free())
