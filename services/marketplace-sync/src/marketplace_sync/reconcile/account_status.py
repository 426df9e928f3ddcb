"""How an account is, as its document has it: paused by people, refused, or with an open circuit."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import cast

from msgspec.structs import replace

from brocante.documents.document import Document
from brocante.documents.store import DocumentStore
from brocante.messaging.outputs import Speaker
from brocante.messaging.unsent import UnsentOutputs, recorded
from marketplace_sync import outgoing
from marketplace_sync.addressing import RESYNC, account_id
from marketplace_sync.documents import Kinds
from marketplace_sync.domain.account import AccountState, Status

PROBE = timedelta(seconds=30)
MOST_TRIES = 5


@dataclass(slots=True)
class AccountStatus:
    """The status of one dealer's account, and the last resync."""

    marketplace: str
    dealer: str
    kinds: Kinds
    store: DocumentStore
    unsent: UnsentOutputs
    speaker: Speaker
    known: AccountState = field(default_factory=AccountState)
    resync: AccountState | None = None

    async def look(self) -> AccountState:
        """Read it again: another replica's intake may have paused it."""
        id_ = account_id(self.dealer)
        found = await self.store.load([id_, RESYNC], fresh=True)
        self.known = self._state(found[id_])
        if found[RESYNC].state is not None:
            self.resync = self._state(found[RESYNC])
        return self.known

    async def say(self, status: str, detail: str) -> None:
        """Record how it is now, and say so if that is news; a pause stays until it is lifted."""
        id_ = account_id(self.dealer)
        for _ in range(MOST_TRIES):
            document = (await self.store.load([id_], fresh=True))[id_]
            state = self._state(document)
            if state.paused:
                # Only the operator who paused it says otherwise.
                return
            if await self._changed(document, state, cast("Status", status), detail):
                return

    async def _changed(
        self, document: Document, state: AccountState, status: Status, detail: str
    ) -> bool:
        now = datetime.now(UTC)
        changed = replace(
            state,
            status=status,
            since=state.since if state.status == status else now,
            detail=detail,
            probe_at=now + PROBE if status == "unauthorized" else None,
        )
        news = [outgoing.status(changed, self.marketplace, now)] if state.status != status else []
        following = recorded(document, self.kinds.accounts, changed, news, self.speaker, now)
        if await self.store.save([following]):
            return False
        self.known = changed
        await self.unsent.flush([following])
        return True

    def _state(self, document: Document) -> AccountState:
        return self.kinds.accounts.read(document) or AccountState()
