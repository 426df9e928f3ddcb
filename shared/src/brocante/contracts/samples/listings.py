"""Samples of what a marketplace's worker says."""

from brocante.contracts.samples.pieces import (
    CHAIR,
    EBAY_LISTING,
    EBAY_SALE,
    EBAY_URL,
    ETSY_LISTING,
    NEXT_ATTEMPT_AT,
    OBSERVED_AT,
    RECORDED_AT,
    TASK,
    WEBHOOK,
)
from brocante.contracts.values import JsonObject

_ON_EBAY: JsonObject = {"item_id": CHAIR, "marketplace": "ebay"}
_ON_ETSY: JsonObject = {"item_id": CHAIR, "marketplace": "etsy"}
_ON_1STDIBS: JsonObject = {"item_id": CHAIR, "marketplace": "1stdibs"}
_READ_BACK: JsonObject = {
    "external_id": EBAY_LISTING,
    "url": EBAY_URL,
    "observed_at": OBSERVED_AT,
    "source": "read_back",
    "verified": True,
}
_PERIOD_MISSING: JsonObject = {
    "marketplace": "etsy",
    "code": "required_field_missing",
    "category": "dealer",
    "field": "/attributes/period",
    "message": "Period is missing. Etsy asks when a vintage piece was made.",
    "action": "Fill in Period.",
    "severity": "error",
    "retryable": False,
}
_TITLE_TOO_LONG: JsonObject = {
    "marketplace": "etsy",
    "code": "too_long",
    "category": "dealer",
    "field": "/title",
    "message": "Title has 152 characters; at most 140 are allowed.",
    "action": "Shorten Title to 140 characters.",
    "severity": "error",
    "retryable": False,
}
_UNAVAILABLE: JsonObject = {
    "marketplace": "etsy",
    "code": "marketplace_unavailable",
    "category": "marketplace",
    "message": "Etsy did not answer five times in a row.",
    "action": "Wait until Etsy answers again, then retry.",
    "severity": "error",
    "retryable": True,
    "marketplace_code": "503",
}

SAMPLES: dict[str, JsonObject] = {
    "listing.activated": {**_ON_EBAY, "intent": 1, "observed": "active", **_READ_BACK},
    "listing.updated": {**_ON_EBAY, "intent": 2, "observed": "active", **_READ_BACK},
    "listing.held": {**_ON_EBAY, "intent": 3, "observed": "on_hold", **_READ_BACK},
    "listing.deactivated": {**_ON_EBAY, "intent": 4, "observed": "ended", **_READ_BACK},
    "listing.validation_failed": {
        **_ON_ETSY,
        "intent": 1,
        "operation": "activate",
        "issues": [_PERIOD_MISSING, _TITLE_TOO_LONG],
    },
    "listing.operation_failed": {
        **_ON_ETSY,
        "intent": 6,
        "operation": "deactivate",
        "issues": [_UNAVAILABLE],
        "attempts": 5,
        "gives_up": False,
    },
    "listing.deferred": {
        **_ON_ETSY,
        "intent": 6,
        "operation": "deactivate",
        "why": "rate_limited",
        "next_attempt_at": NEXT_ATTEMPT_AT,
    },
    "listing.observed": {
        **_ON_ETSY,
        "intent": 6,
        "observed": "inactive",
        "external_id": ETSY_LISTING,
        "source": "sweep",
        "observed_at": OBSERVED_AT,
        "changed_by": "dealer",
    },
    "listing.superseded": {**_ON_ETSY, "intent": 5, "operation": "activate", "by_intent": 6},
    "marketplace.requirements_changed": {
        "marketplace": "etsy",
        "category": "chairs",
        "version": "2027-01",
        "effective_at": "2027-01-15T00:00:00Z",
        "fields": [
            {
                "field": "/attributes/period",
                "label": "Period",
                "required": True,
                "type": "string",
                "allowed": ["1700s", "1800-1849", "1850-1899"],
                "why": "Etsy asks when a vintage piece was made.",
                "effective_at": "2027-01-15T00:00:00Z",
            },
            {"field": "/title", "label": "Title", "required": True, "max_length": 140},
        ],
    },
    "marketplace.status_changed": {
        "marketplace": "etsy",
        "status": "circuit_open",
        "since": OBSERVED_AT,
        "detail": "Five calls in a row went unanswered.",
    },
    "webhook.received": {
        "webhook_id": WEBHOOK,
        "marketplace": "ebay",
        "account": "moreau-antiques",
        "headers": {"content-type": "application/json"},
        "body_base64": "eyJ0b3BpYyI6ICJJVEVNX1NPTEQifQ==",
        "received_at": RECORDED_AT,
    },
    "webhook.processed": {
        "webhook_id": WEBHOOK,
        "marketplace": "ebay",
        "result": "applied",
        "sale_id": EBAY_SALE,
    },
    "task.opened": {
        **_ON_1STDIBS,
        "intent": 7,
        "task_id": TASK,
        "operation": "deactivate",
        "title": "Take the Louis XVI fauteuil off 1stDibs",
        "checklist": ["Open the listing.", "Mark it as sold elsewhere.", "Check that it is gone."],
        "due_at": "2026-11-24T09:15:30Z",
        "assignee": "Anne",
    },
    "task.completed": {
        **_ON_1STDIBS,
        "intent": 7,
        "task_id": TASK,
        "outcome": "done",
        "evidence": "The page says that the piece is no longer for sale.",
        "completed_by": "Anne",
    },
}
