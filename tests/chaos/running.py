"""One run from its beginning to its evidence: calm, storm, rest."""

import asyncio
import os
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.books import Books, Piece
from tests.chaos.chapters import Told
from tests.chaos.collecting import evidence
from tests.chaos.desk import Desk
from tests.chaos.ending import ended
from tests.chaos.evidence import Evidence
from tests.chaos.fair import Fair
from tests.chaos.fault_plan import fault_plan
from tests.chaos.installation import TOPICS, Rigged
from tests.chaos.invariants import violations
from tests.chaos.invariants.accepted import accepted_is_applied
from tests.chaos.invariants.rest import everything_rests
from tests.chaos.invariants.sold import sold_is_off_sale
from tests.chaos.invariants.versions import views_are_newest
from tests.chaos.limits import TooLong, within
from tests.chaos.load import create_all, live_all
from tests.chaos.load_plan import Life, calm_lives, lives
from tests.chaos.lot_plan import lots
from tests.chaos.outside import Outside
from tests.chaos.poison import Poisoner
from tests.chaos.storm import Storm
from tests.chaos.till import ring_all
from tests.chaos.watching import Readiness
from tests.chaos.weather.catalogue import WEATHERS
from tests.chaos.weather.sky import Sky
from tests.chaos.wish import Wish

QUIET_SECONDS = 3.0
LOOK_SECONDS = 2.0
CALM_REST_SECONDS = 20.0
CALM_QUIET_SECONDS = 2.0
SECOND_PIECES = 4
TAIL_SECONDS = 420.0
START_SECONDS = 240.0
CALM_SECONDS = 240.0
STORM_SECONDS = 300.0
COLLECT_SECONDS = 240.0
STOP_SECONDS = 120.0
LASTING = ("I2", "I3", "I4", "I8", "I9", "I10")
"""What was said or done once too often stays so: no need to wait until a planted fault rests."""
LOOKS = 4
"""So often in a row the same is seen before it counts as lasting: views may still be behind."""
SHARE_OF_PIECES = 20
"""One sale of so many is planned for a single piece; tills sell the others."""


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
    shared: float = 1.0
    """How many wanted each processor while nothing went wrong; 1 when there was enough for all."""
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
        self.books = Books(self.folder / "accepted.jsonl")
        try:
            if await self._in_time(START_SECONDS, "the installation to start", rigged.start()):
                await self._story(rigged, self.books)
        finally:
            self.moment("stopping")
            await self._in_time(STOP_SECONDS, "the installation to stop", rigged.stop())
            self.books.close()
            self.found.overdue = list(self.books.overdue)
            # What takes a second alone takes longer where others compute, too.
            self.found.calm_limit = self.wish.calm_limit * self.shared
            self.moment("stopped")

    async def _in_time(self, seconds: float, what: str, doing: Awaitable[None]) -> bool:
        """Do one part of the run; that it did not come to its end is a finding, and no crash."""
        books = self.books
        try:
            async with within(seconds, what):
                await doing
        except Exception as error:  # noqa: BLE001 - whatever fails, what was found so far is judged
            told = isinstance(error, TooLong)
            words = str(error) if told else f"failed while waiting for {what}: {error!r}"
            self.say(words)
            if books is not None:
                books.overdue.append(words)
            return False
        return True

    async def _story(self, rigged: Rigged, books: Books) -> None:
        fair = Fair(rigged.layout.sandbox)
        patience = self.wish.patience
        desk = Desk(rigged.layout.http, rigged.token, books, rigged.recorder, patience)
        outside = Outside(rigged.kafka, books, rigged.recorder, patience)
        told = Told(desk, fair, outside, rigged.recorder, books)
        readiness = Readiness(rigged.services)
        rigged.recorder.wires = [] if self.wish.weathers else None
        await fair.start()
        readiness.start()
        try:
            wish = self.wish
            calm, storm = CALM_SECONDS + wish.pieces, wish.storm_seconds + wish.sales / 10
            if await self._in_time(calm, "all to be on sale, and sold", self._calm(told)):
                limit = storm + TAIL_SECONDS + STORM_SECONDS
                go = self._weathers if wish.weathers else self._storm
                await self._in_time(limit, "the storm", go(told, rigged))
            rest = wish.rest_seconds + COLLECT_SECONDS
            await self._in_time(rest, "rest", self._rest(told, rigged, readiness))
        finally:
            self.ends = rigged.services.ends
            await readiness.stop()
            await outside.stop()
            await desk.close()
            await fair.stop()

    async def _calm(self, told: Told) -> None:
        """Everything is put on sale, and some of it is sold while nothing goes wrong."""
        wish = self.wish
        calm = calm_lives(wish.seed, wish.calm_pieces)
        sales = wish.sales // SHARE_OF_PIECES
        self.lives = lives(wish.seed, wish.pieces, sales, wish.storm_seconds)
        self.moment(f"putting {len(calm) + len(self.lives)} pieces on sale")
        await create_all(told, [*calm, *self.lives], wish.at_once)
        await told.outside.second_dealer(SECOND_PIECES)
        await told.recorder.until_quiet(CALM_QUIET_SECONDS, CALM_REST_SECONDS)
        self.moment("calm: sales without faults")
        for life in calm:
            await live_all(told, [life], asyncio.Event(), wish.seed)
            await _until_off(told, told.books.pieces[life.piece])
        self.shared = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))

    async def _storm(self, told: Told, rigged: Rigged) -> None:
        wish = self.wish
        told.phase = "storm"
        self.moment("storm")
        stop = asyncio.Event()
        load = asyncio.create_task(live_all(told, self.lives, stop, wish.seed))
        tills = [lots(wish.seed, n, wish.custom) for n in range(wish.tills)]
        selling = asyncio.create_task(ring_all(told, tills, stop, wish.till_pause, wish.pace))
        storm = Storm(
            rigged, told.fair, Poisoner(rigged.kafka, TOPICS, told.books), told.books, self.say
        )
        plan = fault_plan(
            wish.seed, wish.fault_gap, wish.faults, keeps_data=not rigged.keeps_nothing
        )
        began = time.monotonic()

        def over() -> bool:
            for task in (load, selling):
                if task.done():
                    task.result()
            # Without a number of sales, what is planned is what is sold.
            enough = len(told.books.sales) >= wish.sales
            gone = time.monotonic() - began
            return gone > wish.most_seconds or (gone > wish.storm_seconds and enough)

        try:
            await storm.rage(plan, over)
            stop.set()
            self.moment("healing")
            await storm.heal()
            async with within(TAIL_SECONDS, "every chapter and every till to come to its end"):
                await asyncio.gather(load, selling)
        finally:
            await storm.heal()
            await ended(load)
            await ended(selling)

    async def _weathers(self, told: Told, rigged: Rigged) -> None:
        """Weathers planned by hand, one after the other, in place of a storm."""
        self.moment("storm")
        pieces = [life.piece for life in self.lives]
        for name in self.wish.weathers:
            weather = WEATHERS[name]
            own, pieces = pieces[: weather.pieces], pieces[weather.pieces :]
            self.say(f"weather: {name}")
            told.phase = "calm" if weather.calm else "storm"
            try:
                await weather.go(Sky(told, rigged, self.say, name, own))
            finally:
                rigged.heal_ways()

    async def _rest(self, told: Told, rigged: Rigged, readiness: Readiness) -> None:
        """Wait, in bounded time, until there is nothing left to do; then gather the evidence."""
        self.moment("waiting for rest")
        began, seen = time.monotonic(), Counter[str]()
        while True:
            in_time = time.monotonic() - began < self.wish.rest_seconds
            recorder = rigged.recorder
            quiet = time.monotonic() - recorder.quiet_since > QUIET_SECONDS
            if not in_time or (readiness.all_ready and quiet and not any(recorder.behind.values())):
                self.found = await evidence(
                    self.wish, rigged, told.books, told.desk, told.fair, readiness.stretches
                )
                left = list(_left(self.found))
                lasting = set(_lasting(self.found)) if self.wish.plant else set()
                seen = Counter({words: seen[words] + 1 for words in lasting})
                if not left or not in_time or LOOKS in seen.values():
                    break
                self.say(f"not at rest: {len(left)} things, such as: {left[0]}")
            else:
                unread = sum(recorder.behind.values())
                self.say(f"not quiet: ready {readiness.all_ready}, unread {unread}")
            await asyncio.sleep(LOOK_SECONDS)
        self.rest_seconds = time.monotonic() - began


def _left(found: Evidence) -> Iterable[str]:
    yield from accepted_is_applied(found)
    yield from everything_rests(found)
    yield from sold_is_off_sale(found)
    yield from views_are_newest(found)


def _lasting(found: Evidence) -> Iterable[str]:
    broken = violations(found)
    return (words for name in LASTING for words in broken[name])


async def _until_off(told: Told, piece: Piece) -> None:
    if piece.shown is not None:
        await told.fair.until_shown(piece.name, piece.shown, CALM_REST_SECONDS)
