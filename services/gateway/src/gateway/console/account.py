"""Account: who is signed in, and a password to sign in by."""

from fastapi import Request, Response

from gateway.console.pages import Reader, form, page, pages, redirect
from gateway.http.context import SESSION_COOKIE, Context, Gateway
from gateway.records.access import Principal
from gateway.records.passwords import LONGEST, SHORTEST, TooManyTries, signs_in_as

router = pages()


@router.get("/account")
async def account(request: Request, gateway: Gateway, who: Reader) -> Response:
    """The page."""
    return await _asking(request, gateway, who)


@router.post("/account/password")
async def set_password(request: Request, gateway: Gateway, who: Reader) -> Response:
    """Set a password; other sessions of this person end."""
    fields = await form(request, gateway)
    password, session = fields.get("password", ""), request.cookies.get(SESSION_COOKIE, "")
    error = _wrong(password, fields.get("again", ""))
    if not error and await _must_show_current(gateway, who, session):
        error = await _not_allowed(request, gateway, who, fields.get("current", ""))
    if error:
        return await _asking(request, gateway, who, error)
    await gateway.passwords.set(who.dealer, name_of(who), password)
    await gateway.access.sign_out_others(who.dealer, name_of(who), session)
    return redirect(request, "/account", "The password is set.")


def name_of(who: Principal) -> str:
    """A person's name within their dealer."""
    return who.actor.partition(":")[2]


async def _must_show_current(gateway: Context, who: Principal, session: str) -> bool:
    """Not where none was set, nor right after a sign-in link: so a lost one is reset."""
    if not await gateway.passwords.has(signs_in_as(who.dealer, name_of(who))):
        return False
    return not await gateway.access.came_by_link(session)


def _wrong(password: str, again: str) -> str:
    if len(password) < SHORTEST:
        return f"The password needs at least {SHORTEST} characters."
    if len(password) > LONGEST:
        return f"The password has more than {LONGEST} characters."
    return "" if password == again else "The two passwords differ."


async def _not_allowed(request: Request, gateway: Context, who: Principal, current: str) -> str:
    """Whoever has a password shows it before it changes."""
    address = request.client.host if request.client else ""
    try:
        person = await gateway.passwords.check(
            signs_in_as(who.dealer, name_of(who)), current, address
        )
    except TooManyTries as error:
        return f"Too many wrong tries. Wait {error.seconds} seconds."
    return "" if person else "The current password is wrong."


async def _asking(request: Request, gateway: Context, who: Principal, error: str = "") -> Response:
    name = signs_in_as(who.dealer, name_of(who))
    session = request.cookies.get(SESSION_COOKIE, "")
    return await page(
        request,
        gateway,
        who,
        "account.html",
        name=name,
        has_password=await gateway.passwords.has(name),
        must_show_current=await _must_show_current(gateway, who, session),
        shortest=SHORTEST,
        error=error,
        status=422 if error else 200,
    )
