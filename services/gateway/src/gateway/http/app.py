"""The ASGI application: every route, problems as RFC 9457, health and metrics."""

import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import structlog
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from brocante.contracts.pointers import pointer
from brocante.contracts.values import Issue
from brocante.documents.driver import DatabaseError
from brocante.messaging.health import Check, health_routes
from brocante.messaging.publisher import NotPublished
from gateway.console.all_pages import PAGES
from gateway.console.pages import is_for_people, problem_page
from gateway.domain.problems import Problem
from gateway.http import (
    bulk,
    commands,
    events,
    failures,
    history,
    imports,
    items,
    marketplaces,
    operations,
    pictures,
    sales,
    webhooks,
)
from gateway.http.describing import PROBLEM_JSON, openapi

log = structlog.get_logger()
API = "/api/v1"
SAID = {404: "Nothing is at this address."}
BY_STATUS = {404: "not_found", 405: "method_not_allowed"}


def create_app(alive: Check, ready: Check) -> FastAPI:
    """The application; `app.state.context` is set once the back ends are there."""
    app = FastAPI(
        title="Brocante",
        version="0.1.0",
        description="Keeps one-of-a-kind pieces in step across marketplaces.",
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{API}/openapi.json",
    )
    api = APIRouter(prefix=API)
    for module in (items, pictures, history, bulk, sales, commands, imports, events, marketplaces):
        api.include_router(module.router)
    for module in (failures, operations):
        api.include_router(module.router)
    app.include_router(api)
    app.include_router(webhooks.router)
    for page in PAGES:
        app.include_router(page.router)
    app.router.routes.extend(health_routes(alive, ready))
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(DatabaseError, _away)
    app.add_exception_handler(NotPublished, _away)
    app.add_exception_handler(Exception, _mistake)
    app.middleware("http")(_logged)
    app.openapi = partial(described_once, app)  # type: ignore[method-assign]
    return app


def described_once(app: FastAPI) -> dict[str, Any]:
    """The description, made at its first use."""
    if app.openapi_schema is None:
        app.openapi_schema = openapi(app)
    return app.openapi_schema


async def _problem(request: Request, error: Exception) -> Response:
    if not isinstance(error, Problem):
        raise error
    if is_for_people(request):
        return await problem_page(request, error)
    body = error.body()
    headers = {"WWW-Authenticate": "Bearer"} if error.code == "unauthenticated" else {}
    return JSONResponse(body, error.status, headers, PROBLEM_JSON)


async def _invalid(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    issues = [
        Issue(
            code=str(one["type"]),
            category="dealer",
            field=pointer(one["loc"][1:]) or None,
            message=f"{one['msg']}.",
            action="Correct this parameter and send the request again.",
        )
        for one in error.errors()
    ]
    detail = "; ".join(f"{issue.field}: {issue.message}" for issue in issues[:3])
    return await _problem(request, Problem("invalid", detail, errors=issues))


async def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    code = BY_STATUS.get(status, "invalid")
    detail = SAID.get(status) or str(getattr(error, "detail", ""))
    answer = await _problem(request, Problem(code, detail, status=status))
    answer.headers.update(getattr(error, "headers", None) or {})
    return answer


async def _away(request: Request, error: Exception) -> Response:
    log.warning("back_end_away", error=repr(error))
    return await _problem(request, Problem("unavailable", "A back end is away; try again."))


async def _mistake(request: Request, error: Exception) -> Response:
    log.error("request_failed", path=request.url.path, error=repr(error), exc_info=error)
    return await _problem(request, Problem("internal"))


async def _logged(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    began = time.monotonic()
    response: Any = await call_next(request)
    log.debug(
        "request_answered",
        method=request.method,
        path=request.url.path,
        status=response.status_code,
        seconds=round(time.monotonic() - began, 4),
    )
    answered: Response = response
    return answered
