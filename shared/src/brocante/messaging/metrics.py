"""Metrics every service exports (docs/running.md lists them). Never ids as labels."""

from prometheus_client import Counter, Gauge, Histogram

MESSAGE_AGE = Histogram(
    "brocante_message_age_seconds",
    "From a message's time to its being applied.",
    ["service"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
)
MESSAGES = Counter(
    "brocante_messages", "Messages by what became of them.", ["service", "type", "outcome"]
)
BATCH_SECONDS = Histogram(
    "brocante_batch_seconds",
    "Time to process one batch, commit excluded.",
    ["service"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
VERSION_CONFLICTS = Counter(
    "brocante_version_conflicts", "Guarded writes that lost to another writer.", ["service"]
)
DEAD_LETTERS = Counter(
    "brocante_dead_letters", "Messages that could not be processed.", ["service", "code"]
)
UNSENT = Gauge("brocante_unsent_documents", "Documents with unpublished outputs.", ["service"])
PAUSED_PARTITIONS = Gauge(
    "brocante_paused_partitions", "Partitions stopped by the brake.", ["service"]
)
EPOCH = Gauge("brocante_broker_epoch", "The broker epoch this process works in.", ["service"])
