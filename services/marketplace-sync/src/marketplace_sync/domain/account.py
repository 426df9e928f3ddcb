"""A marketplace account: paused by people or by refused access."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Status = Literal["up", "degraded", "paused", "circuit_open", "unauthorized"]


@dataclass(frozen=True, slots=True)
class AccountState:
    """`paused` by an operator; `status` as last said."""

    paused: bool = False
    status: Status = "up"
    since: datetime | None = None
    detail: str = ""
    probe_at: datetime | None = None
