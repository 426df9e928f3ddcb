"""Commands that this worker refuses, each with its reason."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from brocante.contracts.answers import CommandRejected
from brocante.messaging.deciding import Decide, Decision, Outgoing
from brocante.messaging.wire import Received


def rejected(received: Received, code: str, message: str) -> Outgoing:
    """`command.rejected`; its subject is the command's, its intent that of the target refused."""
    at = received.envelope
    refusal = CommandRejected(
        command_id=at.id,
        command_type=at.type,
        code=code,
        message=message,
        intent=getattr(received.message, "intent", None),
    )
    return Outgoing(refusal, subject=received.message.subject)


def unknown_listing(received: Received) -> Outgoing:
    """There is nothing yet that could be read or tried again."""
    return rejected(received, "unknown_listing", "This item has no listing there yet.")


def of_others(marketplace: str, dealers: Collection[str] | None) -> Callable[[Decide], Decide]:
    """Refuses what is about another marketplace, or a dealer without an account on this one.

    Nobody would ever act on it: an unanswered command would wait for ever.
    """

    def ours(decide: Decide) -> Decide:
        def guarded(state: Any, received: Received, now: datetime) -> Decision[Any]:
            named = getattr(received.message, "marketplace", marketplace)
            if named != marketplace:
                text = f"This is the worker of {marketplace}, not of {named}."
            elif dealers is not None and received.dealer not in dealers:
                text = f"There is no account on {marketplace}."
            else:
                return decide(state, received, now)
            return Decision(state, (rejected(received, "unknown_marketplace", text),))

        return guarded

    return ours
