"""What every page of the console stands on: who looks at it, its frame, its answers."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import structlog
from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from starlette.datastructures import ImmutableMultiDict

from brocante.documents.driver import DatabaseError
from brocante.messaging.publisher import NotPublished
from gateway.console import notices
from gateway.console.progress import progress_of
from gateway.console.templating import render
from gateway.domain.problems import Problem
from gateway.http.bodies import raw_body
from gateway.http.context import SESSION_COOKIE, Gateway, check_origin
from gateway.records.access import Principal

log = structlog.get_logger()
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not `no-referrer`: a form would then be sent with `Origin: null`, and refused.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "HX-Request",
}
NAVIGATION = (
    ("Inventory", "/inventory"),
    ("Sold", "/sold"),
    ("Double sales", "/double-sales"),
    ("Import", "/import"),
    ("Operations", "/operations"),
)
MOST_FIELDS = 20_000
Form = ImmutableMultiDict[str, str]
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class NotSignedIn(Exception):  # noqa: N818 - a state of affairs: one is asked to sign in
    """Nobody is signed in; `back` is where to go afterwards."""

    def __init__(self, back: str) -> None:
        super().__init__(back)
        self.back = back


class PageRoute(APIRoute):
    """A route for people: what goes wrong is said on a page, not as JSON."""

    def get_route_handler(self) -> Handler:
        """The handler, with problems turned into pages."""
        handler = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handler(request)
            except NotSignedIn as error:
                query = f"?{urlencode({'next': error.back})}" if error.back != "/" else ""
                return redirect(request, f"/sign-in{query}")
            except Problem as problem:
                return await problem_page(request, problem)
            except RequestValidationError:
                return await problem_page(request, Problem("not_found"))
            except (DatabaseError, NotPublished) as error:
                log.warning("back_end_away", error=repr(error))
                return await problem_page(request, Problem("unavailable"))

        return answer


def pages() -> APIRouter:
    """A router for pages: left out of the API's description, its problems are pages."""
    return APIRouter(include_in_schema=False, route_class=PageRoute)


async def _signed_in(request: Request, gateway: Gateway) -> Principal:
    session = request.cookies.get(SESSION_COOKIE)
    found = await gateway.access.by_session(session) if session else None
    if found is None:
        raise NotSignedIn(here(request) if request.method == "GET" else "/")
    check_origin(request, gateway.settings.public_url)
    return found


def _may(scope: str) -> object:
    async def check(who: Annotated[Principal, Depends(_signed_in)]) -> Principal:
        if scope not in who.scopes:
            raise Problem("forbidden", f"You may not do this: it needs the right to {scope}.")
        return who

    return Depends(check)


Reader = Annotated[Principal, _may("read")]
Writer = Annotated[Principal, _may("write")]
Operator = Annotated[Principal, _may("operate")]


async def page(
    request: Request, gateway: Gateway, who: Principal, template: str, **values: Any
) -> Response:
    """A page in the console's frame, with the notice and the progress that its address names."""
    doing = request.query_params.getlist("doing")
    values |= {
        "who": who,
        "navigation": NAVIGATION,
        "here": here(request),
        "path": request.url.path,
        "notice": notices.of(request),
        "progress": await progress_of(gateway, who, doing) if doing else None,
        "fragment": is_fragment(request),
    }
    response = await show(template, values.pop("status", 200), **values)
    notices.forget(request, response)
    return response


async def show(template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A template as an answer, with the headers that keep it to itself."""
    return HTMLResponse(await render(template, **values), status, headers=HEADERS)


def redirect(request: Request, path: str, notice: str = "") -> Response:
    """Go on to another page of ours, which says the notice once."""
    if is_fragment(request):
        response = Response(status_code=200, headers={**HEADERS, "HX-Redirect": path})
    else:
        response = RedirectResponse(path, 303, headers=HEADERS)
    notices.leave(request, response, notice)
    return response


async def form(request: Request, gateway: Gateway) -> Form:
    """The fields of a form that was sent; `getlist` gives all values of one name."""
    body = await raw_body(request, gateway.settings.body_limit)
    try:
        fields = parse_qsl(
            body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict"
        )
    except ValueError as error:
        raise Problem("invalid", "The form could not be read.") from error
    return ImmutableMultiDict(fields)


def is_fragment(request: Request) -> bool:
    """Whether script asks for a part of a page (a dialog, rows), not for the whole of it."""
    return request.headers.get("hx-request") == "true"


def here(request: Request) -> str:
    """Path and query as they were asked for, without what only this answer shows."""
    query = [(k, v) for k, v in request.query_params.multi_items() if k != "doing"]
    return f"{request.url.path}?{urlencode(query)}" if query else request.url.path


def is_for_people(request: Request) -> bool:
    """Whether a browser asks, and not for something of the API."""
    accepted = request.headers.get("accept", "")
    return "text/html" in accepted and not request.url.path.startswith("/api/")


def own_path(given: str | None, otherwise: str) -> str:
    """A path of this gateway that a form or address gave; never one that leads elsewhere."""
    if not given or not given.startswith("/") or given.startswith("//") or "\\" in given:
        return otherwise
    parts = urlsplit(given)
    if parts.scheme or parts.netloc or not given.isprintable():
        return otherwise
    return quote(parts.path, safe="/:.-_~") + (f"?{parts.query}" if parts.query else "")


def doing(path: str, commands: list[str]) -> str:
    """A page's address that also shows how far these commands are."""
    if not commands:
        return path
    joined = "&" if "?" in path else "?"
    return f"{path}{joined}{urlencode([('doing', one) for one in commands])}"


async def problem_page(request: Request, problem: Problem) -> Response:
    """What went wrong, for people."""
    frame = "problem_dialog.html" if is_fragment(request) else "problem_page.html"
    return await show(frame, problem.status, problem=problem)
