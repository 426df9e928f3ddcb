"""A process that really dies: forked; its servers stay with the parent, behind a socket."""

import os
import pickle
import socket
import struct
from collections.abc import Callable, Coroutine
from typing import Any

from brocante.documents.driver import Collection, Database
from tests.support.crashing.servers import Servers

SIZE = struct.Struct("!I")
ALIVE_TOO_LONG = 99


class Line:
    """One end of a line: whole pickled objects."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end

    def send(self, what: Any) -> None:
        """Send an object."""
        data = pickle.dumps(what)
        self._end.sendall(SIZE.pack(len(data)) + data)

    def receive(self) -> Any:
        """The next object; EOFError once the other end is gone."""
        (size,) = SIZE.unpack(self._exactly(SIZE.size))
        return pickle.loads(self._exactly(size))  # noqa: S301 - from our own child

    def _exactly(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            part = self._end.recv(size - len(data))
            if not part:
                raise EOFError
            data += part
        return bytes(data)


class Far:
    """An object of the parent: each call of a method is made there."""

    def __init__(self, ask: Callable[..., Any], path: tuple[Any, ...]) -> None:
        self._ask = ask
        self._path = path

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            return self._ask((*self._path, name), args, kwargs)

        return call


class FarAsync(Far):
    """The same, for methods that are awaited."""

    def __getattr__(self, name: str) -> Any:
        async def call(*args: Any, **kwargs: Any) -> Any:
            return self._ask((*self._path, name), args, kwargs)

        return call


class FarCollection(FarAsync, Collection):
    """A collection of the parent's database."""

    async def batches(self, where: Any, size: int = 500, fields: Any = None) -> Any:
        """One page; tests have no more."""
        found = await self.find(where, fields=fields, limit=size)

        async def pages() -> Any:
            if found:
                yield found

        return pages()


def _there(name: str) -> property:
    """A method that is called there, in the place of the inherited one."""

    def method(self: FarCollection) -> Any:
        return self.__getattr__(name)

    return property(method)


for _name in [n for n in vars(Collection) if not n.startswith("_") and n != "batches"]:
    setattr(FarCollection, _name, _there(_name))


class FarDatabase(Database):
    """The parent's database."""

    def __init__(self, ask: Callable[..., Any]) -> None:
        self._ask = ask

    def collection(self, name: str) -> Collection:
        """One of its collections."""
        return FarCollection(self._ask, ("database", ("collection", name)))

    async def create_collections(self, *names: str) -> None:
        """Make what is missing."""
        self._ask(("database", "create_collections"), names, {})

    async def ping(self) -> None:
        """It answers."""

    async def close(self) -> None:
        """Nothing to close."""


class FarMarket(FarAsync):
    """The parent's marketplace."""

    slug = "fake"

    def __init__(self, ask: Callable[..., Any], capabilities: Any) -> None:
        super().__init__(ask, ("market",))
        self.capabilities = capabilities

    def decode(self, headers: Any, body: bytes) -> Any:
        """Reading a delivery is not awaited."""
        return self._ask(("market", "decode"), (headers, body), {})


def far(servers: Servers, line: Line) -> Servers:
    """The parent's servers, as its child sees them."""

    def ask(path: tuple[Any, ...], args: Any, kwargs: Any) -> Any:
        line.send((servers.clock.seconds, path, args, kwargs))
        worked, answer = line.receive()
        if not worked:
            raise answer
        return answer

    own = FarServers(
        servers.clock,
        FarDatabase(ask),
        Far(ask, ("broker",)),
        FarMarket(ask, servers.market.capabilities),
    )
    own.far = ask
    return own


class FarServers(Servers):
    """Notes and stages are the parent's."""

    far: Callable[..., Any]

    def note(self, name: str, value: Any) -> None:
        """Remember it there."""
        self.far(("note",), (name, value), {})

    def noted(self, name: str, default: Any = None) -> Any:
        """What is noted there."""
        return self.far(("noted",), (name, default), {})

    def prepare(self, number: int) -> None:
        """Done there."""
        self.far(("prepare",), (number,), {})

    def done(self, number: int) -> bool:
        """Looked at there."""
        return bool(self.far(("done",), (number,), {}))


def until_it_ends(servers: Servers, live: Callable[[Servers], None]) -> int:
    """Fork a process that lives on these servers; its exit code."""
    ours, its = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        ours.close()
        code = ALIVE_TOO_LONG
        try:
            live(far(servers, Line(its)))
            code = 0
        finally:
            os._exit(code)
    its.close()
    with ours:
        _serve(servers, Line(ours))
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _serve(servers: Servers, line: Line) -> None:
    while True:
        try:
            seconds, path, args, kwargs = line.receive()
        except EOFError:
            return
        servers.clock.pass_(seconds - servers.clock.seconds)
        try:
            line.send((True, _answer(servers, path, args, kwargs)))
        except (EOFError, BrokenPipeError, ConnectionResetError):
            return
        except Exception as error:  # noqa: BLE001 - the child raises it
            line.send((False, error))


def _answer(servers: Servers, path: tuple[Any, ...], args: Any, kwargs: Any) -> Any:
    target: Any = servers
    for step in path:
        target = (
            getattr(target, step[0])(step[1]) if isinstance(step, tuple) else getattr(target, step)
        )
    answer = target(*args, **kwargs)
    return _at_once(answer) if isinstance(answer, Coroutine) else answer


def _at_once(work: Coroutine[Any, Any, Any]) -> Any:
    """Servers in memory never wait."""
    try:
        work.send(None)
    except StopIteration as ended:
        return ended.value
    raise RuntimeError("a server in memory waits")
