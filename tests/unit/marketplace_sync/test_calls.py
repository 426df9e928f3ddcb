"""HTTP calls to a marketplace: what may have happened, and who is asked and told."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from marketplace_sync.marketplaces.calls import Answer, Call, Calls, Response, retry_after
from marketplace_sync.marketplaces.contract import RetryLater, Unauthorized, Unknown
from tests.support.answering import BASE

Respond = Callable[[httpx2.Request], httpx2.Response]
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def calls(respond: Respond, **more: Any) -> Calls:
    return Calls(httpx2.AsyncClient(transport=httpx2.MockTransport(respond)), BASE, **more)


def fails(error: type[httpx2.RequestError]) -> Calls:
    def respond(_request: httpx2.Request) -> httpx2.Response:
        raise error("it broke")

    return calls(respond)


class Token:
    """Access that can be renewed as often as `renewals` has answers."""

    def __init__(self, *renewals: bool | RetryLater) -> None:
        self.renewals = list(renewals)
        self.access = "old"

    async def headers(self) -> Mapping[str, str]:
        return {"Authorization": self.access}

    async def refresh(self) -> bool | RetryLater:
        self.access = "new"
        return self.renewals.pop(0)


@pytest.mark.parametrize("error", [httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_what_was_never_sent_is_simply_tried_again(
    error: type[httpx2.RequestError], method: str
) -> None:
    answer = await fails(error).send(method, "/x", operation="read")
    assert answer == RetryLater(None, "retrying")


@pytest.mark.parametrize(
    "error", [httpx2.ReadTimeout, httpx2.ReadError, httpx2.WriteError, httpx2.RemoteProtocolError]
)
async def test_a_write_whose_answer_is_lost_is_in_doubt_and_a_read_is_not(
    error: type[httpx2.RequestError],
) -> None:
    assert isinstance(await fails(error).send("POST", "/x", operation="activate"), Unknown)
    assert isinstance(await fails(error).send("GET", "/x", operation="read"), RetryLater)
    safe = await fails(error).send("PUT", "/x", operation="update", idempotent=True)
    assert isinstance(safe, RetryLater)


async def test_the_time_limit_is_for_the_whole_call_however_slowly_an_answer_comes() -> None:
    never = asyncio.Event()

    async def trickle(_request: httpx2.Request) -> httpx2.Response:
        await never.wait()
        raise AssertionError("nobody waits for this")

    http = httpx2.AsyncClient(transport=httpx2.MockTransport(trickle))
    answer = await Calls(http, BASE, timeout=0.01).send("POST", "/x", operation="activate")
    assert answer == Unknown("no answer within 0.01 s")


@pytest.mark.parametrize("headers", [{}, {"retry-after": "7"}])
async def test_too_many_calls_wait_as_long_as_they_are_told(headers: dict[str, str]) -> None:
    sender = calls(lambda _: httpx2.Response(429, headers=headers))
    after = 7.0 if headers else None
    answer = await sender.send("POST", "/x", operation="activate")
    assert answer == RetryLater(after, "rate_limited")


async def test_a_busy_server_leaves_a_write_in_doubt() -> None:
    sender = calls(lambda _: httpx2.Response(503, headers={"retry-after": "7"}, text="busy"))
    assert isinstance(await sender.send("POST", "/x", operation="activate"), Unknown)
    assert await sender.send("GET", "/x", operation="read") == RetryLater(7.0, "retrying")


async def test_a_server_error_that_explains_itself_is_for_the_adapter_to_judge() -> None:
    sender = calls(lambda _: httpx2.Response(500, json={"errors": []}))
    answer = await sender.send("POST", "/x", operation="activate")
    assert isinstance(answer, Response)
    assert (answer.status, answer.body) == (500, {"errors": []})


@pytest.mark.parametrize("text", ["", "<html>", "[" * 100_000])
async def test_what_is_not_json_has_no_body(text: str) -> None:
    answer = await calls(lambda _: httpx2.Response(200, text=text)).send("GET", "/x", operation="r")
    assert isinstance(answer, Response)
    assert answer.body is None


async def test_numbers_beyond_53_bits_stay_exact_both_ways() -> None:
    number = 9_007_199_254_740_993
    seen: list[bytes] = []

    def echo(request: httpx2.Request) -> httpx2.Response:
        seen.append(request.content)
        return httpx2.Response(200, content=request.content)

    answer = await calls(echo).send("POST", "/x", operation="r", json={"id": number})
    assert isinstance(answer, Response)
    assert answer.body == {"id": number}
    assert str(number).encode() in seen[0]


async def test_a_refused_token_is_renewed_once_and_the_call_goes_on() -> None:
    def respond(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200 if request.headers["authorization"] == "new" else 401)

    answer = await calls(respond, token=Token(True)).send("GET", "/x", operation="read")
    assert isinstance(answer, Response)
    assert answer.status == 200


@pytest.mark.parametrize("renewed", [True, False])
async def test_access_that_stays_refused_is_unauthorized(renewed: bool) -> None:
    sender = calls(lambda _: httpx2.Response(401, text="no"), token=Token(renewed))
    assert await sender.send("GET", "/x", operation="read") == Unauthorized("no")


async def test_a_token_server_that_is_away_refuses_nobody() -> None:
    later = RetryLater(None, "retrying")
    sender = calls(lambda _: httpx2.Response(401), token=Token(later))
    assert await sender.send("GET", "/x", operation="read") == later


async def test_a_closed_gate_sends_nothing_and_an_open_one_is_told_what_came() -> None:
    told: list[tuple[Call, Answer]] = []
    closed = RetryLater(3.0, "circuit_open")
    answers: list[RetryLater | None] = [closed, None]

    async def gate(_call: Call) -> RetryLater | None:
        return answers.pop(0)

    sender = calls(
        lambda _: httpx2.Response(204),
        gate=gate,
        observe=lambda call, answer, _seconds: told.append((call, answer)),
    )
    for expected in (closed, None):
        answer = await sender.send(
            "POST", "/x", operation="deactivate", off_sale=True, listing="91.10"
        )
        assert expected is None or answer == expected
    ((call, answer),) = told
    assert (call.off_sale, call.listing, call.idempotent) == (True, "91.10", False)
    assert isinstance(answer, Response)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        ("Tue, 24 Nov 2026 08:00:30 GMT", 30.0),
        ("Tue, 24 Nov 2026 08:00:30 -0000", 30.0),
        ("Tue, 24 Nov 2026 07:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_read_in_both_its_forms(text: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": text}, NOW) == seconds
