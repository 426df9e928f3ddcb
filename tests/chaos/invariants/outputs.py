"""I4: what a document leads to appears at least once, under an id that never changes."""

from collections import defaultdict

from tests.chaos.evidence import Evidence
from tests.chaos.records import TARGETS

# Said by the rig itself.
NOT_OURS = frozenset(("", "chaos/outside"))


def outputs_have_stable_ids(evidence: Evidence) -> list[str]:
    """One content for each id, one id for each change; the last state of every item was said."""
    return [*_contents(evidence), *_ids(evidence), *_last_states(evidence)]


def _contents(evidence: Evidence) -> list[str]:
    contents: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for record in evidence.records:
        if record.type and record.source not in NOT_OURS:
            contents[record.source, record.id, record.type].add(record.digest)
    return [
        f"{kind} {id_} of {source} was said with {len(found)} different contents"
        for (source, id_, kind), found in contents.items()
        if len(found) > 1
    ]


def _ids(evidence: Evidence) -> list[str]:
    """Work done again yields the ids it yielded before."""
    ids: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for record in evidence.records:
        if record.type == "item.changed" and record.facts.get("changed"):
            what = f"revision {record.facts['revision']}"
        elif record.type in TARGETS:
            what = f"intent {record.facts['intent']} on {record.facts['marketplace']}"
        else:
            continue
        ids[record.dealer, record.subject, what].add(record.id)
    return [
        f"{what} of {item} ({dealer}) was said under {len(found)} different ids"
        for (dealer, item, what), found in ids.items()
        if len(found) > 1
    ]


def _last_states(evidence: Evidence) -> list[str]:
    said = {
        (record.subject, record.facts["revision"])
        for record in evidence.records
        if record.type == "item.changed" and record.dealer == "main"
    }
    return [
        f"revision {item['revision']} of {name} was never said"
        for name, item in evidence.items.items()
        if (name, item["revision"]) not in said
    ]
