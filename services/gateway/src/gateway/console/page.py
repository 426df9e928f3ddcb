"""The one plain page: what is where. Opened by a one-time link, with a real session."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, select_autoescape

from gateway.http.context import SESSION_COOKIE, Context, Gateway
from gateway.records.access import SESSION_LASTS, Principal
from gateway.records.views import ItemQuery

router = APIRouter(include_in_schema=False)
HERE = Path(__file__).parent
PAGES = Environment(
    loader=FileSystemLoader(HERE / "templates"), autoescape=select_autoescape(), enable_async=True
)
STYLE = (HERE / "static" / "style.css").read_text
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
SHOWN = 50


@router.get("/")
async def home(request: Request, gateway: Gateway) -> Response:
    """What is where: items with their listings, sales, marketplaces."""
    who = await _session(request, gateway)
    if who is None:
        return await show("signed_out.html", status=401)
    items, more = await gateway.views.items(who.dealer, ItemQuery(limit=SHOWN))
    sales, _ = await gateway.views.sales(who.dealer, {}, None, SHOWN)
    places = [
        {"name": m, **await gateway.marketplaces.status(who.dealer, m)}
        for m in sorted(gateway.entries)
    ]
    return await show("home.html", items=items, more=more, sales=sales, places=places, who=who)


@router.get("/sign-in/{code}")
async def sign_in(code: str, request: Request, gateway: Gateway) -> Response:
    """Open a session with a code that works once."""
    session = await gateway.access.sign_in(code)
    if session is None:
        return await show("signed_out.html", status=401, used=True)
    response = RedirectResponse("/", 303, headers=HEADERS)
    response.set_cookie(
        SESSION_COOKIE,
        session,
        max_age=int(SESSION_LASTS.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return response


@router.post("/sign-out")
async def sign_out(request: Request, gateway: Gateway) -> Response:
    """End the session."""
    session = request.cookies.get(SESSION_COOKIE)
    if session:
        await gateway.access.sign_out(session)
    response = RedirectResponse("/", 303, headers=HEADERS)
    response.delete_cookie(SESSION_COOKIE)
    return response


@router.get("/static/style.css")
async def style() -> Response:
    """The stylesheet."""
    return Response(STYLE(), media_type="text/css", headers={"X-Content-Type-Options": "nosniff"})


async def _session(request: Request, gateway: Context) -> Principal | None:
    session = request.cookies.get(SESSION_COOKIE)
    return await gateway.access.by_session(session) if session else None


async def show(name: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page, with the headers that keep it to itself."""
    text = await PAGES.get_template(name).render_async(**values)
    return HTMLResponse(text, status, headers=HEADERS)
