"""The controls of a marketplace's details, and the change that a filled-in form asks for. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from brocante.contracts.pointers import at_pointer
from brocante.contracts.values import Requirement

Content = Mapping[str, Any]
ALWAYS = (
    Requirement(field="/title", label="Title", type="string"),
    Requirement(field="/price", label="Price", type="money"),
    Requirement(field="/condition", label="Condition", type="string"),
    Requirement(field="/category", label="Category", type="string"),
    Requirement(field="/description", label="Description", type="string"),
    Requirement(field="/images", label="Images", type="list"),
)
"""What every listing can say for itself; a marketplace's requirements say more about them."""
NOT_HERE = frozenset({"/quantity", "/sku", "/item_id"})
LONG = 200
TRUE, FALSE = "true", "false"


@dataclass(frozen=True, slots=True)
class Control:
    """One field of the form: what is asked, what this marketplace says, what the item says."""

    pointer: str
    label: str
    type: str
    required: bool
    allowed: tuple[str, ...]
    max_length: int | None
    why: str | None
    effective_at: datetime | None
    value: str
    inherited: str
    currency: str

    @property
    def is_long(self) -> bool:
        """Whether it needs more than one line."""
        long = self.max_length is not None and self.max_length > LONG
        return self.type == "list" or self.pointer == "/description" or (long and not self.allowed)

    def changes_after(self, now: datetime) -> bool:
        """Whether the requirement is announced and not yet in force."""
        return self.effective_at is not None and self.effective_at > now


def controls(
    item: Content, marketplace: str, asked: Iterable[Requirement], given: Content | None = None
) -> list[Control]:
    """What is required first, then what every listing can say, then what it says besides.

    `given` is a form that was sent: its values are shown again.
    """
    required = {one.field: one for one in asked if one.field not in NOT_HERE}
    known = {**{one.field: one for one in ALWAYS}, **required}
    own = details_of(item, marketplace)
    for name in {**own.get("attributes", {}), **item.get("attributes", {})}:
        field = f"/attributes/{_escaped(str(name))}"
        label = str(name).replace("_", " ").capitalize()
        known.setdefault(field, Requirement(field=field, label=label))
    first = sorted(known.values(), key=lambda one: (not one.required, _rank(one.field)))
    return [_control(one, item, own, given) for one in first]


def details_of(item: Content, marketplace: str) -> dict[str, Any]:
    """What a marketplace shows instead of the item's own content."""
    listing = item["listings"].get(marketplace, {})
    details: dict[str, Any] = listing.get("details") or {}
    return {name: value for name, value in details.items() if value is not None}


def patch_of(given: Iterable[Control], own: Content) -> dict[str, Any]:
    """The merge patch that makes the details what was given; an empty field is taken away."""
    patch: dict[str, Any] = {}
    for control in given:
        before = at_pointer(own, control.pointer)
        after = _parsed(control, before)
        if after != before:
            _set(patch, control.pointer, after)
    return patch


def _control(asked: Requirement, item: Content, own: Content, given: Content | None) -> Control:
    inherited = at_pointer(item, asked.field)
    said = at_pointer(own, asked.field)
    price = said if isinstance(said, Mapping) else inherited
    currency = price.get("currency", "USD") if isinstance(price, Mapping) else "USD"
    return Control(
        asked.field,
        asked.label,
        asked.type,
        asked.required,
        tuple(asked.allowed or ()),
        asked.max_length,
        asked.why,
        asked.effective_at,
        as_text(said) if given is None else str(given.get(asked.field, "")).strip(),
        as_text(inherited),
        str(currency if given is None else given.get("currency") or currency),
    )


def as_text(value: Any) -> str:
    """A value as it stands in a form: a list line by line, money without its currency."""
    match value:
        case {"amount": amount}:
            return str(amount)
        case bool():
            return TRUE if value else FALSE
        case list():
            return "\n".join(str(one) for one in value)
    return "" if value is None else str(value)


def _parsed(control: Control, before: Any) -> Any:
    text = control.value
    if not text:
        return None
    if as_text(before) == text.replace("\r\n", "\n") and control.type != "money":
        return before
    if control.type == "money":
        return {"amount": text.replace(",", ""), "currency": control.currency}
    if control.type == "list":
        return [line.strip() for line in text.splitlines() if line.strip()]
    plain: dict[str, Any] = {TRUE: True, FALSE: False} if control.type == "boolean" else {}
    if control.type == "integer" and text.lstrip("-").isdecimal():
        plain = {text: int(text)}
    return plain.get(text, text.replace("\r\n", "\n"))


def _set(patch: dict[str, Any], pointer: str, value: Any) -> None:
    *outer, last = (part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/"))
    place = patch
    for name in outer:
        place = place.setdefault(name, {})
    place[last] = value


def _rank(field: str) -> tuple[int, str]:
    order = [one.field for one in ALWAYS]
    return (order.index(field), "") if field in order else (len(order), field)


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
