"""What was answered with 202 or 200 is done, whatever happens to the gateway."""

import json
import time
import uuid
from collections.abc import Iterator
from functools import partial

import httpx2
import pytest
from confluent_kafka import Producer

from tests.support.gateway_calls import WAIT, create, fresh, piece
from tests.support.gateway_installation import GatewayInstallation
from tests.support.installation import until

pytestmark = pytest.mark.timeout(240)


@pytest.fixture
def killed(brocante: GatewayInstallation) -> Iterator[GatewayInstallation]:
    """A gateway that a test may kill; it runs again afterwards."""
    yield brocante
    if brocante.processes["gateway"].poll() is not None:
        brocante.start("gateway", "gateway", 0)
    brocante.wait_ready(brocante.url)


def test_a_gateway_killed_right_after_its_answers_loses_nothing(
    killed: GatewayInstallation,
) -> None:
    ids = [fresh() for _ in range(40)]
    with killed.client() as http:
        places = []
        for item_id in ids:
            answer = http.post("/api/v1/items", json=piece(item_id))
            assert answer.status_code == 202
            places.append(answer.headers["location"])
        killed.processes["gateway"].kill()
        killed.processes["gateway"].wait(10)
    killed.start("gateway", "gateway", 0)
    killed.wait_ready(killed.url)
    with killed.client() as http:
        for item_id, place in zip(ids, places, strict=True):
            until(partial(_is_done, http, place), place)
            assert http.get(f"/api/v1/items/{item_id}").json()["revision"] == 1


def test_an_import_goes_on_after_a_kill(killed: GatewayInstallation) -> None:
    mark = uuid.uuid4().hex[:8]
    rows = "".join(f"{mark}-{n},Chair,{n},950.00\n" for n in range(150))
    content = f"Handle,Title,Variant SKU,Variant Price\n{rows}".encode()
    with killed.client() as http:
        headers = {"Content-Type": "text/csv"}
        answer = http.post("/api/v1/imports", content=content, headers=headers)
        assert answer.status_code == 202
        killed.processes["gateway"].kill()
        killed.processes["gateway"].wait(10)
    killed.start("gateway", "gateway", 0)
    killed.wait_ready(killed.url)
    with killed.client() as http:
        place = answer.headers["location"]
        until(lambda: http.get(place).json()["status"] == "done", "the import is done", 60)
        report = http.get(place).json()
        assert (report["accepted"], report["rejected"], report["rows"]) == (150, 0, 150)


def test_a_live_stream_goes_on_where_it_stopped_across_a_restart(
    killed: GatewayInstallation,
) -> None:
    first, missed = fresh(), fresh()
    with killed.client() as http:
        last = str(time.time_ns() // 1000)
        assert http.post("/api/v1/items", json=piece(first), headers=WAIT).status_code == 200
        assert http.post("/api/v1/items", json=piece(missed), headers=WAIT).status_code == 200
        killed.processes["gateway"].kill()
        killed.processes["gateway"].wait(10)
    killed.start("gateway", "gateway", 0)
    killed.wait_ready(killed.url)
    with (
        killed.client() as http,
        http.stream("GET", "/api/v1/events", headers={"Last-Event-ID": last}) as stream,
    ):
        seen = ""
        for line in stream.iter_lines():
            seen += line
            if missed in seen:
                break
    assert first in seen


def test_a_resync_is_harmless(http: httpx2.Client) -> None:
    item_id = create(http)
    before = http.get(f"/api/v1/items/{item_id}").json()
    answer = http.post("/api/v1/resync", json={})
    assert answer.status_code == 202
    assert answer.json()["epoch"] >= 2
    other = create(http)
    # A restatement has nothing that changed; everything else is the same.
    after = http.get(f"/api/v1/items/{item_id}").json()
    assert {**after, "changed": []} == {**before, "changed": []}
    assert http.get(f"/api/v1/items/{other}").status_code == 200


def test_what_cannot_be_processed_is_kept_byte_for_byte_and_can_be_put_aside(
    http: httpx2.Client, brocante: GatewayInstallation
) -> None:
    producer = Producer({"bootstrap.servers": brocante.settings.kafka})
    topic = f"{brocante.settings.topic_prefix}inventory.commands"
    poison = f"not json {uuid.uuid4().hex}".encode()
    headers = {"ce_specversion": "1.0", "ce_id": "1", "ce_source": "x", "ce_type": "item.create"}
    producer.produce(topic, value=poison, key=b"main/x", headers=list(headers.items()))
    assert producer.flush(20) == 0

    def group() -> str | None:
        for one in http.get("/api/v1/failures").json()["items"]:
            letters = http.get(f"/api/v1/failures/{one['group']}").json()["items"]
            if any(letter["value"] == poison.decode() for letter in letters):
                return str(one["group"])
        return None

    name = until(group, "the dead letter is there")
    retried = http.post(f"/api/v1/failures/{name}/retry", json={})
    assert retried.status_code == 200, retried.text
    until(group, "it fails again")
    assert http.post(f"/api/v1/failures/{name}/archive", json={}).status_code == 200
    assert group() is None
    assert json.dumps(http.get("/api/v1/failures").json()).find(poison.decode()) < 0


def _is_done(http: httpx2.Client, place: str) -> bool:
    return bool(http.get(place).json()["status"] == "done")


def test_a_dead_letter_is_corrected_and_done_with_the_edit_on_record(
    http: httpx2.Client, brocante: GatewayInstallation
) -> None:
    item_id, mark = fresh(), uuid.uuid4().hex
    wrong = json.dumps({**piece(item_id), "price": "cheap", "attributes": {"mark": mark}})
    headers = {"ce_specversion": "1.0", "ce_id": mark, "ce_source": "an app"}
    headers |= {"ce_type": "item.create", "content-type": "application/json"}
    producer = Producer({"bootstrap.servers": brocante.settings.kafka})
    topic = f"{brocante.settings.topic_prefix}inventory.commands"
    producer.produce(topic, value=wrong, key=f"main/{item_id}", headers=list(headers.items()))
    assert producer.flush(20) == 0

    def letter() -> tuple[str, str] | None:
        for one in http.get("/api/v1/failures").json()["items"]:
            for kept in http.get(f"/api/v1/failures/{one['group']}").json()["items"]:
                if mark in kept["value"]:
                    return str(one["group"]), str(kept["id"])
        return None

    group, id_ = until(letter, "the dead letter is there")
    path = f"/api/v1/failures/{group}/edit-and-retry"
    assert http.post(path, json={"id": id_}).status_code == 422
    right = {"id": id_, "value": json.dumps(piece(item_id))}
    assert http.post(path, json=right).json() == {"group": group, "replayed": 1}
    until(lambda: http.get(f"/api/v1/items/{item_id}").is_success, "the item is there")
    assert http.post(path, json=right).status_code == 404
    closed = http.get(f"/api/v1/failures/{group}", params={"closed": True}).json()["items"]
    (kept,) = [one for one in closed if one["id"] == id_]
    assert (kept["value"], kept["edit"]["value"]) == (wrong, right["value"])
    assert kept["closed_by"] == "token:owner"
