"""Rate windows, counted by the sandbox's clock."""

from dataclasses import dataclass, field

from sandbox.market.clock import Clock


@dataclass(slots=True)
class Window:
    """At most `calls` per `seconds`, in fixed windows, per account."""

    calls: int
    seconds: float
    _used: dict[str, tuple[int, int]] = field(default_factory=dict)

    def take(self, account: str, now: float) -> bool:
        """Count one call; False when the window is used up (and nothing is counted)."""
        window = int(now // self.seconds)
        at, used = self._used.get(account, (window, 0))
        used = used if at == window else 0
        if used >= self.calls:
            return False
        self._used[account] = (window, used + 1)
        return True

    def remaining(self, account: str, now: float) -> int:
        """Calls left in the window."""
        at, used = self._used.get(account, (0, 0))
        return self.calls - (used if at == int(now // self.seconds) else 0)

    def opens_in(self, now: float) -> float:
        """Seconds until the next window."""
        return self.seconds - now % self.seconds


@dataclass(slots=True)
class Bucket:
    """Shopify's leaky bucket of cost points, per account."""

    clock: Clock
    size: float
    per_second: float
    _levels: dict[str, tuple[float, float]] = field(default_factory=dict)

    def available(self, account: str) -> float:
        """Points that can be spent now."""
        now = self.clock.now().timestamp()
        at, level = self._levels.get(account, (now, self.size))
        level = min(self.size, level + max(0.0, now - at) * self.per_second)
        self._levels[account] = (now, level)
        return level

    def spend(self, account: str, points: float) -> None:
        """Take points; the caller has looked at `available` first."""
        level = self.available(account)
        self._levels[account] = (self._levels[account][0], level - points)
