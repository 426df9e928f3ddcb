"""Ids of what Brocante says itself: redoing work yields the same ids (docs/messages.md)."""

import uuid

OUTPUTS = uuid.uuid5(uuid.NAMESPACE_URL, "urn:brocante:outputs")
DOCUMENTS = uuid.uuid5(uuid.NAMESPACE_URL, "urn:brocante:documents")
COMMANDS = uuid.uuid5(uuid.NAMESPACE_URL, "urn:brocante:commands")
SEPARATOR = "\x1f"


def output_id(cause_source: str, cause_id: str, subject: str, message_type: str, n: int) -> str:
    """The id of the n-th output that a message caused."""
    parts = (cause_source, cause_id, subject, message_type, str(n))
    return str(uuid.uuid5(OUTPUTS, SEPARATOR.join(parts)))


def own_output_id(document: str, version: int, n: int) -> str:
    """The id of the n-th output of a write that no message caused."""
    return str(uuid.uuid5(DOCUMENTS, SEPARATOR.join((document, str(version), str(n)))))


def command_id(dealer: str, token: str, idempotency_key: str) -> str:
    """The id of an HTTP command sent with an `Idempotency-Key`: the same key, the same command."""
    return str(uuid.uuid5(COMMANDS, SEPARATOR.join((dealer, token, idempotency_key))))
