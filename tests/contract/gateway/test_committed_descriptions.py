"""What is committed about the HTTP API is what the gateway does."""

import ast
import json
from pathlib import Path
from typing import Any

from openapi_spec_validator import validate

from gateway.domain import problem_pages
from gateway.domain.problems import TITLES
from gateway.service import openapi

ROOT = Path(__file__).parents[3]
DESCRIPTION = ROOT / "docs" / "contracts" / "openapi.json"
SOURCES = ROOT / "services" / "gateway" / "src" / "gateway"
# docs/messages.md, Rejections: every code a service may refuse a command with.
REJECTIONS = {
    *("unknown_sale", "sale_already_canceled", "sale_id_taken", "invalid", "unknown_item"),
    *("item_sold", "item_unavailable", "item_deleted", "item_out_of_stock", "not_connected"),
    *("unknown_marketplace", "item_id_taken", "link_taken", "unknown_external_id"),
    *("unknown_listing", "unknown_task"),
}
PATHS = {
    *("/items", "/items/{item_id}", "/items/{item_id}/listings/{marketplace}"),
    *(f"/items/{{item_id}}/{action}" for action in ("activate", "deactivate", "release", "hold")),
    *("/items/{item_id}/check", "/items/{item_id}/history", "/items/{item_id}/picture"),
    *(
        f"/items/{{item_id}}/listings/{{marketplace}}/{action}"
        for action in ("link", "accept-drift", "restore", "check", "retry")
    ),
    *("/sales", "/sales/{sale_id}", "/sales/{sale_id}/plan", "/sales/{sale_id}/cancel"),
    *("/sales/{sale_id}/merge", "/sales/{sale_id}/split", "/imports", "/imports/{import_id}"),
    *("/bulk", "/bulk/{bulk_id}"),
    *("/commands/{command_id}", "/events", "/marketplaces", "/failures", "/failures/{group}"),
    *(
        "/failures/{group}/retry",
        "/failures/{group}/archive",
        "/failures/{group}/edit-and-retry",
        "/webhooks",
        "/resync",
    ),
    *("/marketplaces/{marketplace}/pause", "/marketplaces/{marketplace}/resume"),
    *("/marketplaces/{marketplace}/requirements", "/partitions/{topic}/{number}/resume"),
}


def description() -> dict[str, Any]:
    said: dict[str, Any] = json.loads(DESCRIPTION.read_text())
    return said


def test_the_committed_description_is_the_gateways() -> None:
    assert DESCRIPTION.read_text() == openapi(), "run: python -m gateway openapi"


def test_the_description_is_valid_openapi() -> None:
    validate(description())


def test_every_path_of_the_design_is_there() -> None:
    there = {path.removeprefix("/api/v1") for path in description()["paths"]}
    assert there - {"/webhooks/{marketplace}/{account}"} == PATHS


def test_the_committed_page_of_problems_is_the_gateways() -> None:
    assert (ROOT / "docs" / "problems.md").read_text() == problem_pages.text()


def test_every_problem_that_is_raised_or_answered_has_a_page() -> None:
    trees = (ast.parse(path.read_text()) for path in SOURCES.rglob("*.py"))
    calls = (n for tree in trees for n in ast.walk(tree) if isinstance(n, ast.Call))
    raised = {
        call.args[0].value
        for call in calls
        if getattr(call.func, "id", "") == "Problem"
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }
    assert raised | REJECTIONS <= TITLES.keys() == problem_pages.PAGES.keys()
