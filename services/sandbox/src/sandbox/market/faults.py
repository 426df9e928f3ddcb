"""Faults that the control API switches on, per marketplace, and what one call draws."""

from dataclasses import dataclass
from random import Random
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from sandbox.market.store import Store

Probability = Annotated[float, Field(ge=0, le=1)]
Milliseconds = Annotated[float, Field(ge=0, le=600_000)]
Seconds = Annotated[float, Field(ge=0, le=86_400)]
CallFault = Literal[
    "cut_before", "unauthorized", "rate_limited", "server_error", "lie", "cut_after"
]
CALL_FAULTS: tuple[CallFault, ...] = (
    "cut_before",
    "unauthorized",
    "rate_limited",
    "server_error",
    "lie",
    "cut_after",
)


class Faults(BaseModel):
    """What goes wrong: probabilities, except `slow_ms`, `delay_webhooks_s` and `retry_after_s`.

    `lie`: success is answered and nothing is done. `cut_after`: the effect happens and the
    connection closes without an answer. `late_rejection`: an activation succeeds, and a second
    later the marketplace takes the listing down. `retry_after_s`: what a refusal for a used-up
    window of Etsy's asks for at least, where the day's is not the one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    rate_limited: Probability = 0
    server_error: Probability = 0
    slow_ms: Milliseconds = 0
    cut_before: Probability = 0
    cut_after: Probability = 0
    lie: Probability = 0
    late_rejection: Probability = 0
    duplicate_webhooks: Probability = 0
    reorder_webhooks: Probability = 0
    delay_webhooks_s: Seconds = 0
    drop_webhooks: Probability = 0
    unauthorized: Probability = 0
    retry_after_s: Seconds = 0


@dataclass(frozen=True, slots=True)
class Drawn:
    """What one call gets."""

    slow_s: float = 0
    fault: CallFault | None = None


class FaultBox:
    """The faults in force; they survive a restart."""

    def __init__(self, store: Store, random: Random) -> None:
        self._store = store
        self._random = random
        self._in_force: dict[str, Faults] = {
            slug: Faults.model_validate(record) for slug, record in store.all("faults").items()
        }

    def of(self, marketplace: str) -> Faults:
        """The faults of one marketplace."""
        return self._in_force.get(marketplace) or Faults()

    def set(self, marketplace: str, faults: Faults) -> None:
        """Replace all faults of one marketplace; `Faults()` heals."""
        self._store.put("faults", marketplace, faults.model_dump())
        self._in_force[marketplace] = faults

    def clear(self) -> None:
        """Heal everything."""
        self._in_force.clear()

    def draw(self, marketplace: str) -> Drawn:
        """Throw the dice for one call; at most one fault besides slowness."""
        faults = self._in_force.get(marketplace)
        if faults is None:
            return Drawn()
        hit = next((name for name in CALL_FAULTS if self.happens(getattr(faults, name))), None)
        return Drawn(faults.slow_ms / 1000, hit)

    def happens(self, probability: float) -> bool:
        """Throw one die."""
        return probability > 0 and self._random.random() < probability
