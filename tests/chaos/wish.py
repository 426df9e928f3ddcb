"""What one run is asked to be."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tests.chaos.lot_plan import Custom

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
    most_seconds: float = math.inf
    """The storm is over by then, however few were sold."""
    pieces: int = 60
    sales: int = 0
    at_once: int = 12
    tills: int = 2
    till_pause: float = 1.5
    custom: Custom = field(default_factory=Custom)
    pace: float = math.inf
    """How many tills sell lots, the seconds between two of their rounds, what a lot is, and how
    many sales a second there are at most."""
    kafka: KafkaKind = "embedded"
    mongo: str = "embedded"
    mongo_binary: str = ""
    faults: tuple[str, ...] = ()
    plant: str = ""
    weathers: tuple[str, ...] = ()
    """Those of `tests.chaos.weather` to go through in place of the storm that the seed decides."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """More for the environment of every service."""
    report: Path | None = None
    rest_seconds: float = 180.0
    patience: float = 300.0
    """How long the answer to a command may take. Too long is a chapter that could not be told."""
    calm_pieces: int = 12
    etsy_per_second: int = TIGHT
    """What the sandbox enforces; the worker is told to stay well below, for calls arrive late."""
    calm_limit: float = 1.0
    storm_limit: float = 30.0
    words: tuple[str, ...] = field(default=())
    """The arguments as given, for the report."""
