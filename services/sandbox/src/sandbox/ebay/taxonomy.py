"""Categories and the aspects they ask for."""

from typing import Any

from brocante.contracts.values import Requirement
from sandbox.market.calls import Answer, Call, Route
from sandbox.market.market import Market
from sandbox.market.requirements import ATTRIBUTES, ahead, category_id

PREFIX = "/commerce/taxonomy/v1"
TREE = {"categoryTreeId": "0", "categoryTreeVersion": "135"}
DATA_TYPES = {"number": "NUMBER", "integer": "NUMBER", "money": "NUMBER"}


class Taxonomy:
    """getDefaultCategoryTreeId, getCategorySuggestions, getItemAspectsForCategory."""

    def __init__(self, market: Market) -> None:
        self._market = market

    def routes(self) -> list[Route]:
        """Every path it serves."""
        tree = f"{PREFIX}/category_tree/{{tree}}"
        return [
            Route("GET", f"{PREFIX}/get_default_category_tree_id", lambda _: Answer(200, TREE)),
            Route("GET", f"{tree}/get_category_suggestions", self.suggestions),
            Route("GET", f"{tree}/get_item_aspects_for_category", self.aspects),
        ]

    def suggestions(self, call: Call) -> Answer:
        """One category for any words; the same words are always the same category."""
        words = call.query.get("q", "").strip()
        if not words:
            return Answer(204)
        category = {"categoryId": str(category_id(words)), "categoryName": words}
        suggestion = {
            "category": category,
            "categoryTreeNodeLevel": 1,
            "categoryTreeNodeAncestors": [],
        }
        return Answer(200, TREE | {"categorySuggestions": [suggestion]})

    def aspects(self, call: Call) -> Answer:
        """The aspects of a category: the requirements on attributes."""
        fields = self._market.requirements.of("ebay", call.query.get("category_id"))
        aspects = [self._aspect(field) for field in fields if field.field.startswith(ATTRIBUTES)]
        return Answer(200, {"aspects": aspects})

    def _aspect(self, field: Requirement) -> dict[str, Any]:
        coming = ahead(field, self._market.clock.now())
        constraint: dict[str, Any] = {
            "aspectDataType": DATA_TYPES.get(field.type, "STRING"),
            "itemToAspectCardinality": "MULTI" if field.type == "list" else "SINGLE",
            "aspectMode": "SELECTION_ONLY" if field.allowed else "FREE_TEXT",
            "aspectRequired": field.required and not coming,
            "aspectUsage": "RECOMMENDED" if field.required else "OPTIONAL",
            "aspectEnabledForVariations": False,
            "aspectApplicableTo": ["PRODUCT"],
        }
        if field.max_length is not None:
            constraint["aspectMaxLength"] = field.max_length
        if field.effective_at is not None and coming:
            constraint["expectedRequiredByDate"] = f"{field.effective_at:%Y-%m-%d}"
        return {
            "localizedAspectName": field.field.rsplit("/", 1)[-1],
            "aspectConstraint": constraint,
            "aspectValues": [{"localizedValue": value} for value in field.allowed or []],
        }
