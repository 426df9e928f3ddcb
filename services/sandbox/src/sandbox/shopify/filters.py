"""Shopify's search syntax, as far as it is used: `sku:'A 1' status:active updated_at:>=2026-…`."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

TERM = re.compile(
    r"(?P<name>[a-z_]+):(?P<sign>[<>]=?)?(?:'(?P<single>(?:\\.|[^'\\])*)'|"
    r'"(?P<double>(?:\\.|[^"\\])*)"|(?P<bare>\S+))'
)
ESCAPED = re.compile(r"\\(.)")
MOMENT_LENGTH = 19


@dataclass(frozen=True, slots=True)
class Term:
    """One condition."""

    name: str
    sign: str
    text: str

    def holds(self, value: Any) -> bool:
        """Whether a value meets the condition; times are compared to the second."""
        if not self.sign:
            return str(value).casefold() == self.text.casefold()
        left, right = str(value)[:MOMENT_LENGTH], self.text[:MOMENT_LENGTH]
        return {
            ">": left > right,
            ">=": left >= right,
            "<": left < right,
            "<=": left <= right,
        }[self.sign]


def terms(query: str | None) -> list[Term]:
    """The conditions of a search; all must hold."""
    return [
        Term(match["name"], match["sign"] or "", _text(match))
        for match in TERM.finditer(query or "")
    ]


def matching(query: str | None, fields: Callable[[Any], dict[str, Any]]) -> Callable[[Any], bool]:
    """A filter over records; a condition on a field that `fields` does not give is ignored."""
    conditions = terms(query)

    def keep(record: Any) -> bool:
        values = fields(record)
        return all(term.holds(values[term.name]) for term in conditions if term.name in values)

    return keep


def _text(match: re.Match[str]) -> str:
    quoted = match["single"] if match["single"] is not None else match["double"]
    return match["bare"] if quoted is None else ESCAPED.sub(r"\1", quoted)
