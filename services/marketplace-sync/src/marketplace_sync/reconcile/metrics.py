"""What a worker exports (docs/running.md)."""

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter(
    "brocante_marketplace_requests",
    "Calls to a marketplace by outcome.",
    ["marketplace", "operation", "outcome"],
)
REQUEST_SECONDS = Histogram(
    "brocante_marketplace_request_seconds", "Time of a call.", ["marketplace", "operation"]
)
CIRCUIT = Gauge("brocante_circuit_state", "0 closed, 1 probing, 2 open.", ["marketplace"])
BUDGET = Gauge("brocante_budget_remaining", "Calls left.", ["marketplace", "window"])
EXPOSURE = Histogram(
    "brocante_sale_exposure_seconds",
    "From the sale of an item (its recording, if by hand) until it was seen off sale there.",
    ["marketplace"],
    buckets=(0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 7200),
)
DRIFT = Counter("brocante_drift", "Changes there by others to what is not wanted.", ["marketplace"])
