"""The breaker: opens when a marketplace keeps failing, probes with one call, drops nothing."""

from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Literal

IN_A_ROW = 5
LOOKS_BACK = 20
SHARE = 0.5
OPEN_SECONDS = 10.0

State = Literal["closed", "open", "probing"]


class Breaker:
    """Counts failures that are the marketplace's fault (5xx, time-outs, cut connections)."""

    def __init__(
        self, clock: Callable[[], float] = monotonic, open_seconds: float = OPEN_SECONDS
    ) -> None:
        self._clock = clock
        self._open_seconds = open_seconds
        self._recent: deque[bool] = deque(maxlen=LOOKS_BACK)
        self._in_a_row = 0
        self._open_until: float | None = None
        self._probing = False
        self._probe_began = 0.0

    @property
    def state(self) -> State:
        """Closed, open, or probing with one call."""
        if self._open_until is None:
            return "closed"
        return "probing" if self._probing else "open"

    def wait(self) -> float:
        """Seconds until a call may be tried; 0 lets it pass (one probe once the time is over)."""
        if self._open_until is None:
            return 0.0
        left = self._open_until - self._clock()
        if left > 0:
            return left
        if self._probing and self._clock() - self._probe_began < self._open_seconds:
            return 0.5
        # The first probe, or one whose call never came to an answer.
        self._probing, self._probe_began = True, self._clock()
        return 0.0

    def succeeded(self) -> bool:
        """A call was answered; True when this closed the breaker."""
        was_open = self._open_until is not None
        self._in_a_row, self._probing, self._open_until = 0, False, None
        if was_open:
            self._recent.clear()
        self._recent.append(True)
        return was_open

    def failed(self) -> bool:
        """A call failed; True when this opened the breaker."""
        self._in_a_row += 1
        self._recent.append(False)
        was_closed = self._open_until is None
        if self._probing or self._in_a_row >= IN_A_ROW or self._mostly_failing():
            self._open_until = self._clock() + self._open_seconds
            self._probing = False
        return was_closed and self._open_until is not None

    def _mostly_failing(self) -> bool:
        full = len(self._recent) == LOOKS_BACK
        return full and self._recent.count(False) > LOOKS_BACK * SHARE
