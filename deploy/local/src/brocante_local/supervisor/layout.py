"""What an installation consists of: the ports, the environment and the plan of each process."""

import os
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from functools import partial

from brocante_local.backends import embedded
from brocante_local.backends.child import Launch
from brocante_local.backends.ports import HOST, free_port, is_free
from brocante_local.supervisor.data_dir import DataDir
from brocante_local.supervisor.process import Plan

MARKETPLACES = ("ebay", "etsy", "shopify")
WEBHOOK_RETRY_SECONDS = 15
SWEEP_SECONDS = 15
REQUIREMENTS_POLL_SECONDS = 1
ASK_SECONDS = 2.0
HTTP_OK = 200


class PortTaken(Exception):  # noqa: N818 - a finding about the machine
    """A port that was asked for is in use."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the caller of `up` asked for; None and 0 mean: choose."""

    port: int = 0
    kafka: str | None = None
    mongo: str | None = None


class Layout:
    """Addresses fixed for one run, and the plan of every process."""

    def __init__(self, data: DataDir, wish: Wish) -> None:
        if wish.port and not is_free(wish.port):
            raise PortTaken(f"Port {wish.port} on {HOST} is taken; choose another with --port")
        self.data = data
        self.own_kafka, self.own_mongo = wish.kafka is None, wish.mongo is None
        self._kafka_port, self._mongo_port = free_port(), free_port()
        self.kafka = wish.kafka or f"{HOST}:{self._kafka_port}"
        self.mongo = wish.mongo or f"mongodb://{HOST}:{self._mongo_port}/?directConnection=true"
        self._http_port, self._sandbox_port = wish.port or free_port(), free_port()
        self.http = f"http://{HOST}:{self._http_port}"
        self.sandbox = f"http://{HOST}:{self._sandbox_port}"

    def back_ends(self) -> list[Plan]:
        """The embedded ones that are wanted."""
        plans = []
        if self.own_mongo:
            launch = partial(embedded.mongo, self._mongo_port, self.data.mongo)
            plans.append(Plan("mongo", launch, self.data.log("mongo")))
        if self.own_kafka:
            plans.append(
                Plan("kafka", partial(embedded.kafka, self._kafka_port), self.data.log("kafka"))
            )
        return plans

    def sandbox_plan(self) -> Plan:
        """The marketplaces themselves."""
        return self._plan("sandbox", ["sandbox"], self.sandbox, self.sandbox_environment())

    def services(self) -> list[Plan]:
        """Every service: the gateway first, then those behind it."""
        gateway = self._plan("gateway", ["gateway"], self.http, self.gateway_environment())
        others = [self._behind(name, [name]) for name in ("sales", "inventory")]
        workers = [
            self._behind(f"marketplace-sync-{m}", ["marketplace_sync", "--marketplace", m])
            for m in MARKETPLACES
        ]
        return [gateway, *others, *workers]

    def environment(self) -> dict[str, str]:
        """What every service is told."""
        return {
            **os.environ,
            "PYTHONUNBUFFERED": "1",
            "BROCANTE_KAFKA": self.kafka,
            "BROCANTE_MONGO": self.mongo,
            "BROCANTE_HOST": HOST,
            "BROCANTE_METRICS_PORT": "0",
            "BROCANTE_MARKETPLACES": str(self.data.marketplaces),
            "BROCANTE_SWEEP_SECONDS": str(SWEEP_SECONDS),
            "BROCANTE_REQUIREMENTS_POLL_SECONDS": str(REQUIREMENTS_POLL_SECONDS),
        }

    def gateway_environment(self) -> dict[str, str]:
        """What the gateway is told."""
        return {
            **self.environment(),
            "BROCANTE_HTTP_PORT": str(self._http_port),
            "BROCANTE_PUBLIC_URL": self.http,
            "BROCANTE_OWNER_TOKEN": self.data.owner_token(),
        }

    def sandbox_environment(self) -> dict[str, str]:
        """What the sandbox is told."""
        return {
            **os.environ,
            "PYTHONUNBUFFERED": "1",
            "BROCANTE_SANDBOX_HOST": HOST,
            "BROCANTE_SANDBOX_PORT": str(self._sandbox_port),
            "BROCANTE_SANDBOX_DATA": str(self.data.sandbox),
            "BROCANTE_SANDBOX_GATEWAY": self.http,
            "BROCANTE_SANDBOX_WEBHOOK_RETRY_SECONDS": str(WEBHOOK_RETRY_SECONDS),
        }

    def _behind(self, name: str, module: list[str]) -> Plan:
        port = free_port()
        environment = {**self.environment(), "BROCANTE_METRICS_PORT": str(port)}
        return self._plan(name, module, f"http://{HOST}:{port}", environment)

    def _plan(self, name: str, module: list[str], url: str, environment: dict[str, str]) -> Plan:
        argv = [sys.executable, "-m", *module]
        launch = Launch(name, argv, url, partial(is_ready, url), environment)
        return Plan(name, lambda: launch, self.data.log(name), f"{url}/metrics")


def is_ready(url: str) -> bool:
    """Whether a process says it is ready."""
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=ASK_SECONDS) as answer:  # noqa: S310 - http, our own
            return bool(answer.status == HTTP_OK)
    except (OSError, urllib.error.HTTPError, ValueError):
        return False


def without_scheme(kafka: str) -> str:
    """`kafka://host:9092` and `host:9092` are the same."""
    return kafka.split("://", 1)[-1].rstrip("/")
