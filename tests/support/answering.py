"""A marketplace that answers what a test says: adapters are driven without a server."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import httpx2

from marketplace_sync.marketplaces.calls import Calls

BASE = "https://marketplace.invalid"


@dataclass(frozen=True)
class Asked:
    """One call as the marketplace got it; `body` is parsed JSON, or a form."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class Says:
    """An answer: JSON unless `text` is given; `cut` breaks the connection instead."""

    body: Any = None
    status: int = 200
    text: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False


@dataclass
class Answering:
    """Answers each call by `respond` and remembers what was asked."""

    respond: Callable[[Asked], Says]
    asked: list[Asked] = field(default_factory=list)

    def http(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(transport=httpx2.MockTransport(self._answer))

    def calls(self) -> Calls:
        return Calls(self.http(), BASE)

    def made(self) -> list[str]:
        return [f"{one.method} {one.path}" for one in self.asked]

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        one = Asked(
            request.method,
            request.url.path,
            dict(request.url.params),
            dict(request.headers),
            _parsed(request),
        )
        self.asked.append(one)
        says = self.respond(one)
        if says.cut:
            raise httpx2.ReadError("the connection was cut")
        if says.text is not None:
            return httpx2.Response(says.status, text=says.text, headers=dict(says.headers))
        return httpx2.Response(says.status, json=says.body, headers=dict(says.headers))


def _parsed(request: httpx2.Request) -> Any:
    if not request.content:
        return None
    if "json" in request.headers.get("content-type", ""):
        return json.loads(request.content)
    return dict(parse_qsl(request.content.decode()))
