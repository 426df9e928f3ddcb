"""What one run is asked to be."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

TIGHT, WIDE = 45, 500
"""Calls in a second that the sandbox's Etsy lets through; thousands of sales need the wide one."""
KafkaKind = Literal["embedded", "apache"]


@dataclass(frozen=True, slots=True)
class Wish:
    """Everything a run depends on besides the machine: with the same wish it is the same plan.

    `mongo` is "embedded", "fast" (a server binary named by `mongo_binary`) or a connection string.
    """

    seed: int
    storm_seconds: float = 90.0
    fault_gap: float = 2.7
    pieces: int = 60
    sales: int = 0
    at_once: int = 12
    kafka: KafkaKind = "embedded"
    mongo: str = "embedded"
    mongo_binary: str = ""
    faults: tuple[str, ...] = ()
    plant: str = ""
    report: Path | None = None
    rest_seconds: float = 180.0
    calm_pieces: int = 12
    etsy_per_second: int = TIGHT
    """What the sandbox enforces; the worker is told to stay well below, for calls arrive late."""
    calm_limit: float = 1.0
    storm_limit: float = 30.0
    words: tuple[str, ...] = field(default=())
    """The arguments as given, for the report."""
