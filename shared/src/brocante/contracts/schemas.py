"""JSON Schema (2020-12) of each message's payload, as docs/contracts/schemas holds it."""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from brocante.contracts.message import Message
from brocante.contracts.values import JsonObject

DIALECT = "https://json-schema.org/draft/2020-12/schema"
NOTHING: tuple[Any, ...] = (None, [], {})


class PlainSchema(GenerateJsonSchema):
    """Without what says nothing: titles made from a field's name, and empty defaults.

    A field without a value is left out when written, and may be null when read.
    """

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Whether a field gets a title made from its name: never."""
        del schema
        return False

    def default_schema(self, schema: Any) -> JsonSchemaValue:
        """The schema of a field with a default; nothing is no default worth naming."""
        described = super().default_schema(schema)
        if described.get("default", 0) in NOTHING:
            del described["default"]
        return described

    def encode_default(self, dft: Any) -> Any:
        """A default as JSON, without the fields that it leaves empty."""
        if isinstance(dft, BaseModel):
            return dft.model_dump(mode="json", exclude_none=True)
        return super().encode_default(dft)

    def dict_schema(self, schema: Any) -> JsonSchemaValue:
        """The schema of an object by name; where names have a pattern, others are refused."""
        described = super().dict_schema(schema)
        if "patternProperties" in described:
            described["additionalProperties"] = False
        return described


def urn(cls: type[Message]) -> str:
    """What names a payload's schema: `ce_dataschema` and the schema's `$id`."""
    return f"urn:brocante:{cls.TYPE}:{cls.MAJOR}"


def file_name(cls: type[Message]) -> str:
    """The file of a message under docs/contracts/schemas and docs/contracts/samples."""
    return f"{cls.TYPE}.{cls.MAJOR}.json"


def meaning(cls: type[Message]) -> str:
    """What a message is, from its docstring, one paragraph a line."""
    return one_line(cls.__doc__ or "")


def one_line(text: str) -> str:
    """Text with each paragraph on one line."""
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n")).strip()


def schema(cls: type[Message]) -> JsonObject:
    """The JSON Schema of a message's payload; unknown fields are allowed, being ignored."""
    body = cls.model_json_schema(schema_generator=PlainSchema)
    head = {
        "$schema": DIALECT,
        "$id": urn(cls),
        "title": cls.TYPE,
        "description": meaning(cls),
    }
    return {**head, **{name: part for name, part in body.items() if name not in head}}
