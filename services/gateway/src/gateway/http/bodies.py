"""Reading request bodies: bounded, JSON, unknown fields refused by name."""

import json
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from gateway.domain.problems import Problem, of_validation

M = TypeVar("M", bound=BaseModel)
JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"


async def raw_body(request: Request, limit: int) -> bytes:
    """The body, refused as soon as it is longer than `limit` bytes."""
    chunks: list[bytes] = []
    length = 0
    async for chunk in request.stream():
        length += len(chunk)
        if length > limit:
            raise Problem("too_large", f"At most {limit} bytes are read.")
        chunks.append(chunk)
    return b"".join(chunks)


async def json_object(request: Request, limit: int, kind: str = JSON) -> dict[str, Any]:
    """The body as a JSON object; without one, an empty object (but a patch must be there)."""
    given = request.headers.get("content-type", kind).split(";")[0].strip().lower()
    if given not in (kind, JSON) or (kind == JSON and given != JSON):
        raise Problem("unsupported_media_type", f"Send {kind}.")
    body = await raw_body(request, limit)
    if not body and kind == MERGE_PATCH:
        raise Problem("bad_json", "There is no body.")
    if not body:
        return {}
    try:
        parsed = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Problem("bad_json", str(error)) from error
    if not isinstance(parsed, dict):
        raise Problem("bad_json", "The body is not a JSON object.")
    return parsed


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is not JSON")


def read_as(model: type[M], values: dict[str, Any], *, fixed: dict[str, Any]) -> M:
    """The values as a message, with the fields that the path fixes; unknown ones are refused."""
    for name, value in fixed.items():
        if name in values and values[name] != value:
            text = f"{name} in the body is not {value} of the path."
            raise Problem("invalid", text, field=f"/{name}")
    try:
        return model.model_validate_json(
            json.dumps({**values, **fixed}), extra="forbid", strict=True
        )
    except ValidationError as error:
        raise of_validation(error) from error
