"""What goes wrong at a point: a back end fails, our own code does, we are stopped, or die."""

import asyncio
import os
from dataclasses import dataclass, field
from typing import Literal

from aiokafka.errors import KafkaError

from brocante.documents.driver import DatabaseError
from brocante.messaging.publisher import NotPublished

Kind = Literal["away", "mistake", "canceled", "death"]
KINDS: tuple[Kind, ...] = ("away", "mistake", "canceled", "death")
DEAD = 77


class AwayError(DatabaseError, KafkaError, NotPublished, ConnectionError):  # type: ignore[misc]
    """A back end failed: whichever the code there looks for, it is that one."""


@dataclass
class Fault:
    """Strikes once, at the first reach of its point; without a point it only listens."""

    kind: Kind = "away"
    point: str | None = None
    struck: bool = False
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    reached: dict[str, None] = field(default_factory=dict)
    """Every point reached, in the order of first reaches."""

    async def at(self, name: str) -> None:
        """A point is reached."""
        self.reached[name] = None
        if name != self.point or self.struck:
            return
        self.struck = True
        if self.kind == "away":
            raise AwayError(f"away at {name}")
        if self.kind == "mistake":
            raise RuntimeError(f"a mistake at {name}")
        if self.kind == "death":
            os._exit(DEAD)
        self.stop.set()
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await asyncio.sleep(0)
