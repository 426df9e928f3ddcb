"""TCP proxies between the services and what they depend on: cut, refuse, stall, slow.

Everything a service says to its broker, its database or a marketplace passes through one, so the
network can fail without anything behind it failing.
"""

import asyncio
from contextlib import suppress

from brocante_local.backends.ports import HOST

CHUNK = 64 * 1024


class Proxy:
    """Carries connections from a port of its own to a target that may come and go."""

    def __init__(self, name: str, target: int) -> None:
        self.name = name
        self.target = target
        self.port = 0
        self.carried = 0
        self._server: asyncio.Server | None = None
        self._refusing = False
        self._latency = 0.0
        self._bytes_per_second = 0.0
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._open: set[asyncio.StreamWriter] = set()

    @property
    def connections(self) -> int:
        """Ends of connections open now."""
        return len(self._open)

    async def start(self, port: int = 0) -> None:
        """Listen; port 0 takes a free one."""
        self._server = await asyncio.start_server(self._carry, HOST, port, limit=CHUNK)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close everything."""
        self.heal()
        if self._server is not None:
            self._server.close()
        self.cut()

    def cut(self) -> None:
        """Reset every connection there is; new ones are welcome."""
        for writer in list(self._open):
            writer.transport.abort()

    def refuse(self) -> None:
        """Reset every connection there is and every new one."""
        self._refusing = True
        self.cut()

    def stall(self) -> None:
        """Carry nothing more; connections stay open and silent."""
        self._flowing.clear()

    def slow(self, latency: float, bytes_per_second: float = 0.0) -> None:
        """Hold back each piece for `latency` seconds, and carry so many bytes a second at most."""
        self._latency, self._bytes_per_second = latency, bytes_per_second

    def heal(self) -> None:
        """Carry everything again."""
        self._refusing = False
        self._latency = self._bytes_per_second = 0.0
        self._flowing.set()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refusing:
            writer.transport.abort()
            return
        self._open.add(writer)
        far: asyncio.StreamWriter | None = None
        try:
            far_reader, far = await asyncio.open_connection(HOST, self.target, limit=CHUNK)
            self._open.add(far)
            await self._both_ways(reader, writer, far_reader, far)
        except OSError:
            pass
        finally:
            for end in (writer, far):
                if end is not None:
                    self._open.discard(end)
                    end.transport.abort()

    async def _both_ways(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        far_reader: asyncio.StreamReader,
        far: asyncio.StreamWriter,
    ) -> None:
        pumps = [
            asyncio.create_task(self._pump(reader, far)),
            asyncio.create_task(self._pump(far_reader, writer)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
        with suppress(OSError):
            await asyncio.wait_for(asyncio.gather(writer.drain(), far.drain()), 1)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(CHUNK):
            await self._flowing.wait()
            wait = self._latency
            if self._bytes_per_second:
                wait += len(data) / self._bytes_per_second
            if wait:
                await asyncio.sleep(wait)
                await self._flowing.wait()
            self.carried += len(data)
            writer.write(data)
            await writer.drain()
