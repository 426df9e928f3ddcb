"""Ports that are free on this machine."""

import random
import socket

# Below the range from which kernels take ports for outgoing connections (32768 on Linux, 49152
# elsewhere): nothing takes the port between our look and the child's bind, but another `up`.
LOWEST, HIGHEST = 20_000, 32_000
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
    """A port that nobody listens on."""
    for _ in range(1_000):
        port = random.randint(LOWEST, HIGHEST)  # noqa: S311 - spread, not secrecy
        if is_free(port):
            return port
    raise OSError(f"no free port between {LOWEST} and {HIGHEST}")
