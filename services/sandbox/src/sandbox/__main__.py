"""`python -m sandbox`: serves the simulated marketplaces until it is told to stop."""

import logging
import socket
import sys

import structlog
import uvicorn
from pydantic import ValidationError

from sandbox.service import create_app
from sandbox.settings import SandboxSettings

BAD_CONFIGURATION = 2


def main() -> int:
    """Read the settings, take the port, serve."""
    try:
        settings = SandboxSettings()
    except ValidationError as error:
        for problem in error.errors():
            name = "__".join(str(part) for part in problem["loc"]).upper()
            print(f"BROCANTE_SANDBOX_{name}: {problem['msg']}", file=sys.stderr)  # noqa: T201 - no log yet
        return BAD_CONFIGURATION
    configure_logging(settings)
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # With the protocol named, asyncio switches Nagle's algorithm off; else each answer takes 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        structlog.get_logger().error(
            "port_not_free", host=settings.host, port=settings.port, reason=error.strerror
        )
        return 1
    port = listener.getsockname()[1]
    settings = settings.model_copy(update={"port": port})
    structlog.get_logger().info("sandbox_listening", url=settings.base_url)
    config = uvicorn.Config(create_app(settings), access_log=False, log_level="warning")
    uvicorn.Server(config).run(sockets=[listener])
    return 0


def configure_logging(settings: SandboxSettings) -> None:
    """JSON lines when not on a terminal, on stderr."""
    renderer: structlog.types.Processor = (
        structlog.dev.ConsoleRenderer()
        if sys.stderr.isatty()
        else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[settings.log_level]
        ),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


if __name__ == "__main__":
    sys.exit(main())
