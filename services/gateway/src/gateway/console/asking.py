"""From a form to a command: the same path that the API takes."""

import uuid
from typing import Any, TypeVar

from pydantic import BaseModel

from brocante.contracts.message import Message
from gateway.console.pages import Form
from gateway.http.bodies import read_as
from gateway.http.context import Context
from gateway.http.sending import keep_once
from gateway.records.access import Principal

M = TypeVar("M", bound=BaseModel)
ONCE = "once"


def once() -> str:
    """A key for a form: sent twice, its commands are kept once."""
    return uuid.uuid4().hex


async def ask(
    gateway: Context, who: Principal, fields: Form, message: Message, part: str = ""
) -> str:
    """Keep a command, to be published; its id. `part` tells a form's commands apart."""
    key = fields.get(ONCE)
    return await keep_once(gateway, who, message, f"{key}:{part}" if key else None)


def message_of(kind: type[M], **values: Any) -> M:
    """A message of what a form said; what is empty was not said, what is wrong is refused."""
    said = {name: value for name, value in values.items() if value not in (None, "")}
    return read_as(kind, said, fixed={})
