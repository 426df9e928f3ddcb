"""The processes of an installation as the rig runs them: watched, stopped, doubled, replaced."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from brocante_local.backends.child import Launch
from brocante_local.backends.ports import HOST, free_port
from brocante_local.supervisor.layout import Layout, is_ready
from brocante_local.supervisor.process import Plan, Process

WATCH_SECONDS = 0.1
SESSION_MS = 6_000
STOP_SECONDS = 10.0
ROOT = Path(__file__).parents[2]


class Services:
    """Every service of the layout, started again when it ends, as `brocante up` does."""

    def __init__(
        self, layout: Layout, *, plant: str, idempotent: bool, settings: Mapping[str, str]
    ) -> None:
        self._layout = layout
        self._more = {**_environment(plant, idempotent=idempotent), **settings}
        self.sandbox = Process(self._told(layout.sandbox_plan()))
        self.processes = {plan.name: Process(self._told(plan)) for plan in layout.services()}
        self._twins: dict[str, Process] = {}
        self._halted = asyncio.Event()
        self.ends: list[tuple[str, int]] = []
        """Every end of a process with its exit code, oldest first."""

    def told_sandbox(self, settings: Mapping[str, str]) -> None:
        """Give the sandbox settings, such as the address the services shall call it at."""
        more = {f"BROCANTE_SANDBOX_{name}": value for name, value in settings.items()}
        self.sandbox = Process(_with(self._told(self._layout.sandbox_plan()), more))

    async def start(self) -> None:
        """Start every service and wait until all are ready."""
        self.start_all()
        await asyncio.gather(*(process.ready() for process in self.processes.values()))

    def start_all(self) -> None:
        """Start every service; nobody waits."""
        for process in self.processes.values():
            process.start()

    async def stop_all(self, seconds: float) -> None:
        """Stop every service and twin."""
        for name in self.processes:
            self.signal(name, signal.SIGCONT)
        everyone = [*self.processes.values(), *self._twins.values()]
        await asyncio.gather(*(process.stop(seconds) for process in everyone))

    async def watch(self) -> None:
        """Start again what ends, forever."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            for process in [self.sandbox, *self.processes.values()]:
                code = process.ended()
                if code is not None:
                    self.ends.append((process.plan.name, code))
                if process.is_due():
                    process.start()

    def signal(self, name: str, number: signal.Signals) -> bool:
        """Send a signal to a service; False when it is not there just now."""
        child = self.processes[name].child
        if child is None or child.exit_code is not None:
            return False
        with suppress(ProcessLookupError):
            os.kill(child.pid, number)
            return True
        return False

    async def double(self, name: str) -> None:
        """Start another replica of a service."""
        if name in self._twins:
            return
        port = free_port()
        plan = next(plan for plan in self._layout.services() if plan.name == name)
        more = {"BROCANTE_METRICS_PORT": str(port), "BROCANTE_HTTP_PORT": str(port)}
        asked = partial(is_ready, f"http://{HOST}:{port}")
        twin = self._twins[name] = Process(_with(self._told(plan), more, asked))
        twin.start()

    async def single(self, name: str) -> None:
        """Stop the other replica."""
        twin = self._twins.pop(name, None)
        if twin is not None:
            await twin.stop(STOP_SECONDS)

    def twin_answers(self, name: str) -> bool:
        """Whether the other replica of a service says that it is ready."""
        return name in self._twins and _answers(self._twins[name])

    async def ready(self) -> dict[str, bool]:
        """Which services say that they are ready."""
        asked = await asyncio.gather(
            *(asyncio.to_thread(_answers, process) for process in self.processes.values())
        )
        return dict(zip(self.processes, asked, strict=True))

    def _told(self, plan: Plan) -> Plan:
        return _with(plan, self._more)


def _answers(process: Process) -> bool:
    child = process.child
    return child is not None and child.exit_code is None and child.launch.answers()


def _with(plan: Plan, more: Mapping[str, str], answers: Callable[[], bool] | None = None) -> Plan:
    """The same plan with more in the environment, and perhaps another one to ask."""

    def launch() -> Launch:
        planned = plan.launch()
        environment = {**(planned.environment or {}), **more}
        return replace(planned, environment=environment, answers=answers or planned.answers)

    return replace(plan, launch=launch)


def _environment(plant: str, *, idempotent: bool) -> dict[str, str]:
    more = {"BROCANTE_SESSION_TIMEOUT_MS": str(SESSION_MS)}
    if idempotent:
        more["BROCANTE_KAFKA_IDEMPOTENT_PRODUCER"] = "true"
        more["BROCANTE_KAFKA_FETCH_WAIT_MS"] = "100"
    if plant:
        path = [str(ROOT / "tests" / "planted"), os.environ.get("PYTHONPATH", "")]
        more["BROCANTE_PLANTED_FAULT"] = plant
        more["PYTHONPATH"] = os.pathsep.join(one for one in path if one)
    return more


def sandbox_proxy_url(port: int) -> str:
    """The address of the sandbox as services see it."""
    return f"http://{HOST}:{port}"
