"""Requests that Schemathesis makes from the description: no mistake, no answer beside it.

Once with what is there in the place of every id, so that each operation does its work, and once
with anything.
"""

import json
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx2
import pytest
from confluent_kafka import Producer
from PIL import Image

from tests.support.gateway_calls import WAIT, create, fresh, on_sale, piece, record
from tests.support.gateway_installation import GatewayInstallation
from tests.support.installation import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
FUZZING_SECONDS = 30
LONGEST_SECONDS = 200
CHECKS = (
    *("not_a_server_error", "content_type_conformance", "response_schema_conformance"),
    *("status_code_conformance", "unsupported_method"),
)
# A stream that does not end, and what makes every service say everything again.
LEFT_OUT = ("/api/v1/events", "/api/v1/resync")
ENDS = {
    "DELETE /api/v1/items/{item_id}": "item_id",
    "POST /api/v1/sales/{sale_id}/cancel": "sale_id",
    "POST /api/v1/failures/{group}/archive": "group",
}
"""What is gone afterwards has one of its own."""
NEVER_DONE = {
    # A marketplace signs what it sends, and knows the token of its challenge.
    *("POST /webhooks/{marketplace}/{account}", "GET /webhooks/{marketplace}/{account}"),
    # Nobody generates a product export, or the id of a failure that is open.
    *("POST /api/v1/imports", "POST /api/v1/failures/{group}/edit-and-retry"),
    # Only a partition that its reader gave up is taken up again.
    "POST /api/v1/partitions/{topic}/{number}/resume",
}
CSV = "Handle,Title,Variant SKU,Variant Price\new-1,Ewer,E.1,12.00\n"


def generated(
    brocante: GatewayInstallation, phase: str, folder: Path, *more: str, config: str = ""
) -> Iterator[tuple[str, int]]:
    """Run it, and fail when it found anything; each request with the status of its answer."""
    (folder / "schemathesis.toml").write_text(config)
    program, report = Path(sys.executable).parent / "st", folder / "requests.har"
    done = subprocess.run(
        [
            *(program, "--config-file", folder / "schemathesis.toml"),
            *("run", f"{brocante.url}/api/v1/openapi.json"),
            *("--header", f"Authorization: Bearer {brocante.token}", "--max-examples", "3"),
            *("--checks", ",".join(CHECKS), "--phases", phase, *more),
            *(word for path in LEFT_OUT for word in ("--exclude-path", path)),
            *("--report", "har", "--report-har-path", report),
        ],
        capture_output=True,
        text=True,
        timeout=LONGEST_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    for entry in json.loads(report.read_text())["log"]["entries"]:
        asked = entry["request"]
        yield (
            f"{asked['method']} {unquote(urlsplit(asked['url']).path)}",
            entry["response"]["status"],
        )


def operations(http: httpx2.Client) -> list[str]:
    """`GET /api/v1/items/{item_id}` and all others, but those left out."""
    paths: dict[str, Any] = http.get("/api/v1/openapi.json").json()["paths"]
    there = [f"{method.upper()} {path}" for path, methods in paths.items() for method in methods]
    return [one for one in there if one.partition(" ")[2] not in LEFT_OUT]


@pytest.fixture
def known(http: httpx2.Client, brocante: GatewayInstallation) -> dict[str, str]:
    """By parameter of a path, one that is there."""
    item_id, named = on_sale(http, "ebay", "etsy"), {"action": "release"}
    image = BytesIO()
    Image.new("RGB", (8, 8), "teal").save(image, "PNG")
    path, kind = f"/api/v1/items/{item_id}/picture", {"Content-Type": "image/png"}
    assert http.put(path, content=image.getvalue(), headers=kind).status_code == 204
    csv = {"Content-Type": "text/csv"}
    answers = {
        "bulk_id": http.post("/api/v1/bulk", json={**named, "item_ids": [item_id]}, headers=WAIT),
        "command_id": http.post("/api/v1/items", json=piece(fresh()), headers=WAIT),
        "import_id": http.post("/api/v1/imports", content=CSV, headers=csv),
    }
    return {
        **{name: answer.json()[name] for name, answer in answers.items()},
        "item_id": item_id,
        "sale_id": record(http, create(http), "showroom"),
        "group": a_failure(http, brocante, "sales"),
        "marketplace": "ebay",
        "account": "main",
        "topic": "sales.commands",
        "number": "0",
    }


def a_failure(http: httpx2.Client, brocante: GatewayInstallation, service: str) -> str:
    """The group of a message that a service cannot read."""
    producer = Producer({"bootstrap.servers": brocante.settings.kafka})
    poison = f"not json {uuid.uuid4().hex}"
    producer.produce(f"{brocante.settings.topic_prefix}{service}.commands", value=poison)
    assert producer.flush(20) == 0

    def group() -> str | None:
        groups = [one["group"] for one in http.get("/api/v1/failures").json()["items"]]
        letters = {one: http.get(f"/api/v1/failures/{one}").json()["items"] for one in groups}
        found = [one for one in groups if any(kept["value"] == poison for kept in letters[one])]
        return str(found[0]) if found else None

    return str(until(group, "the failure is kept"))


def configured(http: httpx2.Client, brocante: GatewayInstallation, known: dict[str, str]) -> str:
    """Schemathesis' settings: a value for each parameter of a path."""
    own = {
        "item_id": create(http),
        "sale_id": record(http, create(http), "showroom"),
        "group": a_failure(http, brocante, "inventory"),
    }
    lines = ["[parameters]", *(f'"path.{name}" = "{value}"' for name, value in known.items())]
    for operation, name in ENDS.items():
        lines += ["[[operations]]", f'include-name = "{operation}"']
        lines += [f'parameters = {{ "path.{name}" = "{own[name]}" }}']
    return "\n".join(lines)


def test_every_operation_does_its_work_and_answers_as_described(
    http: httpx2.Client, brocante: GatewayInstallation, known: dict[str, str], tmp_path: Path
) -> None:
    config = configured(http, brocante, known)
    answered = list(generated(brocante, "coverage", tmp_path, config=config))
    done = {asked for asked, status in answered if status < 300}
    missed = [one for one in operations(http) if not any(_is(one, asked) for asked in done)]
    assert set(missed) == NEVER_DONE


def test_no_generated_request_finds_a_mistake(
    brocante: GatewayInstallation, tmp_path: Path
) -> None:
    most = ("--max-time", str(FUZZING_SECONDS))
    assert list(generated(brocante, "fuzzing", tmp_path, *most))


def _is(operation: str, asked: str) -> bool:
    return re.fullmatch(re.sub(r"\{\w+\}", "[^/]*", operation), asked) is not None
