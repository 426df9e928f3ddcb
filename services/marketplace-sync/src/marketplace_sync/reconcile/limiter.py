"""The rate windows a marketplace documents, with a fifth kept for taking off sale (rules 1, 8).

Windows slide: a call counts until `seconds` after it. Long windows (a day) are counted in this
process and its reserve in the account's state, in chunks, so that a restart does not forget them.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic

from marketplace_sync.marketplaces.contract import Window

RESERVED_FOR_OFF_SALE = 0.2
CHUNK = 100
LONG = 3600.0


@dataclass(slots=True)
class _Counter:
    window: Window
    calls: deque[float] = field(default_factory=deque)
    earlier: int = 0
    earlier_until: float = 0.0

    def used(self, now: float) -> int:
        while self.calls and now - self.calls[0] >= self.window.seconds:
            self.calls.popleft()
        if now >= self.earlier_until:
            self.earlier = 0
        return len(self.calls) + self.earlier

    def wait(self, now: float, share: float) -> float:
        """Seconds until a call fits into this share of the window; 0 when it does now."""
        allowed = max(1, int(self.window.calls * share))
        if self.used(now) < allowed:
            return 0.0
        if not self.calls:
            return min(self.window.seconds, LONG)
        return max(0.01, self.window.seconds - (now - self.calls[0]))


class Limiter:
    """Says how long a call must wait, and counts those that are made."""

    def __init__(self, windows: Sequence[Window], clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._counters = [_Counter(w) for w in windows if not w.per_listing]
        self._per_listing = [w for w in windows if w.per_listing]
        self._of_listing: dict[str, list[_Counter]] = {}
        self._slowed_until = 0.0

    def wait(self, *, off_sale: bool, listing: str | None = None) -> float:
        """Seconds to wait before a call may be made; 0 lets it pass."""
        now = self._clock()
        share = 1.0 if off_sale else 1.0 - RESERVED_FOR_OFF_SALE
        waits = [counter.wait(now, share) for counter in self._counters]
        waits += [counter.wait(now, share) for counter in self._listing(listing)]
        return max([self._slowed_until - now, 0.0, *waits])

    def count(self, listing: str | None = None) -> None:
        """A call is made."""
        now = self._clock()
        for counter in (*self._counters, *self._listing(listing)):
            counter.calls.append(now)

    def slow_down(self, seconds: float) -> None:
        """The marketplace said that it was too much: make no call for so long."""
        self._slowed_until = max(self._slowed_until, self._clock() + seconds)

    def remaining(self) -> dict[str, int]:
        """Calls left in each window."""
        now = self._clock()
        return {c.window.name: max(0, c.window.calls - c.used(now)) for c in self._counters}

    def remembered(self) -> dict[str, int]:
        """Calls of long windows, rounded up to whole chunks, to survive a restart."""
        now = self._clock()
        return {
            c.window.name: -(-c.used(now) // CHUNK) * CHUNK
            for c in self._counters
            if c.window.seconds >= LONG
        }

    def recall(self, used: dict[str, int]) -> None:
        """Take over what an earlier process used of long windows."""
        now = self._clock()
        for counter in self._counters:
            if counter.window.seconds >= LONG:
                counter.earlier_until = now + counter.window.seconds
                counter.earlier = used.get(counter.window.name, 0)

    def _listing(self, listing: str | None) -> list[_Counter]:
        if listing is None or not self._per_listing:
            return []
        if listing not in self._of_listing:
            self._of_listing[listing] = [_Counter(window) for window in self._per_listing]
        return self._of_listing[listing]
