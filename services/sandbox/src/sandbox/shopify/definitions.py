"""Requirements as metafield definitions.

Shopify has no notion of a field that a product must have. A definition here says so with a
validation named `required`; the other validations have Shopify's own names.
"""

import json
import zlib
from datetime import datetime

from brocante.contracts.values import Requirement, rfc3339
from sandbox.market.requirements import ATTRIBUTES, ahead
from sandbox.shopify.graphql import Object
from sandbox.shopify.ids import FIRST_ID, gid

TYPES = {
    "string": "single_line_text_field",
    "number": "number_decimal",
    "integer": "number_integer",
    "boolean": "boolean",
    "list": "list.single_line_text_field",
    "money": "money",
}


def definition(field: Requirement, now: datetime) -> Object:
    """MetafieldDefinition."""
    attribute = field.field.startswith(ATTRIBUTES)
    number = FIRST_ID + 1_000_000_000 + zlib.crc32(field.field.encode())
    return {
        "__typename": "MetafieldDefinition",
        "id": gid("MetafieldDefinition", number),
        "name": field.label,
        "namespace": "custom" if attribute else "$listing",
        "key": field.field.rsplit("/", 1)[-1],
        "description": field.why,
        "ownerType": "PRODUCT",
        "pinnedPosition": None,
        "type": {
            "__typename": "MetafieldDefinitionType",
            "name": TYPES[field.type],
            "category": "LIST" if field.type == "list" else "TEXT",
        },
        "validations": validations(field, now),
    }


def validations(field: Requirement, now: datetime) -> list[Object]:
    """What a value must be; a requirement not yet in force is announced by `effective_at`."""
    found: list[tuple[str, str, str]] = []
    if field.required:
        found.append(("required", "boolean", "true"))
    if field.max_length is not None:
        found.append(("max", "number_integer", str(field.max_length)))
    elif field.max is not None:
        found.append(("max", "number_decimal", f"{field.max:g}"))
    if field.min is not None:
        found.append(("min", "number_decimal", f"{field.min:g}"))
    if field.pattern:
        found.append(("regex", "single_line_text_field", field.pattern))
    if field.allowed:
        found.append(("choices", "list.single_line_text_field", json.dumps(field.allowed)))
    if field.effective_at is not None and ahead(field, now):
        found.append(("effective_at", "date_time", rfc3339(field.effective_at)))
    return [
        {
            "__typename": "MetafieldDefinitionValidation",
            "name": name,
            "type": kind,
            "value": value,
        }
        for name, kind, value in found
    ]
