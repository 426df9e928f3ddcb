"""The command line against a gateway that says what it is told to: output and exit codes."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from brocante_local.cli.app import app

ETSY = "items/chair/listings/etsy"
PROBLEM = {
    "title": "Refused",
    "detail": "One listing cannot go on sale.",
    "errors": [
        {
            "marketplace": "etsy",
            "field": "/attributes/period",
            "message": "A period is required.",
            "action": "Add it.",
        }
    ],
}


class Gateway(HTTPServer):
    """Answers everything alike and remembers what it was asked."""

    status = 200
    body: Any = {}

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.asked: list[tuple[str, str, dict[str, str], Any]] = []


class Asked(BaseHTTPRequestHandler):
    """One request."""

    server: Gateway

    def answer(self) -> None:
        """Say what the gateway is told to say."""
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        body = json.loads(text) if text.startswith("{") else text
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked.append((self.command, self.path, headers, body))
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(json.dumps(self.server.body).encode())

    do_GET = do_POST = do_DELETE = do_PATCH = answer  # noqa: N815 - names that http.server calls

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    server = Gateway()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    monkeypatch.setenv("BROCANTE_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("BROCANTE_TOKEN", "secret")
    yield server
    server.shutdown()
    server.server_close()


def brocante(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def test_a_command_is_sent_with_its_token_and_waited_for(gateway: Gateway) -> None:
    gateway.body = {"item_id": "chair", "status": "available"}
    done = brocante("item", "activate", "chair", "-m", "ebay", "--wait", "7", "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout) == gateway.body
    ((method, path, headers, body),) = gateway.asked
    assert (method, path) == ("POST", "/api/v1/items/chair/activate")
    assert body == {"marketplaces": ["ebay"]}
    assert headers["authorization"] == "Bearer secret"
    assert headers["prefer"] == "wait=7"


@pytest.mark.parametrize(
    ("status", "code"), [(200, 0), (202, 5), (401, 1), (404, 4), (409, 3), (422, 3), (500, 1)]
)
def test_an_answer_decides_the_exit_code(gateway: Gateway, status: int, code: int) -> None:
    gateway.status, gateway.body = status, PROBLEM
    assert brocante("sale", "cancel", "ebay:1").exit_code == code


def test_not_waiting_is_done_as_soon_as_it_is_accepted(gateway: Gateway) -> None:
    gateway.status = 202
    assert brocante("sale", "cancel", "ebay:1", "--wait", "0").exit_code == 0
    assert "prefer" not in gateway.asked[0][2]


def test_a_refusal_names_each_field_on_stderr(gateway: Gateway) -> None:
    gateway.status, gateway.body = 422, PROBLEM
    done = brocante("item", "activate", "chair")
    assert done.stdout == ""
    assert "One listing cannot go on sale." in done.stderr
    assert "etsy /attributes/period: A period is required. Add it." in done.stderr


def test_items_are_a_table_for_people(gateway: Gateway) -> None:
    price = {"amount": "950.00", "currency": "USD"}
    gateway.body = {"items": [{"item_id": "chair-1", "title": "Chair", "price": price}]}
    done = brocante("items", "chair")
    assert "chair-1" in done.stdout
    assert "950.00 USD" in done.stdout
    assert gateway.asked[0][1] == "/api/v1/items?query=chair&limit=100"


def test_many_items_are_foreseen_with_what_stands_in_their_way(gateway: Gateway) -> None:
    issue = {"marketplace": "etsy", "message": "Period is missing."}
    rows = [
        {"item_id": "chair-1", "result": "ready", "issues": []},
        {"item_id": "chair-2", "result": "partly", "issues": [issue]},
    ]
    counts = {"partly": 1, "ready": 1}
    gateway.body = {"status": "done", "total": 2, "done": 2, "counts": counts, "rows": rows}
    done = brocante("bulk", "activate", "chair-1", "chair-2", "-m", "etsy", "--dry-run")
    assert done.exit_code == 3
    assert "etsy Period is missing." in done.stdout
    assert "1 partly, 1 ready" in done.stderr
    assert gateway.asked[0][3] == {
        "action": "activate",
        "marketplaces": ["etsy"],
        "dry_run": True,
        "item_ids": ["chair-1", "chair-2"],
    }


def test_a_bulk_that_is_not_done_in_time_says_which_it_is(gateway: Gateway) -> None:
    gateway.body = {"bulk_id": "b1", "status": "running", "total": 1, "done": 0}
    gateway.body |= {"counts": {"waiting": 1}, "rows": []}
    done = brocante("bulk", "hold", "--query", "chair", "--until", "2026-12-24", "--wait", "0.4")
    assert done.exit_code == 5
    assert "b1" in done.stderr
    assert gateway.asked[0][3]["until"] == "2026-12-24T00:00:00+00:00"
    assert gateway.asked[1][1] == "/api/v1/bulk/b1"


def test_a_group_of_failures_is_put_aside(gateway: Gateway) -> None:
    gateway.body = {"group": "g", "archived": 2}
    assert json.loads(brocante("failures", "archive", "g", "--json").stdout) == gateway.body
    assert gateway.asked[0][:2] == ("POST", "/api/v1/failures/g/archive")


def test_one_failure_is_sent_again_with_another_value(gateway: Gateway) -> None:
    assert brocante("failures", "retry", "g", "--value", "{}").exit_code == 2
    brocante("failures", "retry", "g", "--only", "a" * 32, "--value", "{}")
    brocante("failures", "retry", "g", "--only", "a" * 32)
    assert [(path, body) for _, path, _, body in gateway.asked] == [
        ("/api/v1/failures/g/edit-and-retry", {"id": "a" * 32, "value": "{}"}),
        ("/api/v1/failures/g/retry", {"ids": ["a" * 32]}),
    ]


@pytest.mark.parametrize(
    ("arguments", "asked", "body"),
    [
        (
            ("listing", "link", "chair", "etsy", "9"),
            "items/chair/listings/etsy/link",
            {"external_id": "9"},
        ),
        (
            ("listing", "accept-drift", "chair", "etsy"),
            "items/chair/listings/etsy/accept-drift",
            {},
        ),
        (("listing", "restore", "chair", "etsy"), "items/chair/listings/etsy/restore", {}),
        (("listing", "check", "chair", "etsy"), "items/chair/listings/etsy/check", {}),
        (("listing", "retry", "chair", "etsy"), "items/chair/listings/etsy/retry", {}),
        (("sale", "merge", "s1", "ebay:2"), "sales/s1/merge", {"into": "ebay:2"}),
        (("sale", "split", "s1"), "sales/s1/split", {}),
        (
            ("item", "update", "chair", '{"availability": "available"}'),
            "items/chair",
            {"availability": "available"},
        ),
    ],
)
def test_every_rule_has_its_command(
    gateway: Gateway, arguments: tuple[str, ...], asked: str, body: dict[str, str]
) -> None:
    gateway.body = {"item_id": "chair", "status": "available"}
    done = brocante(*arguments, "--json")
    assert (done.exit_code, json.loads(done.stdout)) == (0, gateway.body)
    assert gateway.asked[0][1] == f"/api/v1/{asked}"
    assert gateway.asked[0][3] == body


def test_history_and_deliveries_are_tables_for_people(gateway: Gateway) -> None:
    gateway.body = {"items": [{"type": "sale.cancel", "actor": "token:owner", "webhook_id": "w1"}]}
    assert "token:owner" in brocante("item", "history", "chair").stdout
    assert "w1" in brocante("webhooks").stdout
    assert [path for _, path, _, _ in gateway.asked] == [
        "/api/v1/items/chair/history?limit=50",
        "/api/v1/webhooks?result=unmatched",
    ]


def test_changes_that_are_not_json_are_a_slip_of_the_command_line(gateway: Gateway) -> None:
    assert brocante("item", "update", "chair", "price=9").exit_code == 2
    assert gateway.asked == []


def test_without_a_running_installation_it_says_how_to_start_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BROCANTE_URL", raising=False)
    done = brocante("items", "--data-dir", str(tmp_path))
    assert done.exit_code == 1
    assert "brocante up" in done.stderr


def test_a_gateway_that_is_away_is_one_line(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway.shutdown()
    gateway.server_close()
    monkeypatch.setenv("BROCANTE_URL", f"http://127.0.0.1:{gateway.server_port}")
    done = brocante("items")
    assert done.exit_code == 1
    assert len(done.stderr.splitlines()) == 1
