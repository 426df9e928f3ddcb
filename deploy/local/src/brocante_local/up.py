"""`brocante up`: starts an installation, says where it is, keeps it until told to stop."""

import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from brocante.exits import EXIT_CONFIGURATION, EXIT_FAILURE
from brocante.settings import BadConfiguration, Settings, load
from brocante_local.backends.child import DidNotStart
from brocante_local.supervisor.data_dir import DataDir, Unusable
from brocante_local.supervisor.installation import Installation, Say
from brocante_local.supervisor.layout import Layout, PortTaken, Wish

T = TypeVar("T")
Story = Callable[[dict[str, Any]], Coroutine[Any, Any, int]]


class Interrupted(Exception):  # noqa: N818 - not an error
    """Told to stop."""


def run_up(path: Path, wish: Wish, say: Say, story: Story) -> int:
    """Run an installation, and `story` once it is up; the exit code.

    The story gets what `up.json` holds; the installation ends with it. Whatever keeps the
    installation from starting is one line on stderr.
    """
    data = DataDir(path)
    try:
        with data.taken():
            return asyncio.run(_run(data, wish, say, story))
    except (BadConfiguration, PortTaken, Unusable) as finding:
        sys.stderr.write(f"{finding}\n")
        return EXIT_FAILURE if isinstance(finding, Unusable) else EXIT_CONFIGURATION
    except (DidNotStart, OSError) as finding:
        sys.stderr.write(f"{finding}\n")
        return EXIT_FAILURE


async def until_stopped(state: dict[str, Any], as_json: bool) -> int:
    """The story of plain `up`: say where everything is, then wait."""
    sys.stdout.write((json.dumps(state) if as_json else readable(state)) + "\n")
    sys.stdout.flush()
    await asyncio.Event().wait()
    return 0


def readable(state: dict[str, Any]) -> str:
    """Where everything is, for a person."""
    lines = [
        "Brocante is up.",
        f"  sign in    {state['sign_in']}",
        f"  API        {state['http']}/api/v1   (Authorization: Bearer {state['token']})",
        f"  Kafka      {state['kafka']}",
        f"  MongoDB    {state['mongo']}",
        f"  sandbox    {state['sandbox']}",
        "",
        f"  {'process':<26}{'pid':>8}  metrics",
    ]
    for name, process in sorted(state["services"].items()):
        lines.append(f"  {name:<26}{process['pid']:>8}  {process['metrics'] or '-'}")
    return "\n".join([*lines, "", "Ctrl-C stops everything."])


async def _run(data: DataDir, wish: Wish, say: Say, story: Story) -> int:
    layout = Layout(data, wish)
    settings = load(Settings).model_copy(update={"kafka": layout.kafka, "mongo": layout.mongo})
    installation = Installation(data, layout, settings, say)
    asked = _stop_signals(installation)
    try:
        await _or_stop(installation.start(), asked)
        return await _or_stop(_watched(installation, story), asked)
    except Interrupted:
        return 0
    finally:
        say("stopping")
        await installation.stop()


async def _watched(installation: Installation, story: Story) -> int:
    watching = asyncio.create_task(installation.watch())
    telling = asyncio.create_task(story(installation.state()))
    both: set[asyncio.Task[Any]] = {watching, telling}
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if watching.done():
            watching.result()
        return telling.result()
    finally:
        for task in both:
            task.cancel()
        await asyncio.gather(*both, return_exceptions=True)


async def _or_stop(work: Coroutine[Any, Any, T], asked: asyncio.Event) -> T:
    task = asyncio.create_task(work)
    waiting = asyncio.create_task(asked.wait())
    both: set[asyncio.Task[Any]] = {task, waiting}
    await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if not task.done():
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        raise Interrupted
    return task.result()


def _stop_signals(installation: Installation) -> asyncio.Event:
    """Set by the first Ctrl-C or SIGTERM; a second one ends everything at once."""
    asked = asyncio.Event()

    def stop() -> None:
        if asked.is_set():
            installation.kill()
        asked.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop)
    return asked
