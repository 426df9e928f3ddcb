"""The gateway's process with sales and inventory behind it, and marketplaces that do as told."""

import asyncio
import json
import os
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from brocante.contracts.topics import topics_for
from brocante.messaging.cluster import apply_topics
from brocante.settings import Settings
from brocante_local.backends.ports import HOST, free_port
from tests.support.fake_worker import FakeWorker
from tests.support.installation import until

SHOPIFY_SECRET = "shopify-secret"
ETSY_SECRET = "whsec_ZXRzeS1zZWNyZXQtZXRzeS1zZWNyZXQ="
EBAY_TOKEN = "verification-token-of-more-than-32-characters"
KID = "9936261a-7d7b-4621-a0f1-96ccb428af49"
READY_SECONDS = 60.0
MARKETPLACES = """
[ebay]
adapter = "ebay"
base_url = "{keys}"
[ebay.webhooks]
scheme = "ebay"
event_id = "body:/notification/notificationId"
verification_token = "{ebay_token}"
url = "https://dealer.invalid/webhooks/ebay/main"
[[ebay.accounts]]
account = "main"
dealer = "main"
credentials = {{ client_id = "id", client_secret = "secret" }}

[etsy]
adapter = "etsy"
base_url = "{keys}"
[etsy.webhooks]
scheme = "standard-webhooks"
event_id = "header:webhook-id"
secret = "{etsy}"
[[etsy.accounts]]
account = "main"
dealer = "main"

[shopify]
adapter = "shopify"
base_url = "{keys}"
[shopify.webhooks]
scheme = "shopify"
event_id = "header:X-Shopify-Event-Id"
secret = "{shopify}"
[[shopify.accounts]]
account = "main"
dealer = "main"
[[shopify.accounts]]
account = "second"
dealer = "other"
"""


class EbayKeyServer:
    """Plays eBay's token and public key calls; counts them."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.asked: list[str] = []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                owner.asked.append(self.path)
                known = self.path.endswith(KID)
                body = {"key": owner.public(), "algorithm": "ECDSA", "digest": "SHA1"}
                self._answer(200 if known else 404, body if known else {"errors": []})

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                self._answer(200, {"access_token": "app-token", "expires_in": 7200})

            def _answer(self, status: int, body: dict[str, Any]) -> None:
                text = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - inherited
                """Say nothing."""

        self.server = ThreadingHTTPServer((HOST, 0), Handler)
        self.url = f"http://{HOST}:{self.server.server_port}"

    def public(self) -> str:
        """The public key as eBay gives it, on one line."""
        pem = self.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return "".join(pem.decode().splitlines())


@dataclass
class GatewayInstallation:
    """What a test can do with it."""

    settings: Settings
    environment: dict[str, str]
    folder: Path
    url: str
    ebay: EbayKeyServer
    worker: FakeWorker
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    token: str = ""
    sign_in_path: str = ""

    def client(self, token: str | None = None) -> httpx2.Client:
        """An HTTP client with a token (the owner's unless another is given)."""
        headers = {"Authorization": f"Bearer {token or self.token}"}
        return httpx2.Client(base_url=self.url, headers=headers, timeout=40, trust_env=False)

    def start(self, name: str, module: str, port: int) -> None:
        """Start a process and remember it."""
        log = (self.folder / f"{name}.log").open("ab")
        environment = {**self.environment, "BROCANTE_METRICS_PORT": str(port)}
        self.processes[name] = subprocess.Popen(
            [sys.executable, "-m", module], env=environment, stdout=log, stderr=log
        )
        log.close()

    def bootstrap(self) -> None:
        """Make the owner's token and a sign-in path."""
        made = subprocess.run(
            [sys.executable, "-m", "gateway", "bootstrap", "--json"],
            env=self.environment,
            capture_output=True,
            check=True,
            timeout=60,
        )
        said = json.loads(made.stdout)
        self.token, self.sign_in_path = said["token"], said["sign_in_path"]

    def wait_ready(self, url: str) -> None:
        """Wait until a process says it is ready."""
        until(lambda: _is_ready(url), f"{url} is ready", READY_SECONDS)

    def log(self, name: str) -> str:
        """What a process said."""
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def stop(self) -> None:
        """End every process that was started."""
        for process in self.processes.values():
            if process.poll() is None:
                process.terminate()
        for process in self.processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _is_ready(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/readyz", timeout=5, trust_env=False).status_code == 200
    except httpx2.TransportError:
        return False


@contextmanager
def gateway_installation(kafka: str, mongo: str, folder: Path) -> Iterator[GatewayInstallation]:
    """Everything, ready; ended with the block."""
    prefix, database = f"g{uuid.uuid4().hex[:8]}.", f"g{uuid.uuid4().hex[:8]}"
    settings = Settings(kafka=kafka, mongo=mongo, topic_prefix=prefix, database=database)
    slugs = ("ebay", "etsy", "shopify")
    asyncio.run(apply_topics(settings, topics_for(slugs, prefix=prefix, partitions=2)))
    ebay = EbayKeyServer()
    declared = folder / "marketplaces.toml"
    secrets = {"etsy": ETSY_SECRET, "shopify": SHOPIFY_SECRET, "ebay_token": EBAY_TOKEN}
    declared.write_text(MARKETPLACES.format(keys=ebay.url, **secrets))
    port, sales, inventory = free_port(), free_port(), free_port()
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("BROCANTE_")},
        "BROCANTE_KAFKA": kafka,
        "BROCANTE_MONGO": mongo,
        "BROCANTE_TOPIC_PREFIX": prefix,
        "BROCANTE_DATABASE": database,
        "BROCANTE_HTTP_PORT": str(port),
        "BROCANTE_PARTITIONS": "2",
        "BROCANTE_BODY_SECONDS": "2",
        "BROCANTE_MARKETPLACES": str(declared),
    }
    worker = FakeWorker(kafka, prefix, slugs)
    made = GatewayInstallation(settings, environment, folder, f"http://{HOST}:{port}", ebay, worker)
    with ExitStack() as stack:
        stack.callback(made.stop)
        stack.callback(ebay.server.server_close)
        stack.callback(ebay.server.shutdown)
        threading.Thread(target=ebay.server.serve_forever, args=(0.05,), daemon=True).start()
        stack.enter_context(worker.running())
        made.start("gateway", "gateway", 0)
        made.start("sales", "sales", sales)
        made.start("inventory", "inventory", inventory)
        made.bootstrap()
        for url in (made.url, f"http://{HOST}:{sales}", f"http://{HOST}:{inventory}"):
            made.wait_ready(url)
        yield made
