"""Stylesheets, scripts and pictures of the console; nothing is loaded from elsewhere."""

import hashlib
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Response

from gateway.domain.problems import Problem

router = APIRouter(include_in_schema=False)
STATIC = Path(__file__).parent / "static"
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".png": "image/png"}
# The address changes with the content, so a copy may be kept for good.
HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'",
}


def address(name: str) -> str:
    """Where a file of `static/` is served, under an address of this content."""
    return f"/static/{name}?{_mark(name)}"


@router.get("/static/{name:path}")
async def static(name: str) -> Response:
    """A file of `static/`."""
    if name not in _names():
        raise Problem("not_found", "There is no such file.")
    kind = KINDS[Path(name).suffix]
    return Response(_content(name), media_type=kind, headers=HEADERS)


@cache
def _names() -> frozenset[str]:
    found = (path for path in STATIC.rglob("*") if path.suffix in KINDS)
    return frozenset(str(path.relative_to(STATIC)) for path in found)


@cache
def _content(name: str) -> bytes:
    return (STATIC / name).read_bytes()


@cache
def _mark(name: str) -> str:
    return hashlib.sha256(_content(name)).hexdigest()[:12]
