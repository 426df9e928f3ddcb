"""What is exported is what docs and alerts are written against."""

from prometheus_client import REGISTRY

from brocante.messaging import metrics as of_every_service
from gateway import metrics as of_the_gateway
from marketplace_sync.marketplaces.contract import Window
from marketplace_sync.reconcile import measuring
from marketplace_sync.reconcile import metrics as of_a_worker
from marketplace_sync.reconcile.gate import CallGate

PROMISED = {
    of_every_service: (
        "brocante_message_age_seconds",
        "brocante_messages",
        "brocante_batch_seconds",
        "brocante_version_conflicts",
        "brocante_dead_letters",
    ),
    of_a_worker: (
        "brocante_marketplace_requests",
        "brocante_marketplace_request_seconds",
        "brocante_circuit_state",
        "brocante_budget_remaining",
        "brocante_sale_exposure_seconds",
        "brocante_drift",
    ),
    of_the_gateway: (
        "brocante_listings",
        "brocante_unsettled_oldest_seconds",
        "brocante_webhooks",
        "brocante_oversold",
    ),
}
IDS = {"item_id", "sale_id", "dealer", "external_id", "account", "webhook_id"}


def test_every_promised_metric_is_exported_without_ids() -> None:
    families = {family.name: family for family in REGISTRY.collect()}
    for names in PROMISED.values():
        assert set(names) <= set(families)
    labels = {name for one in families.values() for s in one.samples for name in s.labels}
    assert not labels & IDS


def test_a_worker_shows_its_circuit_and_the_least_of_its_budgets_before_any_call() -> None:
    def value(name: str, **labels: str) -> float | None:
        return REGISTRY.get_sample_value(name, {"marketplace": "watched", **labels})

    gates = [CallGate("watched", (Window("day", 1000, 86_400),)) for _ in range(2)]
    measuring.watch("watched", gates)
    assert value("brocante_circuit_state") == 0.0
    assert value("brocante_budget_remaining", window="day") == 1000.0
    gates[1].limiter.count()
    while not gates[0].breaker.failed():
        pass
    assert value("brocante_circuit_state") == 2.0
    assert value("brocante_budget_remaining", window="day") == 999.0
