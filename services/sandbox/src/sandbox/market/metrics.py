"""What the sandbox counts; never ids as labels."""

from prometheus_client import CollectorRegistry, Counter


class Metrics:
    """Counters in a registry of their own, so that several sandboxes fit in one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._calls = Counter(
            "brocante_sandbox_calls",
            "Calls to a simulated marketplace.",
            ("marketplace", "status", "fault"),
            registry=self.registry,
        )
        self._webhooks = Counter(
            "brocante_sandbox_webhooks",
            "Webhook deliveries tried.",
            ("marketplace", "status"),
            registry=self.registry,
        )

    def call(self, marketplace: str, status: int | None, fault: str | None) -> None:
        """Count a call; status None: cut."""
        self._calls.labels(marketplace, str(status or "cut"), fault or "none").inc()

    def webhook(self, marketplace: str, status: int | None) -> None:
        """Count a delivery attempt; status None: nobody answered."""
        self._webhooks.labels(marketplace, str(status or "none")).inc()
