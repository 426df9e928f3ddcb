"""Every state in the dealer's words, and the dot that goes with it (never without the words)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from gateway.records.standing import AT_WORK

Fact = Mapping[str, Any]
NAMES = {
    "1stdibs": "1stDibs",
    "chairish": "Chairish",
    "ebay": "eBay",
    "etsy": "Etsy",
    "shopify": "Shopify",
}
MARKS = {"ebay": "eB", "etsy": "Et", "shopify": "Sh", "1stdibs": "1s", "chairish": "Ch"}
STATUS = {
    "available": "Available",
    "sold": "Sold",
    "out_of_stock": "Out of stock",
    "unavailable": "Unavailable",
    "deleted": "Deleted",
    "open": "Sold",
    "canceled": "Canceled",
    "merged": "Merged",
}
OBSERVED = {
    "none": "inactive",
    "draft": "draft",
    "pending_review": "in review",
    "active": "active",
    "on_hold": "on hold",
    "inactive": "inactive",
    "sold": "sold",
    "ended": "ended",
    "unknown": "state unknown",
}
DOTS = {
    "active": "",
    "draft": "red",
    "on_hold": "yellow",
    "pending_review": "grey",
    "unknown": "grey",
}
WANTED = {
    "draft": "to become a draft",
    "active": "to become active",
    "on_hold": "to go on hold",
    "inactive": "to become inactive",
    "sold": "to be marked as sold",
}
SATISFIES = {
    "active": {"active"},
    "on_hold": {"on_hold"},
    "inactive": {"inactive", "ended", "draft", "sold", "none"},
    "sold": {"sold", "ended", "inactive", "none"},
    "draft": {"draft", "none"},
}
HELD_AS = frozenset({"inactive", "ended", "draft"})
REASONS = {
    "buyer_changed_mind": "The buyer changed their mind",
    "unpaid": "It was not paid",
    "returned": "It was returned",
    "damaged": "It is damaged",
    "missing": "It cannot be found",
    "sold_elsewhere": "It was sold elsewhere",
    "not_as_described": "It is not as described",
    "other": "Another reason",
}
RELISTS = {
    "": "Automatic",
    "origin": "Where it was sold",
    "as_before": "Everywhere as before the sale",
    "none": "Nowhere",
}
MISSING = "required_field_missing"


def place(slug: str) -> str:
    """A marketplace's name, or that of any other place of sale."""
    return NAMES.get(slug, slug.replace("-", " ").capitalize())


def mark(slug: str) -> str:
    """The letters we draw for a marketplace."""
    return MARKS.get(slug, slug[:2].capitalize())


def places(slugs: Iterable[str]) -> str:
    """`eBay, Etsy and Shopify`."""
    return listed([place(slug) for slug in slugs])


def listed(names: Sequence[str]) -> str:
    """`one, another and a third`."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else ""


def status(value: str) -> str:
    """An item's or a sale's status."""
    return STATUS.get(value, value.replace("_", " ").capitalize())


def number(count: int, one: str, many: str = "") -> str:
    """`1 field`, `2 fields`."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def money(value: Mapping[str, str] | None) -> str:
    """`USD 1,250.00`: an amount never stands without its currency."""
    if not value:
        return "No price"
    amount = Decimal(value["amount"])
    places_after = -int(amount.as_tuple().exponent)
    return f"{value['currency']} {amount:,.{places_after}f}"


def moment(value: str | datetime) -> str:
    """`24 Nov 2026, 08:00 UTC`, until script shows it in the reader's own zone."""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return f"{at.astimezone(UTC):%-d %b %Y, %H:%M} UTC"


def state(listing: Fact) -> str:
    """What the marketplace last showed, in one or two words."""
    observed = str(listing["observed"])
    if observed == "none" and listing["desired"] == "draft":
        return "draft"
    return OBSERVED.get(observed, observed.replace("_", " "))


def standing(listing: Fact) -> str:
    """What the marketplace last showed, and that it is on hold where that looks otherwise."""
    return f"{state(listing)} (on hold)" if is_held_otherwise(listing) else state(listing)


def dot(listing: Fact) -> str:
    """The dot's color; empty for an active listing, which has none."""
    if state(listing) == "draft":
        return "red"
    return DOTS.get(str(listing["observed"]), "blue")


def is_satisfied(listing: Fact) -> bool:
    """Whether what is shown is what is wanted."""
    fits = listing["observed"] in SATISFIES.get(str(listing["desired"]), set())
    return fits or is_held_otherwise(listing)


def is_held_otherwise(listing: Fact) -> bool:
    """Whether it is on hold where that shows as something else: not every place knows holds."""
    at_rest = listing["operation"] == "idle" and not listing.get("drift")
    held = listing["desired"] == "on_hold" and listing["observed"] in HELD_AS
    return at_rest and held


def trouble(listing: Fact) -> str:
    """`working` while it is on its way, `stopped` when a person is needed, else empty."""
    if listing.get("drift"):
        return "stopped"
    if listing["operation"] in AT_WORK:
        return "" if listing["observed"] == "pending_review" else "working"
    if listing["operation"] == "idle":
        return "" if is_satisfied(listing) or listing["observed"] == "pending_review" else "working"
    return "stopped"


def wanted(listing: Fact) -> str:
    """What is wanted, when that is not what is shown."""
    if is_held_otherwise(listing):
        return "on hold"
    if listing.get("drift"):
        return f"wanted {OBSERVED[str(listing['desired'])]}"
    return "" if is_satisfied(listing) else WANTED[str(listing["desired"])]


def listing(slug: str, fact: Fact, issues: Sequence[Fact] = ()) -> str:
    """A listing in one line: `eBay: inactive, 2 fields missing`."""
    parts = [state(fact), wanted(fact), *problems(issues)]
    if fact["operation"] in {"needs_person", "blocked"} and not issues:
        parts.append("needs attention")
    if fact.get("drift"):
        parts.append("changed there by someone else")
    return f"{place(slug)}: {', '.join(filter(None, parts))}"


def problems(issues: Sequence[Fact]) -> list[str]:
    """`2 fields missing`, `1 field wrong`, `1 problem`."""
    errors = [issue for issue in issues if issue["severity"] == "error"]
    missing = {issue["field"] for issue in errors if issue["code"] == MISSING and issue["field"]}
    wrong = {issue["field"] for issue in errors if issue.get("field")} - missing
    others = [issue for issue in errors if not issue.get("field")]
    return [
        text
        for count, text in (
            (len(missing), f"{number(len(missing), 'field')} missing"),
            (len(wrong), f"{number(len(wrong), 'field')} wrong"),
            (len(others), number(len(others), "problem")),
        )
        if count
    ]


def plan(listings: Mapping[str, str]) -> str:
    """What canceling leads to, as in `Will be active on eBay. Will be inactive on Etsy.`."""
    said = []
    for desired, text in (
        ("active", "Will be active on"),
        ("inactive", "Will be inactive on"),
        ("on_hold", "Will be on hold on"),
        ("draft", "Will be a draft on"),
        ("sold", "Will stay sold on"),
    ):
        slugs = sorted(slug for slug, wanted_there in listings.items() if wanted_there == desired)
        if slugs:
            said.append(f"{text} {places(slugs)}.")
    if "active" not in listings.values():
        said.insert(0, "Nothing is put back on sale.")
    return " ".join(said)
