"""A proxy carries, cuts, refuses, stalls and slows down what passes through it."""

import asyncio
from collections.abc import AsyncIterator
from time import monotonic

import pytest

from brocante_local.backends.ports import HOST
from tests.chaos.proxies import Proxy

Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
async def proxy() -> AsyncIterator[Proxy]:
    """In front of a server that says back what it is told."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1024):
            writer.write(data)
        writer.close()

    server = await asyncio.start_server(echo, HOST, 0)
    one = Proxy("echo", server.sockets[0].getsockname()[1])
    await one.start()
    yield one
    await one.stop()
    server.close()


async def connect(proxy: Proxy) -> Ends:
    return await asyncio.open_connection(HOST, proxy.port)


async def said_back(ends: Ends, text: bytes = b"hello", seconds: float = 5.0) -> bytes:
    reader, writer = ends
    writer.write(text)
    return await asyncio.wait_for(reader.readexactly(len(text)), seconds)


async def test_everything_is_carried_both_ways(proxy: Proxy) -> None:
    ends = await connect(proxy)
    large = bytes(300_000)
    assert await said_back(ends, large) == large
    assert proxy.carried == 2 * len(large)


async def test_what_is_cut_is_cut_for_both_and_new_connections_are_welcome(proxy: Proxy) -> None:
    ends = await connect(proxy)
    await said_back(ends)
    proxy.cut()
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await said_back(ends)
    assert await said_back(await connect(proxy)) == b"hello"


async def test_nobody_gets_in_while_it_refuses(proxy: Proxy) -> None:
    proxy.refuse()
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await said_back(await connect(proxy))
    proxy.heal()
    assert await said_back(await connect(proxy)) == b"hello"


async def test_what_was_said_during_a_stall_arrives_after_it(proxy: Proxy) -> None:
    ends = await connect(proxy)
    await said_back(ends)
    proxy.stall()
    with pytest.raises(TimeoutError):
        await said_back(ends, seconds=0.2)
    proxy.heal()
    assert await asyncio.wait_for(ends[0].readexactly(5), 5) == b"hello"


async def test_what_is_slow_takes_its_time(proxy: Proxy) -> None:
    ends = await connect(proxy)
    await said_back(ends)
    proxy.slow(0.1, 100_000)
    began = monotonic()
    assert len(await said_back(ends, bytes(10_000))) == 10_000
    # A tenth of a second of latency and as much for the bytes, each way.
    assert monotonic() - began > 0.3


async def test_a_target_that_is_gone_ends_the_connection(proxy: Proxy) -> None:
    proxy.target = 1
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await said_back(await connect(proxy))
