"""The OpenAPI description: bodies that are read by hand, commands' answers, problems."""

from collections.abc import Iterable
from typing import Any, Literal

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from brocante.contracts.sales import SaleRecorded
from brocante.contracts.snapshot import ItemChanged
from brocante.contracts.values import Issue

JSON = "application/json"
PROBLEM_JSON = "application/problem+json"
REFS = "#/components/schemas/{model}"
COMMAND = "x-command"
Schema = dict[str, Any]


class ProblemBody(BaseModel):
    """RFC 9457; `type` is a page of these docs, `errors` name what is wrong field by field."""

    type: str
    title: str
    status: int
    code: str
    detail: str | None = None
    errors: list[Issue] = []
    command_id: str | None = None


class SaleBody(SaleRecorded):
    """A sale: what was recorded, and what became of it."""

    status: str
    canceled_at: str | None = None
    reason: str | None = None
    relist: str | None = None
    merged_into: str | None = None


class CommandBody(BaseModel):
    """What became of a command; `sale` and `item` as they are now."""

    command_id: str
    type: str
    status: str
    problem: ProblemBody | None = None
    sale: SaleBody | None = None
    item: ItemChanged | None = None


class BulkRow(BaseModel):
    """One item of a bulk. `marketplaces` and `title` are of a dry run, `problem` of a rejection."""

    item_id: str
    result: Literal["ready", "partly", "blocked", "waiting", "done", "refused", "rejected"]
    issues: list[Issue]
    command_id: str | None = None
    problem: ProblemBody | None = None
    title: str | None = None
    marketplaces: dict[str, Literal["ready", "blocked"]] = {}


class BulkReport(BaseModel):
    """How far a bulk is; `counts` by result, of a dry run also by marketplace."""

    bulk_id: str | None = None
    action: str
    marketplaces: list[str]
    dry_run: bool
    status: Literal["running", "done"]
    total: int
    done: int
    counts: dict[str, int]
    by_marketplace: dict[str, dict[str, int]] = {}
    rows: list[BulkRow]


def described(
    model: type[BaseModel] | None, kind: str = JSON, without: Iterable[str] = ()
) -> dict[str, Any]:
    """A command's body, without the fields that the path holds; None: it has no body."""
    if model is None:
        return {COMMAND: True}
    schema = model.model_json_schema(ref_template=REFS)
    for name in without:
        schema["properties"].pop(name, None)
    required = [name for name in schema.pop("required", []) if name in schema["properties"]]
    schema |= {"additionalProperties": False, **({"required": required} if required else {})}
    body = {"content": {kind: {"schema": schema}}, "required": bool(required)}
    return {"requestBody": body, COMMAND: True}


def described_body(model: type[BaseModel]) -> dict[str, Any]:
    """The body of a request that is no command."""
    said = described(model)
    del said[COMMAND]
    return said


def described_bulk(model: type[BaseModel] | None) -> dict[str, Any]:
    """A bulk's body, if it has one, and its report."""
    report = {"content": {JSON: {"schema": {"$ref": REFS.format(model="BulkReport")}}}}
    if model is None:
        return {"responses": {"200": report}}
    said = described_body(model)
    accepted = {"description": "Accepted; Location tells progress and results.", **report}
    said["responses"] = {"200": report, "202": accepted}
    return {**said, "parameters": list(_HEADERS)}


def merge_patch(model: type[BaseModel], more: Schema | None = None) -> dict[str, Any]:
    """A JSON merge patch over a message's fields: all optional, null takes one away."""
    body = described(model, "application/merge-patch+json", without=("item_id",))
    schema = body["requestBody"]["content"]["application/merge-patch+json"]["schema"]
    schema.pop("required", None)
    schema["properties"] |= more or {}
    body["requestBody"]["required"] = True
    return body


def openapi(app: FastAPI) -> Schema:
    """The whole description, with every reference resolved."""
    said = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    schemas: Schema = {}
    for model in (ProblemBody, CommandBody, BulkReport):
        schema = model.model_json_schema(ref_template=REFS, mode="serialization")
        schemas |= {**schema.pop("$defs", {}), model.__name__: schema}
    for path in said["paths"].values():
        for operation in path.values():
            _finish(operation, schemas)
    said["components"] = {
        "schemas": dict(sorted(schemas.items())),
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
    }
    said["security"] = [{"token": []}]
    return said


def _finish(operation: Schema, schemas: Schema) -> None:
    for content in operation.get("requestBody", {}).get("content", {}).values():
        for name, schema in content["schema"].pop("$defs", {}).items():
            # Unknown fields are refused wherever they stand.
            schemas[name] = {**schema, "additionalProperties": False}
    responses = operation["responses"]
    responses.pop("422", None)
    if operation.pop(COMMAND, False):
        answer = {"content": {JSON: {"schema": {"$ref": REFS.format(model="CommandBody")}}}}
        responses["200"] = {"description": "The outcome, with Prefer: wait.", **answer}
        responses["202"] = {"description": "Accepted; Location tells the outcome.", **answer}
        operation.setdefault("parameters", []).extend(_HEADERS)
    problem = {"schema": {"$ref": REFS.format(model="ProblemBody")}}
    responses["default"] = {"description": "A problem.", "content": {PROBLEM_JSON: problem}}


_HEADERS: list[Schema] = [
    {
        "name": "Prefer",
        "in": "header",
        "description": "`wait=5`: answer with the outcome if it comes in so many seconds.",
        "schema": {"type": "string"},
    },
    {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "The same key with the same body is the same command.",
        "schema": {"type": "string"},
    },
]
