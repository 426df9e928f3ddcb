"""Forms with a file in them."""

from typing import Any

from fastapi import Request
from starlette.formparsers import MultiPartException, MultiPartParser

from gateway.domain.problems import Problem
from gateway.http.bodies import raw_body


async def uploaded(request: Request, limit: int) -> dict[str, Any]:
    """The fields of a form with a file in it; refused as soon as it is too large."""
    body = await raw_body(request, limit)

    async def whole() -> Any:
        yield body

    try:
        parser = MultiPartParser(request.headers, whole(), max_part_size=limit)
        return dict((await parser.parse()).items())
    except (MultiPartException, KeyError) as error:
        raise Problem("invalid", "The form could not be read.") from error
