"""What a page says once after a form was sent, carried over the redirect in a cookie."""

from urllib.parse import quote, unquote

from fastapi import Request, Response

COOKIE = "brocante_notice"
SECONDS = 60
LONGEST = 1000


def of(request: Request) -> str:
    """The notice to show, or an empty text."""
    return unquote(request.cookies.get(COOKIE, ""))[:LONGEST]


def leave(request: Request, response: Response, notice: str) -> None:
    """Have the next page say it."""
    if notice:
        response.set_cookie(
            COOKIE,
            quote(notice[:LONGEST]),
            max_age=SECONDS,
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )


def forget(request: Request, response: Response) -> None:
    """It was shown."""
    if COOKIE in request.cookies:
        response.delete_cookie(COOKIE)
