"""A JSON Pointer names a place and finds it again, whatever the names are."""

from typing import Any

import pytest

from brocante.contracts.pointers import at_pointer, pointer


@pytest.mark.parametrize(
    ("parts", "written"),
    [((), ""), (("price", "amount"), "/price/amount"), (("a/b", "c~d", 0), "/a~1b/c~0d/0")],
)
def test_a_place_is_written_as_rfc_6901_has_it(parts: tuple[Any, ...], written: str) -> None:
    assert pointer(parts) == written


@pytest.mark.parametrize("parts", [("a/b", "~1"), ("images", 1), ("~", "/", "~0")])
def test_what_was_written_finds_its_place(parts: tuple[Any, ...]) -> None:
    content: Any = "found"
    for part in reversed(parts):
        content = ["not here", content] if isinstance(part, int) else {part: content}
    assert at_pointer(content, pointer(parts)) == "found"
    assert at_pointer({}, pointer(parts)) is None
