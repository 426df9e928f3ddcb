"""Ports that are free on this machine."""

import itertools
import os
import socket
from collections.abc import Iterator
from functools import cache

# Below the range from which kernels take ports for outgoing connections (32768 on Linux, 49152
# elsewhere), so nothing takes the port between our look and the child's bind.
LOWEST, COUNT = 20_000, 12_000
# Two processes that start at the same moment begin their search this far apart, at least.
APART = 16
HOST = "127.0.0.1"


def is_free(port: int, host: str = HOST) -> bool:
    """Whether a server could listen there now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def free_port() -> int:
    """A port that nobody listens on; never the same one twice in a row."""
    for number in itertools.islice(_numbers(), COUNT):
        port = LOWEST + number % COUNT
        if is_free(port):
            return port
    raise OSError(f"no free port between {LOWEST} and {LOWEST + COUNT}")


@cache
def _numbers() -> Iterator[int]:
    return itertools.count(os.getpid() * APART)
