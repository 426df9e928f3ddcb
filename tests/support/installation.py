"""A whole installation (`brocante up`) seen from outside: HTTP, Kafka, the sandbox's own view."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

START_SECONDS = 90.0
STOP_SECONDS = 30.0
SETTLE_SECONDS = 30.0
IN_SECONDS = 120.0
MARKETPLACES = ("ebay", "etsy", "shopify")


def good_piece(item_id: str, **changes: Any) -> dict[str, Any]:
    """What `item.create` takes, good enough for every marketplace."""
    return {
        "item_id": item_id,
        "sku": item_id,
        "title": f"Walnut chair {item_id}",
        "description": "A side chair, about 1790.",
        "price": {"amount": "950.00", "currency": "USD"},
        "category": "Furniture > Chairs",
        "condition": "used",
        "images": ["https://images.invalid/chair.jpg"],
        "attributes": {"period": "George III"},
        **changes,
    }


class Installation:
    """What an outsider can do with a running installation."""

    def __init__(self, process: subprocess.Popen[str], data_dir: Path, up: dict[str, Any]) -> None:
        self.process = process
        self.data_dir = data_dir
        self.up = up
        headers = {"Authorization": f"Bearer {up['token']}"}
        self.http = httpx2.Client(base_url=up["http"], headers=headers, timeout=30)
        self.sandbox = httpx2.Client(base_url=up["sandbox"], timeout=30)

    def services(self) -> dict[str, dict[str, Any]]:
        """Names, pids and metrics addresses as `up.json` now has them."""
        current = json.loads((self.data_dir / "up.json").read_text())
        services: dict[str, dict[str, Any]] = current["services"]
        return services

    def command(self, method: str, path: str, body: Any = None, wait: int = 20) -> httpx2.Response:
        """A write, waited for."""
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        return self.http.request(
            method,
            f"/api/v1{path}",
            content=None if body is None else json.dumps(body),
            headers={"Prefer": f"wait={wait}", "Content-Type": kind},
        )

    def create(self, item_id: str, **changes: Any) -> None:
        """An item good enough for every marketplace."""
        answer = self.command("POST", "/items", good_piece(item_id, **changes))
        assert answer.status_code in (200, 201), answer.text

    def take_in(self, lines: Sequence[str]) -> str:
        """Import lines of CSV, and wait until all are in; the import's id."""
        csv = {"Content-Type": "text/csv"}
        answer = self.http.post("/api/v1/imports", content="\n".join(lines), headers=csv)
        import_id = str(answer.json()["import_id"])
        path = f"/api/v1/imports/{import_id}"
        until(lambda: self.http.get(path).json()["status"] != "running", "all went in", IN_SECONDS)
        return import_id

    def activate(self, item_id: str, *marketplaces: str) -> httpx2.Response:
        """Put an item on sale."""
        chosen = list(marketplaces) or list(MARKETPLACES)
        return self.command("POST", f"/items/{item_id}/activate", {"marketplaces": chosen})

    def end_there(self, item_id: str, marketplace: str) -> None:
        """The dealer ends a listing on the marketplace itself."""
        external = self.item(item_id)["listings"][marketplace]["external_id"]
        edit = {"external_id": external, "state": "ended"}
        assert self.sandbox.post(f"/control/{marketplace}/edit", json=edit).status_code == 200

    def item(self, item_id: str) -> dict[str, Any]:
        """The snapshot."""
        answer = self.http.get(f"/api/v1/items/{item_id}")
        assert answer.status_code == 200, answer.text
        snapshot: dict[str, Any] = answer.json()
        return snapshot

    def shown(self, sku: str) -> dict[str, str]:
        """What each marketplace itself shows of a piece, by marketplace."""
        listings = self.sandbox.get("/control/listings").json()
        return {one["marketplace"]: one["state"] for one in listings if one["sku"] == sku}

    def sell(self, marketplace: str, sku: str) -> dict[str, Any]:
        """A buyer buys a piece there."""
        answer = self.sandbox.post(f"/control/{marketplace}/sell", json={"sku": sku})
        assert answer.status_code == 200, answer.text
        sold: dict[str, Any] = answer.json()
        return sold

    def wait_sale(self, sale_id: str, status: str = "open") -> dict[str, Any]:
        """Wait until a sale is recorded (or canceled)."""

        def found() -> dict[str, Any] | None:
            answer = self.http.get(f"/api/v1/sales/{sale_id}")
            sale = answer.json() if answer.status_code == 200 else {}
            return sale if sale.get("status") == status else None

        sale: dict[str, Any] = until(found, f"sale {sale_id} is {status}")
        return sale

    def wait_shown(self, sku: str, **expected: str) -> None:
        """Wait until the marketplaces themselves show these states."""
        until(
            lambda: all(self.shown(sku).get(m) == state for m, state in expected.items()),
            f"{sku} shows {expected}",
            detail=lambda: self.shown(sku),
        )

    def stop(self) -> int:
        """Stop everything as Ctrl-C would; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_SECONDS)


def until(
    found: Callable[[], Any],
    what: str,
    seconds: float = SETTLE_SECONDS,
    detail: Callable[[], Any] = lambda: "",
) -> Any:
    """Wait for something truthy, or fail saying what did not come about."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = found()
        if value:
            return value
        # What is waited for is in other processes: it can only be asked after, until the deadline.
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {what}; now {detail()}")


@contextmanager
def installation(data_dir: Path, *options: str) -> Iterator[Installation]:
    """`brocante up --json`, stopped at the end."""
    log = (data_dir.parent / f"{data_dir.name}.log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "brocante_local", "up", "--json", "--data-dir", data_dir, *options],
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        env={k: v for k, v in os.environ.items() if not k.startswith("BROCANTE_")},
    )
    try:
        line = process.stdout.readline() if process.stdout else ""
        assert line, f"up said nothing: {Path(log.name).read_text()[-2000:]}"
        yield Installation(process, data_dir, json.loads(line))
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(STOP_SECONDS)
        log.close()
