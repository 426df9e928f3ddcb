"""The sandbox as a process of its own: killed at any moment, it goes on where it was."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
from fastapi import FastAPI, Response

from tests.support.sandbox_sellers import EbaySeller, EtsySeller, ShopifySeller
from tests.support.sandbox_serving import free_port, served, until


@asynccontextmanager
async def process(**settings: str) -> AsyncIterator[asyncio.subprocess.Process]:
    environment = {f"BROCANTE_SANDBOX_{name.upper()}": text for name, text in settings.items()}
    started = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sandbox",
        env=os.environ | environment,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
        await started.wait()


async def ready(client: httpx2.AsyncClient) -> None:
    async def answers() -> bool:
        try:
            return (await client.get("/readyz")).status_code == 200
        except httpx2.TransportError:
            return False

    await until(answers)


async def control(client: httpx2.AsyncClient, method: str, path: str, body: Any = None) -> Any:
    answer = await client.request(method, f"/control{path}", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_listings_orders_faults_and_waiting_webhooks_survive_a_kill(tmp_path: Path) -> None:
    port = free_port()
    settings = {"port": str(port), "data": str(tmp_path / "sandbox.db")}
    taken: list[str] = []
    gateway = FastAPI()

    async def take(marketplace: str) -> Response:
        taken.append(marketplace)
        return Response(status_code=200)

    gateway.add_api_route("/webhooks/{marketplace}/main", take, methods=["POST"])
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        async with process(**settings) as first:
            await ready(client)
            await EbaySeller(client).list_piece("A1")
            await EtsySeller(client).list_piece("A1")
            await ShopifySeller(client).list_piece("A1")
            sold = await control(client, "POST", "/etsy/sell", {"sku": "A1"})
            await control(client, "PUT", "/shopify/faults", {"lie": 0.5})
            before = [await control(client, "GET", path) for path in ("/listings", "/webhooks")]
            first.kill()
        async with served(gateway) as url, process(**settings, gateway=url):
            await ready(client)
            listings, hooks = [
                await control(client, "GET", path) for path in ("/listings", "/webhooks")
            ]
            assert listings == before[0]
            assert [hook["secret"] for hook in hooks] == [hook["secret"] for hook in before[1]]
            assert (await control(client, "GET", "/shopify/faults"))["lie"] == 0.5
            ledger = await control(client, "GET", "/ledger")
            assert [order["sale_id"] for order in ledger["orders"]] == [sold["sale_id"]]
            assert [entry["state"] for entry in ledger["states"]].count("active") == 3
            await until(lambda: taken == ["etsy"])
            offer = await EbaySeller(client).call("GET", "/sell/inventory/v1/offer?sku=A1")
            assert offer.json()["offers"][0]["listing"]["listingStatus"] == "ACTIVE"


async def test_bad_settings_are_all_named_at_once() -> None:
    async with process(port="70000", webhook_retry_seconds="-1") as started:
        _, errors = await started.communicate()
        assert started.returncode == 2
    text = errors.decode()
    assert "BROCANTE_SANDBOX_PORT" in text
    assert "BROCANTE_SANDBOX_WEBHOOK_RETRY_SECONDS" in text


async def test_a_taken_port_is_one_clear_line() -> None:
    async with served(FastAPI()) as url:
        port = url.rsplit(":", 1)[-1]
        async with process(port=port) as started:
            _, errors = await started.communicate()
            assert started.returncode == 1
    assert "port_not_free" in errors.decode()
    assert len(errors.decode().splitlines()) == 1
