"""I3: versions of a document rise by one; no two writers made the same one."""

from collections import defaultdict

from tests.chaos.evidence import Evidence


def versions_never_fork(evidence: Evidence) -> list[str]:
    """One state for each revision, sale versions without holes, views at the newest revision."""
    return [*_forks(evidence), *_holes(evidence), *views_are_newest(evidence)]


def _forks(evidence: Evidence) -> list[str]:
    states: dict[tuple[str, str, int], set[str]] = defaultdict(set)
    for record in evidence.records:
        if record.type == "item.changed":
            revision = int(record.facts["revision"])
            states[record.dealer, record.subject, revision].add(record.digest)
    return [
        f"revision {revision} of item {item} ({dealer}) has {len(found)} different states"
        for (dealer, item, revision), found in states.items()
        if len(found) > 1
    ]


def _holes(evidence: Evidence) -> list[str]:
    """Only where every broker's topics were read to their end: with one broker."""
    if evidence.incarnations > 1:
        return []
    versions: dict[tuple[str, str], set[int]] = defaultdict(set)
    for record in evidence.records:
        if "sale_version" in record.facts and record.type.startswith("sale."):
            sale = (record.dealer, str(record.facts["sale_id"]))
            versions[sale].add(int(record.facts["sale_version"]))
    return [
        f"sale {sale} ({dealer}) has versions {sorted(found)}"
        for (dealer, sale), found in versions.items()
        if found != set(range(1, max(found) + 1))
    ]


def views_are_newest(evidence: Evidence) -> list[str]:
    """The gateway shows the newest revision that was said."""
    newest: dict[str, int] = {}
    for record in evidence.records:
        if record.type == "item.changed" and record.dealer == "main":
            revision = int(record.facts["revision"])
            newest[record.subject] = max(newest.get(record.subject, 0), revision)
    return [
        f"{item} is shown at revision {evidence.items[item]['revision']}, {revision} was said"
        for item, revision in newest.items()
        if item in evidence.items and evidence.items[item]["revision"] != revision
    ]
