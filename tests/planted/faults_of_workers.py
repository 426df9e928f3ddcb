"""Faults in the marketplace workers: targets, leases, waits, order of work."""

from importlib import import_module
from typing import Any

from msgspec.structs import replace

from tests.planted.planting import Put, fault

SETBACKS = "marketplace_sync.domain.setbacks"


@fault("intent-off-by-one", "marketplace_sync.domain.intake", "a target one older is taken, too")
def intent_off_by_one(intake: Any, put: Put) -> None:
    """A late activation overtakes the sale."""
    real = intake.want

    def lenient(listing: Any, item_id: str, wanted: Any, now: Any) -> Any:
        if listing is not None and listing.intent == wanted.intent + 1:
            listing = replace(listing, intent=wanted.intent, wanted=None, open=False)
        return real(listing, item_id, wanted, now)

    put(intake, "want", lenient)


@fault("lease-ignored", "marketplace_sync.reconcile.lease", "every replica calls")
def lease_ignored(lease: Any, put: Put) -> None:
    """Two replicas work on one account at once."""

    async def held(_self: Any) -> bool:
        return True

    put(lease.Lease, "hold", held)
    put(lease.Lease, "outlasts", lambda *_: True)


@fault("retry-after-ignored", "marketplace_sync.reconcile.gate", "Retry-After is not heeded")
def retry_after_ignored(gate: Any, put: Put) -> None:
    """The marketplace is asked again too soon: neither the listing nor the account waits."""
    setbacks = import_module(SETBACKS)
    real = setbacks.later

    def sooner(listing: Any, why: str, _after: Any, *rest: Any, **named: Any) -> Any:
        return real(listing, why, None, *rest, **named)

    put(setbacks, "later", sooner)
    put(gate.Limiter, "slow_down", lambda *_: None)


@fault("breaker-drops-work", SETBACKS, "what meets an open circuit is given up")
def breaker_drops_work(setbacks: Any, put: Put) -> None:
    """Nobody comes back to it."""
    real = setbacks.later

    def dropped(listing: Any, why: str, *rest: Any, **named: Any) -> Any:
        after = real(listing, why, *rest, **named)
        if why != "circuit_open":
            return after
        return replace(after, listing=replace(after.listing, open=False, due_at=None))

    put(setbacks, "later", dropped)


@fault("off-sale-not-first", "marketplace_sync.reconcile.loop", "taking off sale waits its turn")
def off_sale_not_first(loop: Any, put: Put) -> None:
    """Everything else goes before: nothing begins at once, no place is kept, last in order."""
    real = loop.AccountLoop._fill

    def last(self: Any) -> None:
        turned = sorted(self._waiting, key=lambda one: one[1])
        self._waiting = [(document_id, False) for document_id, _ in turned]
        real(self)

    put(loop.AccountLoop, "_fill", last)
    put(loop.AccountLoop, "go_on", lambda self, _written: self.wake.set())


@fault("late-outcome-dropped", SETBACKS, "an outcome that comes after the lease is dropped")
def late_outcome_dropped(setbacks: Any, put: Put) -> None:
    """What the call may have done is nowhere."""
    put(setbacks, "late", lambda listing, *_: setbacks.After(listing))


@fault("blind-repeat", SETBACKS, "a call of unknown outcome is made again without looking")
def blind_repeat(setbacks: Any, put: Put) -> None:
    """A creation that was only cut off makes a second listing."""

    def again(listing: Any, at: Any) -> Any:
        return setbacks.later(replace(listing, tried=False), "retrying", None, at)

    put(setbacks, "unknown", again)


@fault("target-not-read-again", "marketplace_sync.reconcile.working", "a target known is not read")
def target_not_read_again(working: Any, put: Put) -> None:
    """A call is made for what another replica has long replaced."""

    async def remembered(self: Any, document_id: str, **_: Any) -> Any:
        return (await self.store.load([document_id]))[document_id]

    put(working.Workshop, "_newest", remembered)
