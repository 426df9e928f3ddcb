"""Asking the gateway: where it is, what it answers, and the exit code that follows from it."""

import json
import os
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any

import httpx2
import typer

from brocante_local.cli.exits import Exit, leave
from brocante_local.supervisor.data_dir import DataDir, default_data_dir

Wait = Annotated[
    float, typer.Option("--wait", help="Seconds to wait for the outcome; 0: do not wait.")
]
DataDirOption = Annotated[
    Path | None, typer.Option("--data-dir", help="Of the running installation (up.json is there).")
]
PATIENCE = 30.0
DEFAULT_WAIT = 20.0
MERGE_PATCH = "application/merge-patch+json"


class Api:
    """The gateway's HTTP API as the CLI uses it; every method ends the program on a refusal."""

    def __init__(self, http: str, token: str) -> None:
        self._client = httpx2.Client(
            base_url=f"{http.rstrip('/')}/api/v1",
            headers={"Authorization": f"Bearer {token}"},
            timeout=PATIENCE,
        )

    def get(self, path: str, **query: Any) -> Any:
        """Read something."""
        kept = {name: value for name, value in query.items() if value is not None}
        return self._ask("GET", path, params=kept)

    def send(self, method: str, path: str, body: Any = None, *, wait: float = DEFAULT_WAIT) -> Any:
        """Write something and wait for its outcome; exit code 5 when it is not done in time."""
        headers = {"Content-Type": MERGE_PATCH if method == "PATCH" else "application/json"}
        if wait > 0:
            headers["Prefer"] = f"wait={wait:g}"
        content = None if body is None else json.dumps(body)
        return self._ask(method, path, wait=wait, content=content, headers=headers)

    def upload(self, path: str, file: Path, media_type: str) -> Any:
        """Send a file as the body."""
        headers = {"Content-Type": media_type}
        return self._ask("POST", path, content=file.read_bytes(), headers=headers)

    def _ask(self, method: str, path: str, *, wait: float = 0, **options: Any) -> Any:
        options["timeout"] = PATIENCE + wait
        try:
            answer = self._client.request(method, path, **options)
        except httpx2.TransportError as error:
            leave(Exit.FAILURE, f"{self._client.base_url} cannot be reached: {error}")
        if not answer.is_success:
            leave(_exit_code(answer.status_code), *_problem(answer))
        body = answer.json() if answer.content else None
        if wait > 0 and answer.status_code == HTTPStatus.ACCEPTED:
            leave(Exit.NOT_IN_TIME, f"not done within {wait:g} s: {json.dumps(body)}")
        return body


def connect(data_dir: Path | None = None) -> Api:
    """The gateway of `BROCANTE_URL` and `BROCANTE_TOKEN`, else of the installation that runs."""
    url = os.environ.get("BROCANTE_URL")
    if url:
        return Api(url, os.environ.get("BROCANTE_TOKEN", ""))
    state = running(data_dir)
    return Api(state["http"], state["token"])


def running(data_dir: Path | None) -> dict[str, Any]:
    """What the running installation says of itself."""
    data = DataDir(data_dir or default_data_dir())
    try:
        state: dict[str, Any] = json.loads(data.up_file.read_text())
    except FileNotFoundError:
        leave(
            Exit.FAILURE,
            f"Nothing runs on {data.path}: start it with `brocante up`,"
            " or set BROCANTE_URL and BROCANTE_TOKEN",
        )
    return state


def _exit_code(status: int) -> Exit:
    if status == HTTPStatus.NOT_FOUND:
        return Exit.NOT_FOUND
    if status in (HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.BAD_REQUEST):
        return Exit.REJECTED
    return Exit.FAILURE


def _problem(answer: httpx2.Response) -> list[str]:
    """A problem document as lines: what is wrong, then each issue with its field."""
    try:
        body = answer.json()
    except ValueError:
        body = None
    if not isinstance(body, Mapping):
        return [f"{answer.status_code}: {answer.text[:500]}"]
    lines = [str(body.get("detail") or body.get("title") or answer.status_code)]
    for issue in body.get("errors") or []:
        place = " ".join(str(p) for p in (issue.get("marketplace"), issue.get("field")) if p)
        texts = (issue.get("message"), issue.get("action"))
        lines.append(f"  {place or issue.get('code')}: {' '.join(str(t) for t in texts if t)}")
    return lines
