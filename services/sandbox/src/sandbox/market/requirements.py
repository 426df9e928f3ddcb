"""Required fields that can be added and removed while running, and what breaks them."""

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from brocante.contracts.values import Requirement
from sandbox.market.clock import Clock
from sandbox.market.store import Store

ANY = "*"
ATTRIBUTES = "/attributes/"
Fault = Literal["missing", "too_long", "too_short", "too_small", "too_large", "not_allowed", "bad"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One field that breaks one requirement; `limit` is the bound that is broken."""

    requirement: Requirement
    fault: Fault
    limit: str = ""

    @property
    def field(self) -> str:
        """The JSON Pointer."""
        return self.requirement.field

    @property
    def name(self) -> str:
        """The last part of the pointer: the attribute's name, or the field's."""
        return self.field.rsplit("/", 1)[-1]

    @property
    def attribute(self) -> bool:
        """Whether it is about an attribute."""
        return self.field.startswith(ATTRIBUTES)

    @property
    def text(self) -> str:
        """What is wrong, without the field's name."""
        return {
            "missing": "is required",
            "too_long": f"cannot be longer than {self.limit}",
            "too_short": f"cannot be shorter than {self.limit}",
            "too_small": f"cannot be less than {self.limit}",
            "too_large": f"cannot be greater than {self.limit}",
            "not_allowed": f"must be one of {self.limit}",
            "bad": "is invalid",
        }[self.fault]


def category_id(words: str) -> int:
    """The id every marketplace here gives a category named in words; ids stand for themselves."""
    text = words.strip()
    if text.rsplit("/", 1)[-1].isdigit():
        return int(text.rsplit("/", 1)[-1])
    return 10_000 + zlib.crc32(text.casefold().encode()) % 890_000


class Requirements:
    """The requirements of each marketplace, by category."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def replace(self, marketplace: str, fields: list[Requirement], category: str | None) -> None:
        """Set the fields of one category, or with None of every category."""
        kept: dict[str, Any] = {}
        if category is not None:
            kept = dict(self._store.get("requirements", marketplace) or {})
        key = ANY if category is None else str(category_id(category))
        kept[key] = [field.model_dump(mode="json") for field in fields]
        self._store.put("requirements", marketplace, kept)

    def of(self, marketplace: str, category: str | None) -> list[Requirement]:
        """All fields of a category, coming ones included."""
        kept = self._store.get("requirements", marketplace)
        if not kept:
            return []
        key = str(category_id(category)) if category else ANY
        fields = kept[key] if key in kept else kept.get(ANY, [])
        return [Requirement.model_validate(field) for field in fields]

    def problems(
        self, marketplace: str, category: str | None, content: Mapping[str, Any]
    ) -> list[Problem]:
        """Everything in `content` (by JSON Pointer) that breaks a requirement in force."""
        now = self._clock.now()
        found = []
        for requirement in self.of(marketplace, category):
            if ahead(requirement, now):
                continue
            value = content.get(requirement.field)
            problem = (
                _missing(requirement) if value in (None, "", []) else _broken(requirement, value)
            )
            if problem is not None:
                found.append(problem)
        return found


def ahead(requirement: Requirement, now: datetime) -> bool:
    """Whether the requirement is announced and not yet in force."""
    return requirement.effective_at is not None and requirement.effective_at > now


def _missing(requirement: Requirement) -> Problem | None:
    return Problem(requirement, "missing") if requirement.required else None


def _broken(requirement: Requirement, value: Any) -> Problem | None:
    length = requirement.max_length
    if length is not None and len(value if isinstance(value, list) else str(value)) > length:
        return Problem(requirement, "too_long", str(length))
    entries = [str(entry) for entry in (value if isinstance(value, list) else [value])]
    if requirement.allowed and not all(entry in requirement.allowed for entry in entries):
        return Problem(requirement, "not_allowed", ", ".join(requirement.allowed))
    if requirement.pattern and not all(re.search(requirement.pattern, text) for text in entries):
        return Problem(requirement, "bad")
    return _out_of_bounds(requirement, entries)


def _out_of_bounds(requirement: Requirement, entries: list[str]) -> Problem | None:
    if requirement.type not in ("number", "integer", "money"):
        return None
    for text in entries:
        try:
            number = Decimal(text)
        except InvalidOperation:
            return Problem(requirement, "bad")
        if requirement.min is not None and number < Decimal(str(requirement.min)):
            return Problem(requirement, "too_small", f"{requirement.min:g}")
        if requirement.max is not None and number > Decimal(str(requirement.max)):
            return Problem(requirement, "too_large", f"{requirement.max:g}")
    return None
