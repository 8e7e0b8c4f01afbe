"""What components are computed from."""

from typing import NamedTuple

from fmnist_core.classes import CLASS_NAMES
from fmnist_core.splits import Indices
from pages.shared import cache


class Basis(NamedTuple):
    """What the components are computed from."""

    standardised: bool
    class_index: int | None

    @property
    def name(self) -> str:
        """Its items in words."""
        which = "items" if self.class_index is None else f"items of class {CLASS_NAMES[self.class_index]}"
        return f"{len(self.items):,} {which}"

    @property
    def items(self) -> Indices:
        """Their numbers."""
        return cache.items_of(self.class_index)
