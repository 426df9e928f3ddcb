"""The embedded back ends: Kafka and MongoDB as child processes (docs/adr/0004)."""
