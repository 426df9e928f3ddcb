"""What a category asks for: Taxonomy's aspects -> requirements. Pure."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from brocante.contracts.values import Requirement
from marketplace_sync.marketplaces.contract import RequirementSet
from marketplace_sync.marketplaces.ebay.errors import attribute

TITLE_LIMIT, DESCRIPTION_LIMIT, IMAGE_LIMIT, VALUE_LIMIT = 80, 500_000, 24, 30
FIXED_REQUIREMENTS = (
    Requirement(field="/title", label="Title", required=True, max_length=TITLE_LIMIT),
    Requirement(field="/description", label="Description", max_length=DESCRIPTION_LIMIT),
    Requirement(field="/price", label="Price", required=True, type="money", min=0.01),
    Requirement(field="/images", label="Pictures", type="list", max_length=IMAGE_LIMIT),
)
"""Inventory API (OAS 1.18.4): limits on every listing."""

TYPES = {"STRING": "string", "NUMBER": "number"}


def requirement_set(category: str, aspects: Iterable[Mapping[str, Any]]) -> RequirementSet:
    """Everything asked for in a category; the version changes with the fields and nothing else."""
    fields = (*FIXED_REQUIREMENTS, *(requirement(aspect) for aspect in aspects))
    said = sorted(field.model_dump_json() for field in fields)
    version = hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]
    return RequirementSet(category, version, fields)


def requirement(aspect: Mapping[str, Any]) -> Requirement:
    """One aspect; an announced one counts as required from its date on."""
    name = str(aspect["localizedAspectName"])
    constraint = aspect.get("aspectConstraint") or {}
    many = constraint.get("itemToAspectCardinality") == "MULTI"
    required = bool(constraint.get("aspectRequired"))
    announced = None if required else _date(constraint.get("expectedRequiredByDate"))
    return Requirement.model_validate(
        {
            "field": attribute(name),
            "label": name.replace("_", " ").capitalize(),
            "required": required or announced is not None,
            "type": "list" if many else TYPES.get(constraint.get("aspectDataType", ""), "string"),
            # Of a list, `max_length` counts entries; eBay limits those, and each one's characters.
            "max_length": VALUE_LIMIT if many else constraint.get("aspectMaxLength"),
            "allowed": _allowed(aspect, constraint),
            "effective_at": announced,
        }
    )


def _allowed(aspect: Mapping[str, Any], constraint: Mapping[str, Any]) -> list[str] | None:
    if constraint.get("aspectMode") != "SELECTION_ONLY":
        return None
    return [str(one["localizedValue"]) for one in aspect.get("aspectValues") or ()] or None


def _date(text: str | None) -> datetime | None:
    """A date, with or without a time, in UTC; None when it is neither."""
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return moment and (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
