"""Settings of inventory: those every service has, and which marketplaces there are."""

import tomllib

from pydantic import model_validator

from brocante.settings import Settings
from inventory.handlers import BUILT_IN


class InventorySettings(Settings):
    """Only a marketplace of this installation can be connected to an item."""

    @model_validator(mode="after")
    def _readable(self) -> "InventorySettings":
        self.known_marketplaces()
        return self

    def known_marketplaces(self) -> frozenset[str]:
        """The slugs declared in `marketplaces.toml`; without that file, those with an adapter."""
        if not self.marketplaces.exists():
            return BUILT_IN
        try:
            declared = tomllib.loads(self.marketplaces.read_text())
        except (OSError, tomllib.TOMLDecodeError) as error:
            raise ValueError(f"{self.marketplaces} cannot be read: {error}") from error
        return frozenset(slug for slug, entry in declared.items() if isinstance(entry, dict))
