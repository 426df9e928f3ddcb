"""The broker and the database of a run: embedded, Apache Kafka, a faster database, or given."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from brocante_local.backends import apache_kafka, embedded
from brocante_local.backends.child import Child, DidNotStart, Launch
from brocante_local.backends.ports import HOST, free_port
from brocante_local.backends.probes import mongo_answers

START_SECONDS = 60
ATTEMPTS = 3
FAST = "fast"
FAST_CACHE = "4G"
FAST_STORE = "--block-compressor=none"
"""Time is measured, not disk: an edit has the page around its piece written anew, and of a million
pieces hardly two share a page. Compressing those takes longer than all else the database does.
"""
FAST_LOG = ("--oplog-max-entries=1000000000", "--oplog-retention-seconds=1000000")
"""No cutting of its log of changes: after a large stock it takes minutes and stops writers."""


@dataclass(frozen=True, slots=True)
class Servers:
    """Addresses, in words what is behind them, and the process ids of those started here."""

    kafka: str
    mongo: str
    kafka_kind: str
    mongo_kind: str
    pids: Mapping[str, int] = field(default_factory=dict)


@contextmanager
def servers(kafka: str, mongo: str) -> Iterator[Servers]:
    """`kafka`: embedded, apache or host:port; `mongo`: embedded, `fast PATH` or a URL."""
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="brocante-bench-")))
        broker, database = _kafka(stack, kafka, scratch), _mongo(stack, mongo, scratch)
        pids = {"broker": broker.pid, "database": database.pid}
        yield Servers(
            broker.address,
            database.address,
            broker.kind,
            database.kind,
            {name: pid for name, pid in pids.items() if pid is not None},
        )


@dataclass(frozen=True, slots=True)
class _Found:
    address: str
    kind: str
    pid: int | None = None


def _kafka(stack: ExitStack, kind: str, scratch: Path) -> _Found:
    if kind == "embedded":
        return _child(stack, lambda: embedded.kafka(free_port()), scratch, "embedded (Tansu)")
    if kind == "apache":
        return _child(
            stack,
            lambda: apache_kafka.launch(free_port(), free_port(), scratch / f"kafka{free_port()}"),
            scratch,
            f"Apache Kafka {apache_kafka.VERSION}, one node",
        )
    return _Found(kind, f"given ({kind})")


def _mongo(stack: ExitStack, kind: str, scratch: Path) -> _Found:
    if kind == "embedded":
        launch = partial(_embedded_mongo, scratch)
        return _child(stack, launch, scratch, "embedded (SecantusDB), cache 256 MB")
    if kind.startswith(f"{FAST} "):
        program = kind.removeprefix(f"{FAST} ")
        described = f"{Path(program).name}, cache {FAST_CACHE}, uncompressed, no fsync per commit"
        return _child(stack, partial(fast_mongo, program, scratch), scratch, described)
    return _Found(kind, "given")


def _embedded_mongo(scratch: Path) -> Launch:
    port = free_port()
    return embedded.mongo(port, scratch / f"mongo{port}")


def fast_mongo(program: str, scratch: Path) -> Launch:
    """SecantusDB's own server program, which takes many more documents than the embedded one."""
    port = free_port()
    argv = [
        program,
        f"--host={HOST}",
        f"--port={port}",
        f"--storage-path={scratch / f'fast{port}'}",
        "--log-level=WARNING",
        f"--cache-size={FAST_CACHE}",
        FAST_STORE,
        *FAST_LOG,
    ]
    address = f"mongodb://{HOST}:{port}/?directConnection=true"
    return Launch("fast mongo", argv, address, partial(mongo_answers, HOST, port))


def _child(stack: ExitStack, launch: Callable[[], Launch], scratch: Path, described: str) -> _Found:
    for attempt in range(ATTEMPTS):
        planned = launch()
        child = Child(planned, scratch / f"{planned.name}.log")
        try:
            child.wait_until_ready(START_SECONDS)
        except DidNotStart:
            if attempt == ATTEMPTS - 1:
                raise
        else:
            break
    # Nobody needs what it stored: no time for an orderly end.
    stack.callback(child.stop, 0)
    return _Found(planned.address, described, child.pid)
