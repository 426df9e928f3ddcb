"""A marketplace account: paused by people or by refused access."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

Status = Literal["up", "degraded", "paused", "circuit_open", "unauthorized"]


class AccountState(Struct, frozen=True):
    """`paused` by an operator; `status` as last said.

    On the document of the last resync, `resync_id` names it and `since` is what it asks for.
    """

    paused: bool = False
    status: Status = "up"
    since: datetime | None = None
    detail: str = ""
    probe_at: datetime | None = None
    resync_id: str = ""

    @property
    def stopped(self) -> bool:
        """Whether no call may be made but a probe: paused, or access was refused."""
        return self.paused or self.status == "unauthorized"

    def may_probe(self, now: datetime) -> bool:
        """Whether it is time to try again whether access is still refused."""
        return not self.paused and (self.probe_at is None or self.probe_at <= now)
