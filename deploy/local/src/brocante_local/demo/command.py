"""Runs the story on an installation of its own."""

import asyncio
import dataclasses
import json
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import httpx2

from brocante.exits import EXIT_FAILURE
from brocante_local.demo.story import Outcome, Story
from brocante_local.demo.views import Gateway, Sandbox, StoryEnded
from brocante_local.supervisor.layout import Wish
from brocante_local.up import readable, run_up


def run_demo(
    catalogue: Path | None, data_dir: Path | None, *, exit_after: bool, as_json: bool
) -> int:
    """Play the story on fresh data (kept only in a given `data_dir`); the exit code."""
    began = time.monotonic()

    async def story(state: dict[str, Any]) -> int:
        code = await _play(state, catalogue, began, as_json)
        if exit_after or code != 0:
            return code
        say(readable(state))
        say(f"\nLook around: {state['sign_in']}")
        await asyncio.Event().wait()
        return 0

    if data_dir is not None:
        return run_up(data_dir, Wish(), say, story)
    with tempfile.TemporaryDirectory(prefix="brocante-demo-") as fresh:
        return run_up(Path(fresh), Wish(), say, story)


def say(text: str) -> None:
    """A line for whoever watches."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


async def _play(state: dict[str, Any], catalogue: Path | None, began: float, as_json: bool) -> int:
    gateway, sandbox = Gateway(state["http"], state["token"]), Sandbox(state["sandbox"])
    told = Story(gateway, sandbox, say)
    try:
        with as_file(files("brocante_local.data") / "catalogue.csv") as shipped:
            await told.play(catalogue or shipped)
    except (StoryEnded, httpx2.TransportError) as finding:
        say(f"The story ended early: {finding}")
        return EXIT_FAILURE
    finally:
        await gateway.close()
        await sandbox.close()
    told.outcome.seconds = round(time.monotonic() - began, 1)
    _write(told.outcome, as_json, sys.stdout.write)
    return 0 if told.outcome.as_wished else EXIT_FAILURE


def _write(outcome: Outcome, as_json: bool, write: Callable[[str], object]) -> None:
    if as_json:
        write(json.dumps(dataclasses.asdict(outcome), ensure_ascii=False) + "\n")
    else:
        write(
            f"{outcome.items} items, {outcome.activated} listings on sale,"
            f" {len(outcome.rejected)} refused; after the cancellation:"
            f" {outcome.cancel['origin']}, {outcome.cancel['others']}; {outcome.seconds} s.\n"
        )
    sys.stdout.flush()
