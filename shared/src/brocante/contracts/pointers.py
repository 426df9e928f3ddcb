"""JSON Pointers (RFC 6901): naming a place in a payload, and what is there."""

from collections.abc import Iterable, Mapping
from typing import Any


def pointer(parts: Iterable[Any]) -> str:
    """The pointer to a place; the empty one names the whole payload."""
    return "".join(f"/{_escaped(part)}" for part in parts)


def at_pointer(content: Any, place: str) -> Any:
    """The value a pointer names, or None when there is none."""
    value = content
    for part in place.removeprefix("/").split("/"):
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, Mapping):
            value = value.get(name)
        elif isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return value


def _escaped(part: Any) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")
