"""The broker and the database of a run: embedded, Apache Kafka, a faster database, or given."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from brocante_local.backends import apache_kafka, embedded
from brocante_local.backends.child import Child, DidNotStart, Launch
from brocante_local.backends.ports import HOST, free_port
from brocante_local.backends.probes import mongo_answers

START_SECONDS = 60
ATTEMPTS = 3
FAST = "fast"


@dataclass(frozen=True, slots=True)
class Servers:
    """Addresses, and in words what is behind them."""

    kafka: str
    mongo: str
    kafka_kind: str
    mongo_kind: str


@contextmanager
def servers(kafka: str, mongo: str) -> Iterator[Servers]:
    """`kafka`: embedded, apache or host:port; `mongo`: embedded, `fast PATH` or a URL."""
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="brocante-bench-")))
        broker, broker_kind = _kafka(stack, kafka, scratch)
        database, database_kind = _mongo(stack, mongo, scratch)
        yield Servers(broker, database, broker_kind, database_kind)


def _kafka(stack: ExitStack, kind: str, scratch: Path) -> tuple[str, str]:
    if kind == "embedded":
        return _child(stack, lambda: embedded.kafka(free_port()), scratch), "embedded (Tansu)"
    if kind == "apache":
        address = _child(
            stack,
            lambda: apache_kafka.launch(free_port(), free_port(), scratch / f"kafka{free_port()}"),
            scratch,
        )
        return address, f"Apache Kafka {apache_kafka.VERSION}, one node"
    return kind, f"given ({kind})"


def _mongo(stack: ExitStack, kind: str, scratch: Path) -> tuple[str, str]:
    if kind == "embedded":
        address = _child(
            stack, lambda: embedded.mongo(free_port(), scratch / f"mongo{free_port()}"), scratch
        )
        return address, "embedded (SecantusDB)"
    if kind.startswith(f"{FAST} "):
        program = kind.removeprefix(f"{FAST} ")
        launch = partial(fast_mongo, program, scratch)
        return _child(stack, launch, scratch), f"{Path(program).name}, no fsync per commit"
    return kind, "given"


def fast_mongo(program: str, scratch: Path) -> Launch:
    """SecantusDB's own server program, which takes many more documents than the embedded one."""
    port = free_port()
    argv = [
        program,
        f"--host={HOST}",
        f"--port={port}",
        f"--storage-path={scratch / f'fast{port}'}",
        "--log-level=WARNING",
        "--cache-size=1G",
    ]
    address = f"mongodb://{HOST}:{port}/?directConnection=true"
    return Launch("fast mongo", argv, address, partial(mongo_answers, HOST, port))


def _child(stack: ExitStack, launch: Callable[[], Launch], scratch: Path) -> str:
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
    return planned.address
