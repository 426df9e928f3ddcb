"""One step as a call of the adapter: from a listing to its arguments, and its link back."""

import structlog

from brocante.contracts.marketplace import Content
from brocante.contracts.values import Issue
from brocante.documents.driver import DatabaseError
from marketplace_sync.domain.delivery import Canceled
from marketplace_sync.domain.listing import Linked, Listing
from marketplace_sync.domain.steps import Step
from marketplace_sync.marketplaces.contract import (
    Adapter,
    CancellationSeen,
    Invalid,
    Link,
    Notices,
    Outcome,
)

log = structlog.get_logger()
NO_CONTENT = {"sku": "", "title": ""}


async def call(adapter: Adapter, step: Step, listing: Listing) -> Outcome | Notices:
    """Make the call of a step. What raises is a mistake of ours: an issue of the system.

    Such a failure counts like any other, so three alike block the listing instead of burning its
    budget; whatever the call left behind is looked for before the next attempt.
    """
    try:
        if step == "read_order":
            wanted = listing.wanted
            return await adapter.read_order((wanted and wanted.external_order_id) or "")
        return await _made(adapter, step, listing)
    except DatabaseError:
        raise
    except Exception:
        log.exception("call_failed", item=listing.item_id, marketplace=adapter.slug, step=step)
        return Invalid((_mistake(adapter.slug, step),))


async def _made(adapter: Adapter, step: Step, listing: Listing) -> Outcome:
    link, wanted = link_of(listing), listing.wanted
    content = Content.model_validate((wanted.content if wanted else None) or NO_CONTENT)
    quantity = max(1, wanted.quantity if wanted else 0)
    match step:
        case "activate":
            return await adapter.activate(content, quantity, link)
        case "update":
            return await adapter.update(content, quantity, link)
        case "hold":
            return await adapter.hold(link, wanted.until if wanted else None)
        case "deactivate":
            return await adapter.deactivate(link)
        case "find":
            return await adapter.find(content, link)
        case _:
            return await adapter.read(link)


def cancellations(notices: Notices) -> list[Canceled]:
    """The canceled lines of an order that was read."""
    return [
        Canceled(one.sale_id, one.external_order_id, one.reason)
        for one in notices.notices
        if isinstance(one, CancellationSeen)
    ]


def link_of(listing: Listing) -> Link:
    """The link as adapters take it."""
    link = listing.link or Linked("")
    return Link(listing.item_id, link.external_sku, link.external_id, link.url, link.steps)


def linked(link: Link) -> Linked:
    """The link as adapters give it."""
    return Linked(link.external_sku, link.external_id, link.url, dict(link.steps))


def _mistake(marketplace: str, step: Step) -> Issue:
    return Issue(
        marketplace=marketplace,
        code="internal",
        category="system",
        message=f"Brocante itself failed while it tried to {step.replace('_', ' ')} this.",
        action="Tell whoever runs Brocante; the reason is in the worker's log.",
    )
