"""Signing in by a link that works once or by password, and signing out."""

from fastapi import Request, Response

from gateway.console.pages import form, own_path, pages, redirect, show
from gateway.http.context import SESSION_COOKIE, Gateway, check_origin
from gateway.records.access import SESSION_LASTS
from gateway.records.passwords import TooManyTries

router = pages()
HOME = "/inventory"


@router.get("/")
async def home(request: Request) -> Response:
    """The console begins with the inventory."""
    return redirect(request, HOME)


@router.get("/sign-in")
async def ask_to_sign_in(request: Request, gateway: Gateway) -> Response:
    """The page that asks for a name and a password; whoever is signed in goes on."""
    after = own_path(request.query_params.get("next"), HOME)
    session = request.cookies.get(SESSION_COOKIE)
    if session and await gateway.access.by_session(session):
        return redirect(request, after)
    return await _asking(after)


@router.post("/sign-in")
async def sign_in(request: Request, gateway: Gateway) -> Response:
    """Open a session by name and password."""
    check_origin(request, gateway.settings.public_url)
    fields = await form(request, gateway)
    name, password = fields.get("name", ""), fields.get("password", "")
    after = own_path(fields.get("next"), HOME)
    address = request.client.host if request.client else ""
    try:
        person = await gateway.passwords.check(name, password, address)
    except TooManyTries as error:
        text = f"Too many wrong tries. Wait {error.seconds} seconds, or use a sign-in link."
        return await _asking(after, text, name, 429)
    if person is None:
        return await _asking(after, "Name and password do not fit together.", name, 401)
    session = await gateway.access.open_session(person.dealer, person.name, person.scopes)
    return _opened(request, session, after)


@router.get("/sign-in/{code}")
async def sign_in_by_link(code: str, request: Request, gateway: Gateway) -> Response:
    """Open a session with a code that works once."""
    session = await gateway.access.sign_in(code)
    if session is None:
        return await _asking(HOME, "This link was used already, or it is too old.", status=401)
    return _opened(request, session, HOME)


@router.post("/sign-out")
async def sign_out(request: Request, gateway: Gateway) -> Response:
    """End the session."""
    check_origin(request, gateway.settings.public_url)
    session = request.cookies.get(SESSION_COOKIE)
    if session:
        await gateway.access.sign_out(session)
    response = redirect(request, "/sign-in")
    response.delete_cookie(SESSION_COOKIE)
    return response


async def _asking(after: str, error: str = "", name: str = "", status: int = 200) -> Response:
    return await show("signing_in.html", status, after=after, error=error, name=name)


def _opened(request: Request, session: str, after: str) -> Response:
    response = redirect(request, after)
    response.set_cookie(
        SESSION_COOKIE,
        session,
        max_age=int(SESSION_LASTS.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return response
