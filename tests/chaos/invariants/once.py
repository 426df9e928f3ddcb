"""I2: no message is applied twice to one document."""

from collections import defaultdict

from tests.chaos.evidence import Evidence

SALE_EVENTS = frozenset(("sale.recorded", "sale.canceled", "sale.merged", "sale.split_off"))


def applied_once(evidence: Evidence) -> list[str]:
    """One event for each version of a sale; one change of an item for each command; right stock."""
    return [
        *_sale_versions(evidence),
        *_cancellations(evidence),
        *_changes(evidence),
        *_stock(evidence),
        *_deliveries(evidence),
    ]


def _deliveries(evidence: Evidence) -> list[str]:
    """A delivery that the marketplace repeats is kept once."""
    kept: dict[str, set[str]] = defaultdict(set)
    sent: dict[str, set[str]] = defaultdict(set)
    for record in evidence.records:
        if record.type == "webhook.received":
            kept[str(record.facts.get("marketplace"))].add(record.subject)
    for delivery in evidence.ledger.get("webhooks", ()):
        sent[delivery["marketplace"]].add(delivery["id"])
    return [
        f"{len(ids)} deliveries from {marketplace} were kept, {len(sent[marketplace])} were sent"
        for marketplace, ids in kept.items()
        if len(ids) > len(sent[marketplace])
    ]


def _sale_versions(evidence: Evidence) -> list[str]:
    """Asked again, a version is said again; two things said of one version are two writers."""
    said: dict[tuple[str, str, int], set[tuple[str, str]]] = defaultdict(set)
    for record in evidence.records:
        if record.type in SALE_EVENTS and "sale_version" in record.facts:
            sale, version = str(record.facts["sale_id"]), int(record.facts["sale_version"])
            said[record.dealer, sale, version].add((record.type, record.digest))
    return [
        f"version {version} of sale {sale} ({dealer}) was said in {len(found)} ways"
        for (dealer, sale, version), found in said.items()
        if len(found) > 1
    ]


def _cancellations(evidence: Evidence) -> list[str]:
    """A cancellation applied twice would be so in two versions of the sale."""
    versions: dict[tuple[str, str], set[int]] = defaultdict(set)
    for record in evidence.records:
        if record.type == "sale.canceled":
            sale = (record.dealer, str(record.facts.get("sale_id")))
            versions[sale].add(int(record.facts["sale_version"]))
    return [
        f"sale {sale} ({dealer}) was canceled in versions {sorted(found)}"
        for (dealer, sale), found in versions.items()
        if len(found) > 1
    ]


def _changes(evidence: Evidence) -> list[str]:
    """A command applied twice would have changed the item in two revisions.

    Only of commands the rig knows: an id alone is unique only together with who said it.
    """
    changed: dict[tuple[str, str, str], set[int]] = defaultdict(set)
    for record in evidence.records:
        known = record.causation in evidence.accepted
        if record.type == "item.changed" and record.facts.get("changed") and known:
            key = (record.dealer, record.subject, record.causation)
            changed[key].add(int(record.facts["revision"]))
    return [
        f"{cause} changed item {item} ({dealer}) in revisions {sorted(revisions)}"
        for (dealer, item, cause), revisions in changed.items()
        if len(revisions) > 1
    ]


def _stock(evidence: Evidence) -> list[str]:
    """Every sale counts once."""
    wrong = []
    for name, item in evidence.items.items():
        piece = evidence.pieces.get(name)
        if piece is None:
            continue
        open_sales = [s for s in piece.sales if evidence.sales[s].canceled_at is None]
        if item["on_hand"] != item["quantity"] - len(open_sales):
            wrong.append(
                f"{name} has {item['on_hand']} on hand with {len(open_sales)} open sales"
                f" of {item['quantity']}"
            )
    return wrong
