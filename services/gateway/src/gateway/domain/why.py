"""Why a listing is not on sale, in one sentence: from its snapshot, its sales, what was asked.

The first rule that applies speaks (docs/glossary.md has the words; R1 to R10 are the domain's
rules). A moment stays a moment in the sentence, so that a reader sees it in their own zone.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Fact = Mapping[str, Any]
Part = str | datetime
GONE = ("out_of_stock", "None is left: raise the quantity to put it on sale again.")
BY = {
    "dealer": "Somebody with your account changed it on {place}",
    "marketplace": "{place} itself changed it",
    "other_tool": "Another tool changed it on {place}",
    "us": "It was changed on {place}",
    "unknown": "Somebody changed it on {place}",
}
SHOWN = {"inactive": "inactive", "ended": "ended", "on_hold": "on hold", "none": "gone"}


@dataclass(frozen=True, slots=True)
class Why:
    """A sentence, and a stable word for its reason."""

    code: str
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """The sentence with its moments in UTC."""
        return "".join(
            f"{part:%Y-%m-%d %H:%M} UTC" if isinstance(part, datetime) else part
            for part in self.parts
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of an item besides its snapshot, the newest first.

    `commands` are those that were asked of it (`type`, `at`, `actor`, `what`, `outcome`).
    """

    sales: Sequence[Fact] = ()
    commands: Sequence[Fact] = ()


def why_not_active(item: Fact, slug: str, asked: Asked, place: Callable[[str], str]) -> Why | None:
    """Why a listing is not on sale; None when it is. `place` names a marketplace."""
    listing = item["listings"][slug]
    if listing["observed"] == "active" and not listing.get("drift"):
        return None
    about = _About(item, slug, listing, asked, place)
    return next((found for rule in RULES if (found := rule(about))), None) or _unknown(about)


@dataclass(frozen=True, slots=True)
class _About:
    item: Fact
    slug: str
    listing: Fact
    asked: Asked
    place: Callable[[str], str]

    @property
    def here(self) -> str:
        return self.place(self.slug)


def _deleted(about: _About) -> Why | None:
    text = "The item was deleted; its history stays readable."
    return Why("deleted", (text,)) if about.item["status"] == "deleted" else None


def _sold(about: _About) -> Why | None:
    """R1: sold there, or sold elsewhere."""
    if about.item["on_hand"] > 0 or not about.item["open_sales"]:
        return None
    sales = sorted(about.item["open_sales"], key=lambda sale: str(sale["sold_at"]))
    here = next((sale for sale in sales if sale["marketplace"] == about.slug), None)
    sale = here or sales[0]
    code = "sold_here" if here else "sold_elsewhere"
    return Why(code, (f"It was sold on {about.place(sale['marketplace'])} on ", _at(sale), "."))


def _drifted(about: _About) -> Why | None:
    """R10: someone else's change, which the dealer accepts or restores."""
    drift = about.listing.get("drift")
    if not drift:
        return None
    who = BY.get(drift.get("changed_by", "unknown"), BY["unknown"]).format(place=about.here)
    shown = SHOWN.get(drift["observed"], str(drift["observed"]).replace("_", " "))
    said = f"{who}: it has been {shown} there since "
    return Why("drift", (said, _moment(drift["since"]), ". Accept this, or restore it."))


def _refused(about: _About) -> Why | None:
    """R5: every field that was refused, by name."""
    issues = [one for one in about.listing.get("issues", ()) if one["severity"] == "error"]
    if about.listing["operation"] != "needs_dealer" or not issues:
        return None
    said = " ".join(str(one["message"]) for one in issues)
    return Why("refused", (f"{about.here} did not take it: {said}",))


def _stopped(about: _About) -> Why | None:
    said = " ".join(str(one["message"]) for one in about.listing.get("issues", ()))
    match about.listing["operation"]:
        case "blocked":
            reason = said or "the marketplace did not do what it was asked."
            return Why("blocked", (f"It could not be done on {about.here}: {reason}",))
        case "needs_person":
            reason = f" {said}" if said else ""
            text = f"A person has to do this on {about.here} by hand.{reason}"
            return Why("needs_person", (text,))
    return None


def _on_its_way(about: _About) -> Why | None:
    wanted, operation = about.listing["desired"], about.listing["operation"]
    if about.listing["observed"] == "pending_review":
        return Why("in_review", (f"{about.here} is reviewing it.",))
    if wanted != "active" or operation not in {"queued", "retrying"}:
        return None
    following = about.listing.get("next_attempt_at")
    if operation == "retrying" and following:
        said = f"{about.here} did not answer as it should; it is tried again at "
        return Why("retrying", (said, _moment(following), "."))
    return Why("on_its_way", (f"It is about to go on sale on {about.here}.",))


def _held(about: _About) -> Why | None:
    """R6: who holds it, why, until when."""
    hold = about.listing.get("hold")
    if about.listing["desired"] != "on_hold":
        return None
    return Why("on_hold", hold_in_words(hold or {}))


def _unavailable(about: _About) -> Why | None:
    """R4: damaged or missing, until the dealer says otherwise."""
    if about.item["status"] != "unavailable":
        return None
    reasons = {"damaged": "because it is damaged", "missing": "because it cannot be found"}
    sale = next((one for one in about.asked.sales if one.get("reason") in reasons), None)
    later = "make it available again to put it on sale"
    if sale is None:
        return Why("unavailable", (f"The item is unavailable: {later}.",))
    said = f"The sale on {about.place(sale['marketplace'])} was canceled {reasons[sale['reason']]}"
    return Why("unavailable", (f"{said}, so the item is unavailable: {later}.",))


def _out_of_stock(about: _About) -> Why | None:
    code, text = GONE
    return Why(code, (text,)) if about.item["status"] == code else None


def _draft(about: _About) -> Why | None:
    if about.listing["desired"] != "draft":
        return None
    return Why("draft", (f"It is a draft: it has not been activated on {about.here} yet.",))


def _last_asked(about: _About) -> Why | None:
    """Why `inactive` is wanted: what was done last, a sale canceled or something asked."""
    if about.listing["desired"] != "inactive":
        return None
    canceled = [(_moment(s["canceled_at"]), s) for s in about.asked.sales if s.get("canceled_at")]
    commands = [(one["at"], one) for one in _done(about)]
    latest = max([*canceled, *commands], key=lambda one: one[0], default=None)
    if latest is None:
        text = f"It has not been activated on {about.here} since it was connected."
        return Why("never_activated", (text,))
    at, found = latest
    return _canceled(about, found, at) if "canceled_at" in found else _commanded(found)


def _canceled(about: _About, sale: Fact, at: datetime) -> Why:
    """R2 to R4: what a cancellation put back on sale, and what it did not."""
    origin, relist = str(sale["marketplace"]), sale.get("relist")
    said = f"The sale on {about.place(origin)} was canceled on "
    if origin not in about.item["listings"]:
        rest = f"; {about.place(origin)} is not connected, so nothing was put back on sale."
        return Why("canceled_not_connected", (said, at, rest))
    if relist == "none":
        return Why("canceled_none", (said, at, ", and nothing was to be put back on sale."))
    if relist == "as_before":
        rest = f", and it had not been on sale on {about.here} before the sale."
        return Why("canceled_as_before", (said, at, rest))
    rest = f": only {about.place(origin)}, where it was sold, was put back on sale."
    return Why("canceled_origin", (said, at, rest))


def _commanded(command: Fact) -> Why:
    at, what = command["at"], command["what"]
    who = who_did(command.get("actor"))
    match command["type"]:
        case "item.hold":
            until = what.get("until")
            end: tuple[Part, ...] = (" until ", _moment(until)) if until else ()
            rest = " ended; it was not on sale before that either."
            return Why("hold_ended", ("The hold", *end, rest))
        case "item.release":
            rest = "; it was not on sale before that either."
            return Why("released", (f"{who} released the hold on ", at, rest))
        case "item.accept_drift":
            return Why("drift_accepted", (f"{who} accepted that it is off sale there on ", at, "."))
        case "item.link":
            return Why("linked", (f"{who} linked it to a listing that was off sale on ", at, "."))
    return Why("deactivated", (f"{who} deactivated it on ", at, "."))


def _unknown(about: _About) -> Why:
    if about.listing["observed"] == "unknown":
        text = f"What {about.here} shows is not known at the moment; it is being read."
        return Why("unknown", (text,))
    return Why("catching_up", (f"{about.here} does not show it yet as it should.",))


OFF_SALE = frozenset(
    {"item.deactivate", "item.hold", "item.release", "item.accept_drift", "item.link"}
)
RULES: tuple[Callable[[_About], Why | None], ...] = (
    _deleted,
    _sold,
    _drifted,
    _refused,
    _stopped,
    _on_its_way,
    _held,
    _unavailable,
    _out_of_stock,
    _draft,
    _last_asked,
)


def hold_in_words(hold: Fact) -> tuple[Part, ...]:
    """Who holds it, why and until when: `On hold for Mrs. Aldous (deposit paid) until …`."""
    holder = f" for {hold['holder']}" if hold.get("holder") else ""
    reason = f" ({hold['reason']})" if hold.get("reason") else ""
    said = f"On hold{holder}{reason}"
    if not hold.get("until"):
        return (f"{said} until it is released.",)
    return (f"{said} until ", _moment(hold["until"]), ".")


def who_did(actor: str | None) -> str:
    """Who asked for something, as the record has it: `session:owner` is the owner."""
    kind, _, name = (actor or "").partition(":")
    if kind == "webhook":
        return f"A message from {name}"
    return (name or kind or "Somebody").capitalize() if kind != "token" else f"{name} (by API)"


def _done(about: _About) -> Iterable[Fact]:
    for one in about.asked.commands:
        named = one["what"].get("marketplaces") or [one["what"].get("marketplace")]
        here = about.slug in named or "*" in named
        if here and one["type"] in OFF_SALE and one.get("outcome") == "done":
            yield one


def _at(sale: Fact) -> datetime:
    return _moment(sale["sold_at"])


def _moment(value: str | datetime) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value
