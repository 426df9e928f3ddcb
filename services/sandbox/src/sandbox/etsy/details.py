"""Properties and images of listings, and the taxonomy that says which properties there are."""

import json
import zlib
from typing import Any

from brocante.contracts.values import Requirement
from sandbox.etsy.errors import Refused, missing, wrong
from sandbox.etsy.listings import APP, SHOP, Listings
from sandbox.market.calls import Answer, Call, Route
from sandbox.market.requirements import ATTRIBUTES, ahead, category_id
from sandbox.market.store import Record

CATEGORIES = (
    "Furniture > Chairs",
    "Furniture > Tables",
    "Furniture > Cabinets & Storage",
    "Home & Garden > Decor",
    "Home & Garden > Lighting",
    "Home & Garden > Kitchen & Dining > Tableware",
    "Apparel & Accessories > Jewelry",
)
TAXONOMY = f"{APP}/seller-taxonomy/nodes"


class Details:
    """Properties, images and taxonomy."""

    def __init__(self, listings: Listings) -> None:
        self._listings = listings
        self._market = listings.market

    def routes(self) -> list[Route]:
        """Every path it serves."""
        one = f"{SHOP}/listings/{{listing_id}}"
        prop = f"{one}/properties/{{property_id}}"
        public = f"{APP}/listings/{{listing_id}}"
        return [
            Route("GET", f"{one}/properties", self.properties),
            Route("PUT", prop, self.put_property),
            Route("DELETE", prop, self.delete_property),
            Route("GET", f"{one}/images", self.images),
            Route("GET", f"{public}/images", self.images),
            Route("POST", f"{one}/images", self.add_image),
            Route("DELETE", f"{one}/images/{{image_id}}", self.delete_image),
            Route("GET", TAXONOMY, self.nodes),
            Route("GET", f"{TAXONOMY}/{{taxonomy_id}}/properties", self.taxonomy_properties),
        ]

    def properties(self, call: Call) -> Answer:
        """GetListingProperties."""
        values = list(self._listings.named(call).get("properties", {}).values())
        return Answer(200, {"count": len(values), "results": values})

    def put_property(self, call: Call) -> Answer:
        """updateListingProperty: only what the listing's taxonomy node has."""
        record = self._listings.named(call)
        fields = self._market.requirements.of("etsy", str(record.get("taxonomy_id") or ""))
        number = call.params["property_id"]
        field = next((f for f in fields if str(property_id(f)) == number), None)
        if field is None:
            raise Refused(404, f"Could not find a property with property_id = {number}.")
        values = property_values(call)
        value = {
            "property_id": property_id(field),
            "property_name": name_of(field),
            "scale_id": None,
            "scale_name": None,
            "value_ids": [value_id(text) for text in values],
            "values": values,
        }
        self._keep(record, record.get("properties", {}) | {number: value})
        return Answer(200, value)

    def delete_property(self, call: Call) -> Answer:
        """DeleteListingProperty."""
        record = self._listings.named(call)
        kept = {
            number: value
            for number, value in record.get("properties", {}).items()
            if number != call.params["property_id"]
        }
        self._keep(record, kept)
        return Answer(204)

    def images(self, call: Call) -> Answer:
        """GetListingImages."""
        images = self._listings.images(self._listings.named(call))
        return Answer(200, {"count": len(images), "results": images})

    def add_image(self, call: Call) -> Answer:
        """uploadListingImage: the picture is taken and not kept."""
        record = self._listings.named(call)
        image_id = self._market.store.next_number("etsy.image", 5_000_000_001)
        record = record | {"image_ids": [*record.get("image_ids", []), image_id]}
        self._listings.keep(record)
        return Answer(201, self._listings.images(record)[-1])

    def delete_image(self, call: Call) -> Answer:
        """DeleteListingImage."""
        record = self._listings.named(call)
        gone = call.params["image_id"]
        kept = [number for number in record.get("image_ids", []) if str(number) != gone]
        self._listings.keep(record | {"image_ids": kept})
        return Answer(204)

    def nodes(self, call: Call) -> Answer:
        """GetSellerTaxonomyNodes."""
        _ = call
        nodes = [node(words) for words in CATEGORIES]
        return Answer(200, {"count": len(nodes), "results": nodes})

    def taxonomy_properties(self, call: Call) -> Answer:
        """getPropertiesByTaxonomyId: the requirements on attributes."""
        fields = self._market.requirements.of("etsy", call.params["taxonomy_id"])
        now = self._market.clock.now()
        results = [
            taxonomy_property(field, required=field.required and not ahead(field, now))
            for field in fields
            if field.field.startswith(ATTRIBUTES)
        ]
        return Answer(200, {"count": len(results), "results": results})

    def _keep(self, record: Record, properties: dict[str, Any]) -> None:
        changed = {"properties": properties, "modified_at": self._market.clock.stamp()}
        self._listings.keep(record | changed)


def name_of(field: Requirement) -> str:
    """The attribute's name."""
    return field.field.rsplit("/", 1)[-1]


def property_id(field: Requirement) -> int:
    """The same name is always the same property."""
    return 1_000_000 + zlib.crc32(name_of(field).encode()) % 900_000_000


def value_id(text: str) -> int:
    """The same value is always the same id."""
    return 1 + zlib.crc32(text.encode()) % 900_000_000


def property_values(call: Call) -> list[str]:
    """`values` of a form, which may be a JSON list, or of a JSON body."""
    if "json" in call.headers.get("content-type", ""):
        given = call.object().get("values")
    else:
        text = call.form().get("values", "")
        given = json.loads(text) if text.startswith("[") else [text] if text else None
    if not given:
        raise missing("values")
    if not isinstance(given, list):
        raise Refused(400, wrong("/values", "must be a list"))
    return [str(value) for value in given]


def node(words: str) -> dict[str, Any]:
    """SellerTaxonomyNode: a flat tree is enough here."""
    number = category_id(words)
    return {
        "id": number,
        "level": 0,
        "name": words,
        "parent_id": None,
        "children": [],
        "full_path_taxonomy_ids": [number],
    }


def taxonomy_property(field: Requirement, *, required: bool) -> dict[str, Any]:
    """TaxonomyNodeProperty."""
    return {
        "property_id": property_id(field),
        "name": name_of(field),
        "display_name": field.label,
        "scales": [],
        "is_required": required,
        "supports_attributes": True,
        "supports_variations": False,
        "is_multivalued": field.type == "list",
        "max_values_allowed": field.max_length if field.type == "list" else None,
        "possible_values": [
            {"value_id": value_id(text), "name": text, "scale_id": None, "equal_to": []}
            for text in field.allowed or []
        ],
        "selected_values": [],
    }
