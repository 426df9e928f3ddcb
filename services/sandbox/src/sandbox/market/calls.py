"""One call and its answer, apart from any web framework, and the table of routes."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote

Json = Any


class BadBody(Exception):  # noqa: N818 - it says what the caller sent
    """The body is not what its content type says."""


@dataclass(slots=True)
class Call:
    """A request to a marketplace. `account` is set by authentication, `sku` by the handler.

    `came_at`: when it was here, before anything was done about it.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""
    params: Mapping[str, str] = field(default_factory=dict)
    account: str = ""
    sku: str | None = None
    came_at: str = ""

    def json(self) -> Json:
        """The body as JSON; raises BadBody."""
        try:
            return json.loads(self.body)
        except (ValueError, UnicodeDecodeError) as error:
            raise BadBody(str(error)) from error

    def object(self) -> dict[str, Json]:
        """The body as a JSON object; raises BadBody."""
        value = self.json()
        if not isinstance(value, dict):
            raise BadBody("Expected an object.")
        return value

    def form(self) -> dict[str, str]:
        """The body as a form, repeated fields joined with commas; JSON objects are taken too."""
        if "json" in self.headers.get("content-type", ""):
            return {name: _plain(value) for name, value in self.object().items()}
        try:
            pairs = parse_qs(self.body.decode(), keep_blank_values=True)
        except UnicodeDecodeError as error:
            raise BadBody(str(error)) from error
        fields: dict[str, str] = {}
        for name, values in pairs.items():
            fields[name.removesuffix("[]")] = ",".join(values)
        return fields


@dataclass(frozen=True, slots=True)
class Answer:
    """A response; `body` None sends no body."""

    status: int
    body: Json = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether it claims success."""
        return 200 <= self.status < 300  # noqa: PLR2004 - HTTP's own classes


Handler = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path like `/offer/{offerId}/publish`; `open`: no access token is needed."""

    method: str
    path: str
    handler: Handler
    open: bool = False


class Routes:
    """Finds the route of a call; path values arrive percent-encoded and are decoded once."""

    def __init__(self, routes: list[Route]) -> None:
        self._routes = [(_pattern(route.path), route) for route in routes]

    def find(self, call: Call) -> Route | None:
        """The route, with the call's `params` filled in; None when there is none."""
        for pattern, route in self._routes:
            if route.method != call.method:
                continue
            match = pattern.fullmatch(call.path)
            if match:
                call.params = {name: unquote(text) for name, text in match.groupdict().items()}
                return route
        return None


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))


def _plain(value: Json) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ",".join(_plain(entry) for entry in value)
    return "" if value is None else str(value)
