"""Health: what a prober reads, and the server that serves it."""

import signal
import socket

import httpx2
import pytest
from starlette.applications import Starlette

from brocante.messaging.health import HealthServer, PortTaken, health_routes
from tests.support.running import eventually


async def well() -> dict[str, str]:
    return {}


async def ill() -> dict[str, str]:
    return {"kafka": "refused"}


async def asked(path: str) -> httpx2.Response:
    app = Starlette(routes=health_routes(well, ill))
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://here") as client:
        return await client.get(path)


async def test_a_process_that_gets_somewhere_is_alive() -> None:
    answer = await asked("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "problems": {}})


async def test_what_keeps_a_process_from_being_ready_is_named() -> None:
    answer = await asked("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "failing", "problems": {"kafka": "refused"}}


async def test_metrics_are_in_the_form_prometheus_reads() -> None:
    answer = await asked("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert "# TYPE python_info gauge" in answer.text


async def test_the_server_answers_on_the_port_it_took_until_it_is_stopped() -> None:
    server = HealthServer("127.0.0.1", 0, well, ill)
    await server.start()
    await eventually(lambda: server._server.started, "the server listens", 5)
    address = f"http://127.0.0.1:{server.port}"
    async with httpx2.AsyncClient(base_url=address) as client:
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/readyz")).status_code == 503
    await server.stop()
    async with httpx2.AsyncClient(base_url=address) as client:
        with pytest.raises(httpx2.ConnectError):
            await client.get("/healthz")


async def test_a_server_that_never_started_stops() -> None:
    server = HealthServer("127.0.0.1", 0, well, well)
    assert server.port > 0
    await server.stop()


async def test_the_processs_signals_stay_its_own() -> None:

    before = signal.getsignal(signal.SIGTERM)
    server = HealthServer("127.0.0.1", 0, well, well)
    await server.start()
    await eventually(lambda: server._server.started, "the server listens", 5)
    assert signal.getsignal(signal.SIGTERM) is before
    await server.stop()


def test_a_port_in_use_is_named_with_its_setting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken) as refused:
            HealthServer("127.0.0.1", port, well, well)
    assert str(refused.value).startswith(f"BROCANTE_METRICS_PORT: 127.0.0.1:{port} is taken (")
    assert isinstance(refused.value.__cause__, OSError)
