"""HTTP calls to a marketplace: gated, timed, and honest about what may have happened.

A call that was not sent, or was refused before it could have an effect, may be tried again. A
time-out, a cut connection or a 5xx after sending a write leaves it unknown: it must be read back.
"""

import asyncio
import json as jsonlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Any, Protocol

import httpx2

from marketplace_sync.marketplaces.contract import RetryLater, Unauthorized, Unknown

NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
READS = frozenset({"GET", "HEAD"})
UNAUTHORIZED, RATE_LIMITED, FIRST_SERVER_ERROR = 401, 429, 500


@dataclass(frozen=True, slots=True)
class Response:
    """What the marketplace answered; `body` is the parsed JSON, None when it is not JSON."""

    status: int
    headers: Mapping[str, str]
    body: Any
    text: str


Answer = Response | RetryLater | Unknown | Unauthorized


@dataclass(frozen=True, slots=True)
class Call:
    """One call as the hooks see it. `off_sale`: it takes something off sale and goes first."""

    method: str
    path: str
    operation: str
    off_sale: bool = False
    listing: str | None = None
    idempotent: bool = False


Gate = Callable[[Call], Awaitable[RetryLater | None]]
"""Asked before each call: None lets it pass; RetryLater says why it must wait."""

Observe = Callable[[Call, Answer, float], None]
"""Told after each call, with the seconds it took (metrics, breaker, rate windows)."""


class TokenSource(Protocol):
    """Access to an account; how it is written into a request is the adapter's affair."""

    async def headers(self) -> Mapping[str, str]:
        """The headers that authorise a call."""
        ...

    async def refresh(self) -> bool | RetryLater:
        """Get a new token after a 401: False when there is no way to.

        RetryLater when whoever gives tokens could not be reached: nobody has refused anything yet.
        """
        ...


class NoToken:
    """For what needs no access."""

    async def headers(self) -> Mapping[str, str]:
        """No headers."""
        return {}

    async def refresh(self) -> bool:
        """There is nothing to refresh."""
        return False


async def _open_gate(_call: Call) -> RetryLater | None:
    return None


def _observe_nothing(_call: Call, _answer: Answer, _seconds: float) -> None:
    return


@dataclass(slots=True)
class Calls:
    """Sends calls of one account.

    `base_url` has no trailing slash. `timeout` is in seconds, for all of a call: a lease that
    outlasts it covers the call however slowly an answer trickles in.
    """

    http: httpx2.AsyncClient
    base_url: str
    token: TokenSource = field(default_factory=NoToken)
    gate: Gate = _open_gate
    observe: Observe = _observe_nothing
    timeout: float = 10.0

    async def send(  # noqa: PLR0913 - a request has that many parts
        self,
        method: str,
        path: str,
        *,
        operation: str,
        off_sale: bool = False,
        listing: str | None = None,
        idempotent: bool | None = None,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send a call; a 401 refreshes the token once. Never raises for what the network does.

        `idempotent` (reads are): a 5xx or a cut connection may simply be tried again.
        """
        safe = method in READS if idempotent is None else idempotent
        call = Call(method, path, operation, off_sale, listing, safe)
        content = None if json is None else jsonlib.dumps(json, ensure_ascii=False).encode()
        request = _Request(method, self.base_url + path, params, content, form, headers or {})
        answer = await self._gated(call, request)
        if isinstance(answer, Response) and answer.status == UNAUTHORIZED:
            refreshed = await self.token.refresh()
            if isinstance(refreshed, RetryLater):
                return refreshed
            if not refreshed:
                return Unauthorized(answer.text[:500])
            answer = await self._gated(call, request)
            if isinstance(answer, Response) and answer.status == UNAUTHORIZED:
                return Unauthorized(answer.text[:500])
        return answer

    async def _gated(self, call: Call, request: "_Request") -> Answer:
        held = await self.gate(call)
        if held is not None:
            return held
        began = monotonic()
        answer = await self._sent(call, request)
        self.observe(call, answer, monotonic() - began)
        return answer

    async def _sent(self, call: Call, request: "_Request") -> Answer:
        try:
            access = await self.token.headers()
            async with asyncio.timeout(self.timeout):
                response = await request.send(self.http, access, self.timeout)
        except NOT_SENT:
            return RetryLater(None, "retrying")
        except TimeoutError:
            return _in_doubt(call, f"no answer within {self.timeout:g} s")
        except httpx2.HTTPError as error:
            return _in_doubt(call, repr(error))
        return _judged(call, response)


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    url: str
    params: Mapping[str, Any] | None
    content: bytes | None
    form: Mapping[str, str] | None
    headers: Mapping[str, str]

    async def send(
        self, http: httpx2.AsyncClient, access: Mapping[str, str], seconds: float
    ) -> httpx2.Response:
        headers = {**access, **self.headers}
        if self.content is not None:
            headers.setdefault("Content-Type", "application/json")
        return await http.request(
            self.method,
            self.url,
            params=dict(self.params) if self.params else None,
            content=self.content,
            data=dict(self.form) if self.form else None,
            headers=headers,
            timeout=seconds,
        )


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds from a Retry-After header, in either of its forms; None when there is none."""
    text = headers.get("retry-after")
    if not text:
        return None
    if text.strip().isdigit():
        return float(text)
    try:
        then = parsedate_to_datetime(text)
    except ValueError:
        return None
    # A date that says -0000 is read as one without an offset; HTTP dates are in UTC.
    aware = then if then.tzinfo else then.replace(tzinfo=UTC)
    return max(0.0, (aware - (now or datetime.now(UTC))).total_seconds())


def _judged(call: Call, response: httpx2.Response) -> Answer:
    headers = {name.lower(): value for name, value in response.headers.items()}
    if response.status_code == RATE_LIMITED:
        return RetryLater(retry_after(headers), "rate_limited")
    if response.status_code >= FIRST_SERVER_ERROR:
        after = retry_after(headers)
        busy = response.status_code == httpx2.codes.SERVICE_UNAVAILABLE and after is not None
        if busy and call.idempotent:
            return RetryLater(after, "retrying")
        body = _parsed(response)
        if body is not None:
            return Response(response.status_code, headers, body, response.text)
        return _in_doubt(call, f"status {response.status_code}: {response.text[:200]}")
    return Response(response.status_code, headers, _parsed(response), response.text)


def _parsed(response: httpx2.Response) -> Any:
    try:
        return jsonlib.loads(response.content) if response.content else None
    except (ValueError, RecursionError):
        return None


def _in_doubt(call: Call, detail: str) -> RetryLater | Unknown:
    return RetryLater(None, "retrying") if call.idempotent else Unknown(detail)
