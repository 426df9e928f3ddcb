"""One run from its beginning to its evidence: calm, storm, rest."""

import asyncio
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.books import Books, Piece
from tests.chaos.chapters import Told
from tests.chaos.collecting import evidence
from tests.chaos.desk import Desk
from tests.chaos.evidence import Evidence
from tests.chaos.fair import Fair
from tests.chaos.fault_plan import fault_plan
from tests.chaos.installation import TOPICS, Rigged
from tests.chaos.invariants.accepted import accepted_is_applied
from tests.chaos.invariants.rest import everything_rests
from tests.chaos.invariants.sold import sold_is_off_sale
from tests.chaos.invariants.versions import views_are_newest
from tests.chaos.load import create_all, live_all
from tests.chaos.load_plan import Life, calm_lives, lives
from tests.chaos.outside import Outside
from tests.chaos.poison import Poisoner
from tests.chaos.storm import Storm
from tests.chaos.watching import Readiness
from tests.chaos.wish import Wish

QUIET_SECONDS = 3.0
LOOK_SECONDS = 2.0
CALM_REST_SECONDS = 20.0
CALM_QUIET_SECONDS = 2.0
SECOND_PIECES = 4
TAIL_SECONDS = 150.0


@dataclass(slots=True)
class Run:
    """A run and what came of it."""

    wish: Wish
    folder: Path
    began: float = field(default_factory=time.time)
    moments: dict[str, float] = field(default_factory=dict)
    found: Evidence = field(default_factory=Evidence)
    books: Books | None = None
    lives: list[Life] = field(default_factory=list)
    rest_seconds: float = 0.0
    ends: list[tuple[str, int]] = field(default_factory=list)

    def say(self, words: str) -> None:
        """Progress, as a person reads it."""
        sys.stderr.write(f"{time.time() - self.began:7.1f} s  {words}\n")
        sys.stderr.flush()

    def moment(self, name: str) -> None:
        """A part of the run begins."""
        self.moments[name] = time.time()
        self.say(name)

    async def go(self) -> None:
        """Run; everything is stopped in the end, whatever happens."""
        self.moment("starting")
        rigged = Rigged(self.wish, self.folder)
        try:
            await rigged.start()
            await self._story(rigged)
        finally:
            self.moment("stopping")
            await rigged.stop()
            self.moment("stopped")

    async def _story(self, rigged: Rigged) -> None:
        books = self.books = Books(self.folder / "accepted.jsonl")
        fair = Fair(rigged.layout.sandbox)
        desk = Desk(rigged.layout.http, rigged.token, books, rigged.recorder)
        durable = not rigged.keeps_nothing
        outside = Outside(rigged.kafka, books, rigged.recorder, durable=durable)
        told = Told(desk, fair, outside, rigged.recorder, books)
        readiness = Readiness(rigged.services)
        await fair.start()
        readiness.start()
        try:
            await self._calm(told)
            await self._storm(told, rigged)
            await self._rest(told, rigged, readiness)
        finally:
            self.ends = rigged.services.ends
            await readiness.stop()
            await outside.stop()
            await desk.close()
            await fair.stop()
            books.close()

    async def _calm(self, told: Told) -> None:
        """Everything is put on sale, and some of it is sold while nothing goes wrong."""
        wish = self.wish
        calm = calm_lives(wish.seed, wish.calm_pieces)
        self.lives = lives(wish.seed, wish.pieces, wish.sales, wish.storm_seconds)
        self.moment(f"putting {len(calm) + len(self.lives)} pieces on sale")
        await create_all(told, [*calm, *self.lives], wish.at_once)
        await told.outside.second_dealer(SECOND_PIECES)
        await told.recorder.until_quiet(CALM_QUIET_SECONDS, CALM_REST_SECONDS)
        self.moment("calm: sales without faults")
        for life in calm:
            await live_all(told, [life], asyncio.Event(), wish.seed)
            await _until_off(told, told.books.pieces[life.piece])

    async def _storm(self, told: Told, rigged: Rigged) -> None:
        wish = self.wish
        told.phase = "storm"
        self.moment("storm")
        stop = asyncio.Event()
        load = asyncio.create_task(live_all(told, self.lives, stop, wish.seed))
        storm = Storm(
            rigged, told.fair, Poisoner(rigged.kafka, TOPICS, told.books), told.books, self.say
        )
        plan = fault_plan(
            wish.seed, wish.fault_gap, wish.faults, keeps_data=not rigged.keeps_nothing
        )
        began = time.monotonic()

        def over() -> bool:
            if load.done():
                load.result()
            enough = len(told.books.sales) >= wish.sales or load.done()
            return time.monotonic() - began > wish.storm_seconds and enough

        try:
            await storm.rage(plan, over)
            stop.set()
            self.moment("healing")
            await storm.heal()
            with suppress(TimeoutError):
                await asyncio.wait_for(load, TAIL_SECONDS)
        finally:
            load.cancel()
            with suppress(asyncio.CancelledError):
                await load

    async def _rest(self, told: Told, rigged: Rigged, readiness: Readiness) -> None:
        """Wait, in bounded time, until there is nothing left to do; then gather the evidence."""
        self.moment("waiting for rest")
        began = time.monotonic()
        while True:
            in_time = time.monotonic() - began < self.wish.rest_seconds
            recorder = rigged.recorder
            quiet = time.monotonic() - recorder.quiet_since > QUIET_SECONDS
            if not in_time or (readiness.all_ready and quiet and not any(recorder.behind.values())):
                self.found = await evidence(
                    self.wish, rigged, told.books, told.desk, told.fair, readiness.stretches
                )
                left = list(_left(self.found))
                if not left or not in_time:
                    break
                self.say(f"not at rest: {len(left)} things, such as: {left[0]}")
            else:
                self.say(
                    f"not quiet: ready {readiness.all_ready}, unread "
                    f"{sum(recorder.behind.values())}, last heard {recorder.records[-1].type}"
                )
            await asyncio.sleep(LOOK_SECONDS)
        self.rest_seconds = time.monotonic() - began


def _left(found: Evidence) -> Iterable[str]:
    yield from accepted_is_applied(found)
    yield from everything_rests(found)
    yield from sold_is_off_sale(found)
    yield from views_are_newest(found)


async def _until_off(told: Told, piece: Piece) -> None:
    if piece.shown is not None:
        await told.fair.until_shown(piece.name, piece.shown, CALM_REST_SECONDS)
