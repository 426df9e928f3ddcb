"""The fields of a payload as the rows of a table, from its JSON Schema."""

from collections.abc import Iterator

from brocante.contracts.field_meanings import FIELDS, FIELDS_OF
from brocante.contracts.values import ID_PATTERN, MARKETPLACE_PATTERN, JsonObject

Row = tuple[str, str, str, str]
_PATTERNS = {
    ID_PATTERN: "id",
    MARKETPLACE_PATTERN: "marketplace",
    r"^(\*|[a-z0-9][a-z0-9-]{0,31})$": "marketplace or `*`",
}


def field_rows(scope: str, body: JsonObject) -> Iterator[Row]:
    """Name, type, whether required (else its default), and meaning of each field.

    `body` is a JSON Schema of an object; `scope` the message type or value it belongs to.
    """
    required = body.get("required", [])
    for name, part in body["properties"].items():
        needed = "yes" if name in required else _default(part)
        yield f"`{name}`", kind(part), needed, field_meaning(scope, name)


def field_meaning(scope: str, name: str) -> str:
    """What a field says; KeyError when nobody wrote it down."""
    own = FIELDS_OF.get(scope, {})
    return own[name] if name in own else FIELDS[name]


def _default(part: JsonObject) -> str:
    default = part.get("default")
    if default is None or default in ([], {}):
        return ""
    return f"else `{str(default).lower() if isinstance(default, bool) else default}`"


def kind(part: JsonObject) -> str:
    """The type of a field in a word or two."""
    if "anyOf" in part:
        return kind(next(one for one in part["anyOf"] if one.get("type") != "null"))
    if "$ref" in part:
        name = str(part["$ref"]).rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if "enum" in part:
        return " | ".join(f"`{one}`" for one in part["enum"])
    return _nested(part) or _plain(part)


def _nested(part: JsonObject) -> str | None:
    if part.get("type") == "array":
        return f"list of {kind(part['items'])}"
    return _object(part) if part.get("type") == "object" else None


def _plain(part: JsonObject) -> str:
    if part.get("format") == "date-time":
        return "time"
    return _PATTERNS.get(part.get("pattern", ""), str(part.get("type", "any")))


def _object(part: JsonObject) -> str:
    values = [*part.get("patternProperties", {}).values(), part.get("additionalProperties")]
    described = next((one for one in values if isinstance(one, dict)), None)
    return f"object of {kind(described)}" if described else "object"
