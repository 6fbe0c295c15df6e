"""Local media operations: what `uses: media/…` can name."""

from __future__ import annotations

from collections.abc import Mapping

from callsheet.nodes.spec import NodeSpec


def specs() -> Mapping[str, NodeSpec]:
    """Every operation by its `uses`. Loads no media library."""
    from callsheet.nodes.media.operations import OPERATIONS

    return {uses: operation.SPEC for uses, operation in OPERATIONS.items()}
