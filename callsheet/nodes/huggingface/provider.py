"""The provider object of Hugging Face: HF_TOKEN or a key of fal, `hf/<repo>@<task>`, a queue through its
router."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callsheet.nodes.catalogue import catalogue
from callsheet.nodes.fal.provider import FAL
from callsheet.spec.node import NodeSpec

if TYPE_CHECKING:
    from callsheet.nodes.queue.protocol import ProviderQueue


class HuggingFace:
    """Implements `Provider`."""

    name = "huggingface"
    variables = (("HF_TOKEN",), *FAL.variables)

    def find(self, uses: str) -> NodeSpec | None:
        """The model `hf/<repo>@<task>`, or None for a task that is not known."""
        return catalogue.find(uses, self.name)

    def queue(self) -> ProviderQueue:
        """A queue at Hugging Face, or at the server that CALLSHEET_HF_URL names. Raises InputError."""
        from callsheet.nodes.huggingface.queue import HuggingFaceQueue

        return HuggingFaceQueue()


HUGGING_FACE = HuggingFace()
