"""Commands by the gateway's HTTP API: kept by the gateway before it answers."""

from time import monotonic
from typing import Any

import httpx2

from brocante.client.handle import Answer, Rejected
from brocante.contracts.message import Command

MERGE_PATCH = "application/merge-patch+json"
LONGEST_WAIT = 20
# Method, path, and the payload fields that the path carries.
ROUTES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "item.create": ("POST", "/items", ()),
    "item.update": ("PATCH", "/items/{item_id}", ("item_id",)),
    "item.delete": ("DELETE", "/items/{item_id}", ("item_id",)),
    "item.activate": ("POST", "/items/{item_id}/activate", ("item_id",)),
    "item.deactivate": ("POST", "/items/{item_id}/deactivate", ("item_id",)),
    "item.hold": ("POST", "/items/{item_id}/hold", ("item_id",)),
    "item.release": ("POST", "/items/{item_id}/release", ("item_id",)),
    "sale.record": ("POST", "/sales", ()),
    "sale.cancel": ("POST", "/sales/{sale_id}/cancel", ("sale_id", "origin")),
}
ACCEPTED, BAD_REQUEST = 202, 400


class OverHttp:
    """One gateway and one token."""

    def __init__(self, url: str, token: str) -> None:
        self._http = httpx2.AsyncClient(
            base_url=f"{url.rstrip('/')}/api/v1",
            headers={"Authorization": f"Bearer {token}"},
            timeout=LONGEST_WAIT + 10,
        )
        self._sent: dict[str, str] = {}

    async def start(self) -> None:
        """Connections are made when needed."""

    async def stop(self) -> None:
        """Let go of the connections."""
        await self._http.aclose()

    async def send(self, command: Command, command_id: str) -> None:
        """The id serves as Idempotency-Key: the gateway derives its own from it."""
        method, path, in_path = ROUTES[command.TYPE]
        body = {k: v for k, v in command.wire().items() if k not in in_path}
        kind = MERGE_PATCH if method == "PATCH" else "application/json"
        answer = await self._http.request(
            method,
            path.format(**command.wire()),
            json=body.get("changes", body) if method == "PATCH" else body or None,
            headers={"Idempotency-Key": command_id, "Content-Type": kind},
        )
        if answer.status_code >= BAD_REQUEST:
            raise _rejected(answer.json())
        self._sent[command_id] = str(answer.json()["command_id"])

    async def answer(self, command: Command, command_id: str, seconds: float) -> Answer | None:
        """Ask until it is done."""
        end = monotonic() + seconds
        while monotonic() < end:
            answer = await self._http.get(f"/commands/{self._sent[command_id]}")
            answer.raise_for_status()
            found: dict[str, Any] = answer.json()
            if found["status"] == "rejected":
                raise _rejected(found["problem"])
            if found["status"] == "done":
                payload = found["sale"] if command.TYPE.startswith("sale.") else found["item"]
                return Answer(found["type"], payload)
        return None

    async def item(self, item_id: str) -> dict[str, Any] | None:
        """The gateway's view."""
        answer = await self._http.get(f"/items/{item_id}")
        if answer.status_code != httpx2.codes.OK:
            return None
        item: dict[str, Any] = answer.json()
        return item


def _rejected(problem: dict[str, Any]) -> Rejected:
    issues: list[dict[str, Any]] = problem.get("errors", [])
    field = issues[0].get("field") if issues else None
    return Rejected(problem["code"], problem.get("detail", ""), field, issues)
