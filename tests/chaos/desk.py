"""What a dealer's program does over HTTP: commands with an idempotency key, until accepted."""

import asyncio
import time
from typing import Any

import httpx2

from tests.chaos.books import Accepted, Books
from tests.chaos.recorder import Recorder

RETRY_SECONDS = 0.4
ACCEPTED = (200, 201, 202)


class Desk:
    """One client of the gateway; faults are its everyday."""

    def __init__(
        self, http: str, token: str, books: Books, recorder: Recorder, patience: float
    ) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self.client = httpx2.AsyncClient(
            base_url=http, headers=headers, timeout=15, trust_env=False
        )
        self._books = books
        self._recorder = recorder
        self._patience = patience

    async def send(
        self,
        path: str,
        body: Any,
        key: str,
        piece: str,
        *,
        method: str = "POST",
    ) -> str | None:
        """Send a command until it is accepted; its id, or None when it never was.

        Once a 202 was seen, the command is Brocante's to keep.
        """
        headers = {"Idempotency-Key": key}
        if method == "PATCH":
            headers["Content-Type"] = "application/merge-patch+json"
        end = time.monotonic() + self._patience
        while time.monotonic() < end:
            answer = await self.ask(method, path, json=body, headers=headers)
            if answer is not None and answer.status_code in ACCEPTED:
                said = answer.json()
                id_ = str(said["command_id"])
                self._books.accept(Accepted(id_, said["type"], "http", time.time(), piece))
                return id_
            if answer is not None and answer.status_code < httpx2.codes.INTERNAL_SERVER_ERROR:
                raise AssertionError(f"{method} {path}: {answer.status_code} {answer.text}")
            await asyncio.sleep(RETRY_SECONDS)
        return None

    async def done(
        self,
        path: str,
        body: Any,
        key: str,
        piece: str,
        **how: Any,
    ) -> str:
        """Send a command and wait for its answer: done, rejected, or lost (not in time)."""
        id_ = await self.send(path, body, key, piece, **how)
        if id_ is None or not await self._recorder.answered(id_, self._patience):
            return "lost"
        return "rejected" if self._recorder.answers[id_] == "command.rejected" else "done"

    async def ask(self, method: str, path: str, **more: Any) -> httpx2.Response | None:
        """One request; None when nobody answered."""
        try:
            return await self.client.request(method, f"/api/v1{path}", **more)
        except httpx2.TransportError:
            return None

    async def all(self, path: str, seconds: float = 60.0) -> list[dict[str, Any]]:
        """Every page of a list."""
        found: list[dict[str, Any]] = []
        cursor: str | None = None
        end = time.monotonic() + seconds
        while True:
            query = {"limit": "500", **({"cursor": cursor} if cursor else {})}
            answer = await self.ask("GET", path, params=query)
            if answer is None or answer.status_code != httpx2.codes.OK:
                if time.monotonic() > end:
                    raise AssertionError(f"GET {path} is not answered")
                await asyncio.sleep(RETRY_SECONDS)
                continue
            page = answer.json()
            found += page["items"]
            cursor = page.get("next_cursor")
            if cursor is None:
                return found

    async def close(self) -> None:
        """Disconnect."""
        await self.client.aclose()
