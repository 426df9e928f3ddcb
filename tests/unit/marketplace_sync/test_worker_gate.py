"""What stands before every call (reconcile rules 1, 6 and 8)."""

import asyncio

import pytest

from marketplace_sync.marketplaces.calls import Answer, Call, Response
from marketplace_sync.marketplaces.contract import RetryLater, Unauthorized, Unknown, Window
from marketplace_sync.reconcile.breaker import OPEN_SECONDS, Breaker
from marketplace_sync.reconcile.gate import CallGate
from marketplace_sync.reconcile.limiter import Limiter
from tests.support.hand_clock import HandClock

ACTIVATE = Call("POST", "/publish", "activate", listing="x1")
DEACTIVATE = Call("POST", "/withdraw", "deactivate", off_sale=True, listing="x1")
FINE = Response(200, {}, {}, "{}")
BROKEN = Response(500, {}, {"errors": [{"errorId": 25001}]}, "{}")


class Gate(CallGate):
    """A gate on a hand-moved clock that remembers what it said."""

    def __init__(self, clock: HandClock, *windows: Window) -> None:
        self.said: list[str] = []
        super().__init__("fake", windows, lambda status, _: self.said.append(status))
        self.clock = clock
        self.limiter = Limiter(windows, clock)
        self.breaker = Breaker(clock)

    async def answered(self, answer: Answer, times: int = 1) -> None:
        """Calls that get this answer."""
        for _ in range(times):
            assert await self(ACTIVATE) is None
            self.observe(ACTIVATE, answer, 0.1)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> HandClock:
    clock = HandClock()

    async def pass_(seconds: float) -> None:
        clock.pass_(seconds)

    monkeypatch.setattr(asyncio, "sleep", pass_)
    return clock


async def test_a_short_wait_is_waited_out(clock: HandClock) -> None:
    gate = Gate(clock, Window("second", 1, 1.0))
    before = clock()
    assert [await gate(ACTIVATE), await gate(ACTIVATE)] == [None, None]
    assert clock() - before == pytest.approx(1.0)


async def test_a_long_wait_is_handed_back_instead_of_holding_a_place(clock: HandClock) -> None:
    gate = Gate(clock, Window("minute", 1, 60.0))
    await gate(ACTIVATE)
    assert await gate(ACTIVATE) == RetryLater(60.0, "rate_limited")


async def test_taking_off_sale_passes_when_the_rest_is_used_up(clock: HandClock) -> None:
    gate = Gate(clock, Window("hour", 5, 3600.0))
    await gate.answered(FINE, 4)
    assert isinstance(await gate(ACTIVATE), RetryLater)
    assert await gate(DEACTIVATE) is None


async def test_taking_off_sale_does_not_use_up_a_listings_revisions(clock: HandClock) -> None:
    gate = Gate(clock, Window("revisions", 2, 86_400.0, per_listing=True))
    assert [await gate(DEACTIVATE) for _ in range(3)] == [None] * 3


async def test_too_many_requests_holds_back_as_long_as_the_marketplace_says(
    clock: HandClock,
) -> None:
    gate = Gate(clock)
    await gate.answered(RetryLater(7.0, "rate_limited"))
    held = await gate(DEACTIVATE)
    assert held is not None
    assert held.after == pytest.approx(7.0)
    assert held.why == "rate_limited"
    assert gate.said == []


@pytest.mark.parametrize(
    "failure",
    [Unknown("cut"), RetryLater(None, "retrying"), BROKEN],
    ids=["cut connection", "not sent", "500 with a body"],
)
async def test_five_failures_in_a_row_open_the_breaker(clock: HandClock, failure: Answer) -> None:
    gate = Gate(clock)
    await gate.answered(failure, 5)
    assert await gate(DEACTIVATE) == RetryLater(OPEN_SECONDS, "circuit_open")
    assert gate.said == ["circuit_open"]


@pytest.mark.parametrize(
    "answer",
    [Response(404, {}, None, ""), RetryLater(0.0, "rate_limited"), Unauthorized("no")],
    ids=["refused", "rate limited", "unauthorized"],
)
async def test_a_marketplace_that_answers_is_not_down(clock: HandClock, answer: Answer) -> None:
    gate = Gate(clock)
    for _ in range(10):
        await gate.answered(answer)
        clock.pass_(2.0)
    assert gate.breaker.state == "closed"


async def test_the_probes_answer_closes_the_breaker_and_says_so(clock: HandClock) -> None:
    gate = Gate(clock)
    await gate.answered(Unknown("cut"), 5)
    clock.pass_(OPEN_SECONDS)
    await gate.answered(FINE)
    assert gate.said == ["circuit_open", "up"]


async def test_a_probe_that_the_limiter_holds_back_does_not_keep_the_breaker_open_for_ever(
    clock: HandClock,
) -> None:
    gate = Gate(clock, Window("minute", 7, 60.0))
    await gate.answered(Unknown("cut"), 5)
    clock.pass_(OPEN_SECONDS)
    held = await gate(ACTIVATE)
    assert held is not None
    assert held.why == "rate_limited"
    assert await gate(DEACTIVATE) is None


async def test_an_open_breaker_uses_up_no_budget(clock: HandClock) -> None:
    gate = Gate(clock, Window("day", 100, 86_400.0))
    await gate.answered(Unknown("cut"), 5)
    for _ in range(20):
        await gate(ACTIVATE)
    assert gate.limiter.remaining() == {"day": 95}
