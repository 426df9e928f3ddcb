"""What stands before every call of an account: limiter, breaker, and what they are told."""

import asyncio
from collections.abc import Callable

from msgspec.structs import replace

from marketplace_sync.domain.listing import Listing
from marketplace_sync.marketplaces.calls import Answer, Call, Response
from marketplace_sync.marketplaces.contract import RetryLater, Unauthorized, Unknown, Window
from marketplace_sync.reconcile import metrics
from marketplace_sync.reconcile.breaker import Breaker
from marketplace_sync.reconcile.budget import Budget
from marketplace_sync.reconcile.limiter import Limiter

WAITED_OUT = 1.5
SLOW_DOWN = 1.0
FAILURES = frozenset({"unknown", "retry", "server_error"})


class CallGate:
    """Lets calls pass, makes them wait a moment, or says when to come again."""

    def __init__(
        self,
        marketplace: str,
        windows: tuple[Window, ...] = (),
        on_change: Callable[[str, str], None] = lambda _status, _detail: None,
    ) -> None:
        self._marketplace = marketplace
        self._on_change = on_change
        self.limiter = Limiter(windows)
        self.breaker = Breaker()
        self.budget: Budget | None = None

    def limit(self, windows: tuple[Window, ...]) -> None:
        """Keep to these rate windows from now on."""
        self.limiter = Limiter(windows)

    async def __call__(self, call: Call) -> RetryLater | None:
        """Ask before a call."""
        while (wait := self.limiter.wait(off_sale=call.off_sale, listing=_revised(call))) > 0:
            if wait > WAITED_OUT:
                return RetryLater(wait, "rate_limited")
            await asyncio.sleep(wait)
        # Last, because what it lets pass as its probe must be called.
        closed_for = self.breaker.wait()
        if closed_for > 0:
            return RetryLater(closed_for, "circuit_open")
        self.limiter.count(_revised(call))
        if self.budget is not None:
            await self.budget.keep(self.limiter)
        return None

    async def recall(self) -> None:
        """The account is ours now: what others used of its budget counts."""
        if self.budget is not None:
            await self.budget.recall(self.limiter)

    def recall_revisions(self, listing: Listing) -> None:
        """What a listing used of its own windows, by whichever process, counts."""
        if listing.revised and listing.link is not None:
            self.limiter.recall_of(listing.link.external_sku, listing.revised)

    def with_revisions(self, listing: Listing) -> Listing:
        """The listing with what was used of its own windows so far, to be written with it."""
        used = self.limiter.used_of(listing.link.external_sku) if listing.link else {}
        return listing if used == listing.revised else replace(listing, revised=used)

    def observe(self, call: Call, answer: Answer, seconds: float) -> None:
        """Be told after a call."""
        outcome = _outcome(answer)
        metrics.REQUESTS.labels(self._marketplace, call.operation, outcome).inc()
        metrics.REQUEST_SECONDS.labels(self._marketplace, call.operation).observe(seconds)
        if isinstance(answer, RetryLater) and answer.why == "rate_limited":
            self.limiter.slow_down(answer.after or SLOW_DOWN)
        if outcome in FAILURES:
            if self.breaker.failed():
                self._on_change("circuit_open", outcome)
        elif self.breaker.succeeded():
            self._on_change("up", "")


def _revised(call: Call) -> str | None:
    """Only writes count against a listing's own window."""
    return call.listing if call.operation in ("activate", "update", "hold") else None


def _outcome(answer: Answer) -> str:
    match answer:
        case Response(status):
            return "ok" if status < 400 else "server_error" if status >= 500 else "refused"  # noqa: PLR2004 - HTTP's classes
        case RetryLater(_, why):
            return "rate_limited" if why == "rate_limited" else "retry"
        case Unknown():
            return "unknown"
        case Unauthorized():
            return "unauthorized"
