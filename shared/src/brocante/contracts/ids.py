"""Ids of what Brocante says itself: redoing work yields the same ids (docs/messages.md)."""

import hashlib
import uuid

OUTPUTS = uuid.uuid5(uuid.NAMESPACE_URL, "urn:brocante:outputs")
DOCUMENTS = uuid.uuid5(uuid.NAMESPACE_URL, "urn:brocante:documents")
COMMANDS = uuid.uuid5(uuid.NAMESPACE_URL, "urn:brocante:commands")
SEPARATOR = "\x1f"


def output_id(cause_source: str, cause_id: str, subject: str, message_type: str, n: int) -> str:
    """The id of the n-th output that a message caused."""
    parts = (cause_source, cause_id, subject, message_type, str(n))
    return _named(OUTPUTS, *parts)


def own_output_id(document: str, version: int, n: int) -> str:
    """The id of the n-th output of a write that no message caused."""
    return _named(DOCUMENTS, document, str(version), str(n))


def command_id(dealer: str, token: str, idempotency_key: str) -> str:
    """The id of an HTTP command sent with an `Idempotency-Key`: the same key, the same command."""
    return _named(COMMANDS, dealer, token, idempotency_key)


def _named(space: uuid.UUID, *parts: str) -> str:
    """What `uuid.uuid5` gives, as text and in a third of its time: one for each output."""
    name = space.bytes + SEPARATOR.join(parts).encode()
    digest = hashlib.sha1(name, usedforsecurity=False).hexdigest()
    variant = "89ab"[int(digest[16], 16) & 3]
    return f"{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:32]}"
