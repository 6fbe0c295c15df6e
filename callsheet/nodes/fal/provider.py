"""The provider object of fal: FAL_KEY, the endpoints of the catalogue, fal's queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callsheet.nodes.catalogue import catalogue
from callsheet.spec.node import NodeSpec

if TYPE_CHECKING:
    from callsheet.nodes.queue.protocol import ProviderQueue


class Fal:
    """Implements `Provider`."""

    name = "fal"
    variables = (("FAL_KEY",), ("FAL_KEY_ID", "FAL_KEY_SECRET"))

    def find(self, uses: str) -> NodeSpec | None:
        """The endpoint of fal that is called `uses`, or None."""
        return catalogue.find(uses, self.name)

    def queue(self) -> ProviderQueue:
        """A queue at fal, or at the server that CALLSHEET_FAL_URL names. Raises InputError."""
        from callsheet.nodes.fal.queue import FalQueue

        return FalQueue()


FAL = Fal()
