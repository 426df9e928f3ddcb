"""A state that was stored means the same when it is read."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import json

from brocante.messaging.deciding import DocumentType

SIXTY_FOUR_BITS = st.integers(-(2**63), 2**63 - 1)
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | SIXTY_FOUR_BITS
    | TEXT
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inside: st.lists(inside) | st.dictionaries(TEXT, inside),
)


@dataclass(frozen=True, slots=True)
class Part:
    """Something inside a state."""

    at: datetime | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class State:
    """Everything that states of services are made of."""

    text: str
    number: int = 0
    said: bool = False
    attributes: dict[str, Any] = field(default_factory=dict)
    parts: dict[str, Part] = field(default_factory=dict)
    waiting: tuple[Part | int, ...] = ()


PARTS = st.builds(
    Part,
    at=st.none() | st.datetimes(timezones=st.just(UTC)),
    names=st.lists(TEXT).map(tuple),
)
STATES = st.builds(
    State,
    text=TEXT,
    number=SIXTY_FOUR_BITS,
    said=st.booleans(),
    attributes=st.dictionaries(TEXT, PLAIN),
    parts=st.dictionaries(TEXT, PARTS),
    waiting=st.lists(PARTS | SIXTY_FOUR_BITS).map(tuple),
)
DOCUMENTS: DocumentType[State] = DocumentType("states", json.Decoder(State))


@settings(max_examples=50)
@given(STATES)
def test_a_state_is_read_as_it_was_written(state: State) -> None:
    assert DOCUMENTS.state.decode(DOCUMENTS.text(state)) == state
