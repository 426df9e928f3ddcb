"""Settings of a worker, beside those every service has."""

from pydantic import Field

from brocante.settings import Settings


class WorkerSettings(Settings):
    """How often a worker looks, sweeps and asks, and how many calls it makes at once."""

    sweep_seconds: float = Field(300.0, gt=0, description="Between sweeps of orders and listings.")
    requirements_poll_seconds: float = Field(60.0, gt=0, description="Between asks for changes.")
    call_seconds: float = Field(10.0, gt=0, le=60, description="Time limit of one call.")
    calls_at_once: int = Field(8, ge=1, le=100, description="Different listings, per account.")
