"""What the gateway exports beside what every service does (docs/running.md)."""

from prometheus_client import Counter, Gauge

WEBHOOKS = Counter(
    "brocante_webhooks", "Deliveries by what became of them.", ["marketplace", "result"]
)
OVERSOLD = Counter("brocante_oversold", "Times that more of an item was sold than there is.")
LISTINGS = Gauge(
    "brocante_listings",
    "Listings by what is wanted and what is shown.",
    ["marketplace", "desired", "observed"],
)
UNSETTLED = Gauge(
    "brocante_unsettled_oldest_seconds",
    "Since when the listing waits that waits longest for its worker; 0 when none does.",
    ["marketplace"],
)
