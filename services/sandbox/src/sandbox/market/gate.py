"""The ASGI front of one marketplace: faults, transaction, ledger, and cut connections."""

import asyncio
import json
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import parse_qsl

import structlog
from starlette.types import Receive, Scope, Send

from sandbox.market.calls import Answer, BadBody, Call
from sandbox.market.faults import CallFault
from sandbox.market.market import Marketplace, Refusal
from sandbox.market.metrics import Metrics
from sandbox.market.store import RolledBack

log = structlog.get_logger()
REFUSED: Mapping[CallFault, Refusal] = {
    "unauthorized": "unauthorized",
    "rate_limited": "rate_limited",
    "server_error": "server_error",
}


class Gate:
    """Lets calls in to a marketplace, or does to them what the faults say."""

    def __init__(self, place: Marketplace, metrics: Metrics) -> None:
        self._place = place
        self._market = place.market
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call."""
        if scope["type"] != "http":
            return
        call = await read_call(scope, receive)
        call.came_at = self._market.clock.stamp()
        drawn = self._market.faults.draw(self._place.slug)
        if drawn.slow_s:
            await asyncio.sleep(drawn.slow_s)
        if drawn.fault == "cut_before":
            self._record(call, None, "cut_before")
            await cut(receive, send)
            return
        answer, fault = self._answer(call, drawn.fault)
        if fault == "cut_after":
            await cut(receive, send)
        else:
            await send_answer(send, answer, self._place.headers(call))

    def _answer(self, call: Call, fault: CallFault | None) -> tuple[Answer, CallFault | None]:
        """The answer, and the fault that really struck."""
        if (
            fault is not None
            and fault in REFUSED
            and not (fault == "unauthorized" and self._is_open(call))
        ):
            answer = self._place.refuse(REFUSED[fault], call)
            self._record(call, answer.status, fault)
            return answer, fault
        with self._market.store.transaction():
            answer = self._try(call)
            if fault == "lie" and answer.ok and self._place.changes(call):
                raise RolledBack
            struck: CallFault | None = "cut_after" if fault == "cut_after" else None
            self._record(call, None if struck else answer.status, struck)
            return answer, struck
        self._record(call, answer.status, "lie")
        return answer, "lie"

    def _try(self, call: Call) -> Answer:
        try:
            return self._place.answer(call)
        except BadBody as error:
            return self._place.refuse("bad_body", call, str(error))
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            log.warning("call_not_understood", path=call.path, exc_info=True)
            return self._place.refuse("bad_body", call, f"{type(error).__name__}: {error}")

    def _is_open(self, call: Call) -> bool:
        route = self._place.routes.find(call)
        return route is not None and route.open

    def _record(self, call: Call, status: int | None, fault: str | None) -> None:
        self._market.ledger.call(self._place.slug, call, status, fault)
        self._metrics.call(self._place.slug, status, fault)


async def read_call(scope: Scope, receive: Receive) -> Call:
    """The whole request; path values stay percent-encoded."""
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            break
    raw = scope.get("raw_path") or scope["path"].encode()
    path = raw.decode("ascii", "replace").partition("?")[0]
    return Call(
        method=scope["method"],
        path=path.removeprefix(scope.get("root_path", "")),
        query=dict(parse_qsl(scope["query_string"].decode("ascii", "replace"), True)),
        headers={
            name.decode("latin-1").lower(): text.decode("latin-1")
            for name, text in scope["headers"]
        },
        body=b"".join(parts),
    )


async def send_answer(send: Send, answer: Answer, more: Mapping[str, str]) -> None:
    """Write the response."""
    bare = answer.body is None
    body = b"" if bare else json.dumps(answer.body, separators=(",", ":")).encode()
    headers = {"content-length": str(len(body)), **more, **answer.headers}
    if not bare:
        headers.setdefault("content-type", "application/json")
    if answer.status == HTTPStatus.NO_CONTENT:
        del headers["content-length"]
    await send(
        {
            "type": "http.response.start",
            "status": answer.status,
            "headers": [(name.encode(), text.encode("latin-1")) for name, text in headers.items()],
        }
    )
    await send({"type": "http.response.body", "body": body})


async def cut(receive: Receive, send: Send) -> None:
    """Close the connection without an answer, as a network that fails does.

    uvicorn's `send` is a method of the request's cycle, which holds the transport. Without a
    transport (in-process tests) ConnectionResetError reaches the caller instead.
    """
    cycle = getattr(send, "__self__", None)
    transport = getattr(cycle, "transport", None)
    if transport is None:
        raise ConnectionResetError("The sandbox cut the connection.")
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass
