"""An item's history in the dealer's words: what happened, who did it, what came of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from gateway.domain.why import who_did

Entry = Mapping[str, Any]
Namer = Callable[[str], str]
ASKED = {
    "item.create": "created the item",
    "item.update": "changed {fields}",
    "item.activate": "asked to activate on {places}",
    "item.deactivate": "asked to deactivate on {places}",
    "item.hold": "asked to hold on {places}{holder}{until}",
    "item.release": "released the hold on {places}",
    "item.delete": "deleted the item",
    "item.link": "linked it to a listing on {places}",
    "item.accept_drift": "accepted what {places} shows",
    "item.restore": "asked to restore it on {places}",
    "listing.check": "asked to look at {places} again",
    "listing.retry": "asked to try again on {places}",
    "sale.record": "recorded a sale on {places}",
    "sale.cancel": "canceled a sale{reason}",
    "sale.merge": "said that two sales are one",
    "sale.split": "said that two sales are two",
}
SAID = {
    "listing.activated": "{places} shows it active.",
    "listing.updated": "{places} took the changes.",
    "listing.held": "{places} shows it on hold.",
    "listing.deactivated": "{places} shows it off sale.",
    "listing.deferred": "{places} has to wait: {why}.",
    "sale.recorded": "Sold on {places}.",
    "sale.canceled": "The sale on {places} was canceled.",
    "sale.merged": "Two sales turned out to be one.",
    "sale.split_off": "A sale counts on its own again.",
    "item.oversold": "More was sold than there is.",
    "item.unknown": "It was sold before anybody created it.",
    "task.opened": "A task for a person was opened on {places}.",
    "task.completed": "A task for a person was completed on {places}.",
}
REFUSED = "{places} did not take it: {issues}"
WAITS = {
    "rate_limited": "its limit of calls is reached",
    "retrying": "it did not answer as it should",
    "circuit_open": "it has been failing",
    "paused": "it is paused here",
    "waiting_for_person": "a person has to act",
}
OUTCOMES = {"accepted": "on its way", "done": "", "rejected": "refused"}
HIDDEN = frozenset({"command.rejected", "listing.superseded", "listing.observed"})
OBSERVED = {"none": "not there", "on_hold": "on hold", "pending_review": "in review"}


@dataclass(frozen=True, slots=True)
class Told:
    """One line of history. `actor` is empty when a marketplace or a rule did it."""

    at: datetime
    text: str
    actor: str = ""
    outcome: str = ""
    details: tuple[str, ...] = field(default=())


def told(entries: Sequence[Entry], place: Namer) -> list[Told]:
    """Entries, newest first, in words; those that say nothing new are left out."""
    before: Mapping[str, Any] = {}
    lines: list[Told] = []
    for entry in reversed(entries):
        if entry["type"] == "item.changed":
            lines += _ended(entry, before, place)
            lines += _changes(entry, before.get("listings", {}), before.get("status"), place)
            before = entry["what"]
        elif entry["type"] not in HIDDEN:
            lines.append(_line(entry, place))
    return lines[::-1]


def _line(entry: Entry, place: Namer) -> Told:
    values, kind = _values(entry["what"], place), str(entry["type"])
    if "outcome" in entry:
        text = ASKED.get(kind, kind).format(**values)
        outcome = OUTCOMES.get(str(entry["outcome"]), "")
        return Told(entry["at"], text, who_did(entry.get("actor")), outcome)
    template = REFUSED if entry["what"].get("issues") else SAID.get(kind, kind)
    return Told(entry["at"], template.format(**values))


def _changes(
    entry: Entry, before: Mapping[str, str], status: str | None, place: Namer
) -> Iterator[Told]:
    """What a marketplace shows differently now, and a status that is another one."""
    what = entry["what"]
    moves = [
        f"{place(slug)}: {_shown(before.get(slug, 'none'))} → {_shown(now)}"
        for slug, now in sorted(what.get("listings", {}).items())
        if before.get(slug, "none") != now
    ]
    if status is not None and what.get("status") != status:
        said = str(what["status"]).replace("_", " ")
        yield Told(entry["at"], f"The item is now {said}.", details=tuple(moves))
    elif moves:
        yield Told(entry["at"], "; ".join(moves))


def _ended(entry: Entry, before: Mapping[str, Any], place: Namer) -> Iterator[Told]:
    """Holds that are over because their end came; a release is told as what was asked."""
    now = entry["what"].get("wanted", {})
    for slug, was in sorted(before.get("wanted", {}).items()):
        end = (was.get("hold") or {}).get("until")
        if end and "hold" not in now.get(slug, {}) and datetime.fromisoformat(end) <= entry["at"]:
            yield Told(entry["at"], f"The hold on {place(slug)} ended.")


def _shown(observed: str) -> str:
    return OBSERVED.get(observed, observed.replace("_", " "))


def _values(what: Mapping[str, Any], place: Namer) -> dict[str, str]:
    named = what.get("marketplaces") or [what.get("marketplace", "*")]
    names = ["all its marketplaces" if one == "*" else place(str(one)) for one in named]
    holder = f" for {what['holder']}" if what.get("holder") else ""
    changes = what.get("changes") or {}
    return {
        "places": " and ".join(filter(None, [", ".join(names[:-1]), names[-1]])),
        "holder": holder,
        "until": f" until {_day(what['until'])}" if what.get("until") else "",
        "reason": f" ({str(what['reason']).replace('_', ' ')})" if what.get("reason") else "",
        "fields": ", ".join(sorted(_fields(changes, place))) or "nothing",
        "why": WAITS.get(str(what.get("why")), str(what.get("why", "")).replace("_", " ")),
        "issues": " ".join(str(one["message"]) for one in what.get("issues", ())),
    }


def _day(moment: str) -> str:
    """`24 Nov 2026`: a hold ends with a day in UTC, which is how it was asked for."""
    return f"{datetime.fromisoformat(moment).astimezone(UTC):%-d %b %Y}"


def _fields(changes: Mapping[str, Any], place: Namer) -> Iterator[str]:
    for name, value in changes.items():
        if name == "listings" and isinstance(value, Mapping):
            yield from (f"the details for {place(slug)}" for slug in value)
        else:
            yield name.replace("_", " ")
