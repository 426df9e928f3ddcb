"""`python -m tests.chaos [--short] [--seed N]`: sales and cancellations while processes are killed.

Starts a whole installation, lists pieces, lets buyers buy and cancel on the sandbox, and kills one
process after another with SIGKILL. At the end it compares what the marketplaces show with what was
bought there. Prints its seed: the same seed chooses the same sales and the same victims.
"""

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from tests.support.installation import MARKETPLACES, Installation, installation, until

REST_SECONDS = 180.0


@dataclass
class Story:
    """What happened in this run."""

    seed: int
    kills: list[str] = field(default_factory=list)
    sold: dict[str, dict[str, str]] = field(default_factory=dict)
    canceled: set[str] = field(default_factory=set)
    violations: list[str] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; the exit code says whether anything was violated."""
    parser = argparse.ArgumentParser(prog="chaos")
    parser.add_argument("--short", action="store_true", help="about three minutes, for CI")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--pieces", type=int, default=None)
    options = parser.parse_args(arguments)
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(10**6)
    story = Story(seed)
    pieces = options.pieces or (24 if options.short else 120)
    sys.stderr.write(f"chaos: seed {seed}, {pieces} pieces\n")
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, installation(Path(folder) / "data") as one:
        _run(one, story, pieces, random.Random(seed))  # noqa: S311 - a replayable choice
    report = {
        "seed": seed,
        "seconds": round(time.monotonic() - began, 1),
        "kills": story.kills,
        "sales": len(story.sold),
        "canceled": len(story.canceled),
        "violations": story.violations,
    }
    sys.stdout.write(json.dumps(report) + "\n")
    return 1 if story.violations else 0


def _run(one: Installation, story: Story, pieces: int, rng: random.Random) -> None:
    skus = [f"piece-{n}" for n in range(pieces)]
    for sku in skus:
        one.create(sku)
        one.activate(sku)
    until(lambda: _all_active(one, skus), "every piece is active everywhere", REST_SECONDS)
    victims = [name for name in one.services() if name != "sandbox"]
    for n, sku in enumerate(skus):
        marketplace = rng.choice(MARKETPLACES)
        story.sold[sku] = {**one.sell(marketplace, sku), "marketplace": marketplace}
        if n % 3 == 1:
            _kill(one, rng.choice(victims), story)
        if n % 4 == 3:
            back = rng.choice(sorted(set(story.sold) - story.canceled))
            _cancel(one, back, story)
    for sku in skus:
        _check(one, sku, story)


def _all_active(one: Installation, skus: list[str]) -> bool:
    shown = _everything_shown(one)
    return all(shown.get((m, sku)) == "active" for m in MARKETPLACES for sku in skus)


def _everything_shown(one: Installation) -> dict[tuple[str, str], str]:
    listings = one.sandbox.get("/control/listings").json()
    return {(x["marketplace"], x["sku"]): x["state"] for x in listings}


def _kill(one: Installation, name: str, story: Story) -> None:
    story.kills.append(name)
    try:
        os.kill(one.services()[name]["pid"], signal.SIGKILL)
    except ProcessLookupError:
        return  # it was dead already and is being started again


def _cancel(one: Installation, sku: str, story: Story) -> None:
    sale = story.sold[sku]
    body = {"order_id": sale["order_id"]}
    answer = one.sandbox.post(f"/control/{sale['marketplace']}/cancel-order", json=body)
    if answer.status_code < httpx2.codes.MULTIPLE_CHOICES:
        story.canceled.add(sku)


def _check(one: Installation, sku: str, story: Story) -> None:
    place = story.sold[sku]["marketplace"]
    status = "canceled" if sku in story.canceled else "open"
    expected: dict[str, tuple[str, ...]] = dict.fromkeys(
        MARKETPLACES, ("inactive", "ended", "draft", "sold")
    )
    if sku in story.canceled:
        expected[place] = ("active",)
    try:
        sale_id = story.sold[sku]["sale_id"]
        until(lambda: _recorded(one, sale_id, status), f"{sale_id} is {status}", REST_SECONDS)
        until(
            lambda: all(_shown(one, sku).get(m) in states for m, states in expected.items()),
            f"{sku} shows {expected}",
            REST_SECONDS,
            detail=lambda: _shown(one, sku),
        )
    except AssertionError as error:
        story.violations.append(f"{sku} sold on {place}: {error}")


def _shown(one: Installation, sku: str) -> dict[str, str]:
    return {m: state for (m, s), state in _everything_shown(one).items() if s == sku}


def _recorded(one: Installation, sale_id: str, status: str) -> bool:
    try:
        answer: Any = one.http.get(f"/api/v1/sales/{sale_id}")
        return bool(answer.status_code == httpx2.codes.OK and answer.json()["status"] == status)
    except httpx2.HTTPError:
        return False


if __name__ == "__main__":
    sys.exit(main())
