"""Text nodes: what `uses: text/…` can name."""

from __future__ import annotations

from collections.abc import Mapping

from callsheet.nodes.spec import NodeSpec


def specs() -> Mapping[str, NodeSpec]:
    """Every text node by its `uses`."""
    from callsheet.nodes.text import chat
    from callsheet.nodes.text.operations import OPERATIONS

    return {chat.USES: chat.SPEC, **{uses: operation.SPEC for uses, operation in OPERATIONS.items()}}
