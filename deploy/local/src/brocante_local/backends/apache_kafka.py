"""Apache Kafka itself on the JVM: one KRaft node, for tests where Java and Maven are."""

import os
import shutil
import subprocess
import tempfile
import uuid
from functools import partial
from importlib.resources import as_file, files
from pathlib import Path

from brocante_local.backends.child import DidNotStart, Launch
from brocante_local.backends.ports import HOST
from brocante_local.backends.probes import kafka_answers

VERSION = "4.4.0"
HEAP_MB = 400
FETCH_SECONDS = 300
FORMAT_SECONDS = 60


class NotHere(Exception):  # noqa: N818 - a finding about the machine
    """Apache Kafka cannot be run on this machine; the text says what is missing."""


def jars_folder() -> Path:
    """Where the jars are kept: `BROCANTE_CACHE` or the user's cache folder."""
    cache = os.environ.get("BROCANTE_CACHE") or Path.home() / ".cache" / "brocante"
    return Path(cache) / f"kafka-{VERSION}"


def fetch_jars() -> Path:
    """The folder with the jars, fetched by Maven from Central the first time."""
    folder = jars_folder()
    if folder.is_dir():
        return folder
    maven = shutil.which("mvn")
    if maven is None:
        raise NotHere(f"Apache Kafka's jars are not in {folder} and Maven is not installed")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=folder.parent) as scratch,
        as_file(files("brocante_local.backends") / "kafka-jars.pom.xml") as packaged,
    ):
        # Maven writes beside its pom, and an installed package may be read-only.
        pom = Path(shutil.copy(packaged, Path(scratch) / "pom.xml"))
        got = Path(scratch) / "jars"
        _run_maven(maven, pom, got)
        try:
            got.rename(folder)
        except OSError:
            # Another process was faster; its jars are the same.
            if not folder.is_dir():
                raise
    return folder


def launch(port: int, controller_port: int, folder: Path, advertised: int | None = None) -> Launch:
    """Format `folder` for a fresh node and give what runs it; NotHere without Java or jars.

    `advertised` is the port clients are told, when something stands between them and the broker.
    """
    java = shutil.which("java")
    if java is None:
        raise NotHere("Java is not installed")
    jars = fetch_jars()
    folder.mkdir(parents=True, exist_ok=True)
    properties = folder / "server.properties"
    properties.write_text(_properties(port, controller_port, folder / "data", advertised))
    command = [java, f"-Xmx{HEAP_MB}m", "-XX:+UseSerialGC", "-cp", f"{jars}/*"]
    formatting = subprocess.run(  # noqa: S603 - our own arguments
        [
            *(*command, "kafka.tools.StorageTool", "format"),
            *("--cluster-id", _cluster_id(), "--config", str(properties)),
        ],
        capture_output=True,
        text=True,
        timeout=FORMAT_SECONDS,
        check=False,
    )
    if formatting.returncode != 0:
        raise DidNotStart(f"apache kafka: {formatting.stderr.strip() or formatting.stdout.strip()}")
    argv = [*command, "kafka.Kafka", str(properties)]
    return Launch("apache kafka", argv, f"{HOST}:{port}", partial(kafka_answers, HOST, port))


def _run_maven(maven: str, pom: Path, into: Path) -> None:
    done = subprocess.run(  # noqa: S603 - our own arguments
        [
            *(maven, "--batch-mode", "--quiet", f"--file={pom}", "dependency:copy-dependencies"),
            f"-DoutputDirectory={into}",
        ],
        capture_output=True,
        text=True,
        timeout=FETCH_SECONDS,
        check=False,
    )
    if done.returncode != 0 or not into.is_dir():
        words = (done.stdout.strip() or done.stderr.strip()).splitlines()
        raise NotHere(f"Maven could not fetch Apache Kafka: {words[0] if words else 'no output'}")


def _cluster_id() -> str:
    # Kafka wants 22 characters of URL-safe base64, not starting with a dash.
    return uuid.uuid4().hex[:22]


def _properties(port: int, controller_port: int, data: Path, advertised: int | None) -> str:
    settings = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@{HOST}:{controller_port}",
        "listeners": f"PLAINTEXT://{HOST}:{port},CONTROLLER://{HOST}:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://{HOST}:{advertised or port}",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "log.dirs": str(data),
        "auto.create.topics.enable": "false",
        "group.initial.rebalance.delay.ms": "0",
        "offsets.topic.num.partitions": "4",
        "offsets.topic.replication.factor": "1",
        "transaction.state.log.num.partitions": "4",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        # Room for the largest dead letter with its headers (docs/messages.md).
        "message.max.bytes": str(6 * 1024 * 1024),
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())
