"""`python -m tests.bench`: one run, one report (docs/testing.md, Bench)."""

import asyncio
import logging
import os
import platform
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from tests.bench.latency.measuring_latency import latency
from tests.bench.lists.measuring_lists import lists
from tests.bench.options import Options, parsed
from tests.bench.pipeline import pipeline
from tests.bench.profiling import profile
from tests.bench.replicas import replicas
from tests.bench.results import Part, Report
from tests.bench.scale.measuring_scale import scale
from tests.bench.servers import Servers, servers
from tests.bench.throughput import throughput
from tests.bench.writing import as_json, as_markdown

RUN: dict[str, Callable[[Servers, Options], Awaitable[Part]]] = {
    "throughput": throughput,
    "latency": latency,
    "scale": scale,
    "pipeline": pipeline,
    "replicas": replicas,
    "lists": lists,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and report; the exit code."""
    options = parsed(arguments)
    if options.kafka != "embedded":
        # As an installation on Apache Kafka has it, for every contender alike.
        os.environ.setdefault("BROCANTE_KAFKA_FETCH_WAIT_MS", "100")
    # Fresh topics have no leader for a moment: the clients try again and say so.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    if options.profile:
        with servers(options.kafka, options.mongo) as one:
            asyncio.run(_profile(one, options))
        return 0
    report = run(options)
    write(report, options)
    return exit_code(report, options)


def exit_code(report: Report, options: Options) -> int:
    """1 when a bar was missed and bars are enforced."""
    return 1 if options.enforce and report.missed else 0


def run(options: Options) -> Report:
    """Every part, each on servers of its own."""
    parts = []
    setting: dict[str, str] = {}
    for name, asked in runs(options):
        with servers(options.kafka, options.mongo) as one:
            setting = _setting(one, options)
            parts.append(asyncio.run(_part(name, one, asked)))
    return Report(setting, parts)


def runs(options: Options) -> Iterator[tuple[str, Options]]:
    """Parts in their order; the one that looks at processes once for each driver."""
    for name in options.parts:
        if name == "pipeline":
            yield from ((name, replace(options, drivers=(one,))) for one in options.drivers)
        else:
            yield name, options


def write(report: Report, options: Options) -> None:
    """Print the tables; keep what was asked to be kept."""
    sys.stdout.write(as_markdown(report))
    if options.json is not None:
        options.json.write_text(as_json(report))
    if options.report is not None:
        options.report.mkdir(parents=True, exist_ok=True)
        (options.report / "bench.md").write_text(as_markdown(report))
        (options.report / "bench.json").write_text(as_json(report))


async def _part(name: str, one: Servers, options: Options) -> Part:
    return await RUN[name](one, options)


async def _profile(one: Servers, options: Options) -> None:
    await profile(one, options)


def _setting(one: Servers, options: Options) -> dict[str, str]:
    return {
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{os.cpu_count()} cores shared by broker, database and what is measured",
        "load on it before": " ".join(f"{load:.1f}" for load in os.getloadavg()),
        "python": platform.python_version(),
        "kafka": one.kafka_kind,
        "database": one.mongo_kind,
        "rounds": str(options.repeat),
        "messages": str(options.messages),
    }


if __name__ == "__main__":
    sys.exit(main())
