"""What makes a class a message: its type, topics, key and major version, on the class itself."""

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict

Kind = Literal["command", "event"]


class Message(BaseModel):
    """A payload with its place on the wire.

    Subclasses say, as class arguments, `type` (exactly the `ce_type`), `topics` (one, unless every
    service answers with it; may hold `{marketplace}`), `key` (payload fields tried in order for
    the record key, after the dealer), `subject` (payload fields tried for `ce_subject`) and
    `major`. Payloads are immutable; unknown fields are ignored when read and never written.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    TYPE: ClassVar[str] = ""
    MAJOR: ClassVar[int] = 1
    KIND: ClassVar[Kind]
    TOPICS: ClassVar[tuple[str, ...]] = ()
    KEY: ClassVar[tuple[str, ...]] = ()
    SUBJECT: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(
        cls,
        *,
        type: str = "",  # noqa: A002 - the word of the wire
        topics: tuple[str, ...] = (),
        key: tuple[str, ...] = (),
        subject: tuple[str, ...] = (),
        major: int = 1,
        **kwargs: Any,
    ) -> None:
        """Read the class arguments and enter a concrete message into the registry."""
        super().__init_subclass__(**kwargs)
        if not type:
            return
        cls.TYPE, cls.MAJOR, cls.TOPICS, cls.KEY = type, major, topics, key
        cls.SUBJECT = subject or key
        if (type, major) in _registry:
            raise TypeError(f"two message classes for {type} {major}")
        _registry[type, major] = cls

    @property
    def topic(self) -> str:
        """The one topic of this message; for a type on several topics, name it when sending."""
        return self.TOPICS[0].replace("{marketplace}", self._first("marketplace") or "")

    @property
    def key(self) -> str | None:
        """The record key without its dealer, or None: the sender then keys by subject."""
        return self._first(*self.KEY)

    @property
    def subject(self) -> str | None:
        """The item or sale (or other thing) this message is about."""
        return self._first(*self.SUBJECT)

    def wire(self) -> dict[str, Any]:
        """The payload as JSON values; absent optional fields are left out."""
        return self.model_dump(mode="json", exclude_none=True)

    def _first(self, *names: str) -> str | None:
        for name in names:
            value = getattr(self, name, None)
            if value:
                return str(value)
        return None


_registry: dict[tuple[str, int], type[Message]] = {}


class Command(Message):
    """Asks one service to do something; imperative; answered by at least one event."""

    KIND = "command"


class Event(Message):
    """Says what happened; past tense; one producer."""

    KIND = "event"


def message_class(message_type: str, major: int = 1) -> type[Message] | None:
    """The class for a `ce_type` and major, or None when this version knows no such message."""
    return _registry.get((message_type, major))


def message_classes() -> Iterator[type[Message]]:
    """Every message class, by type."""
    return iter(sorted(_registry.values(), key=lambda cls: (cls.TYPE, cls.MAJOR)))
