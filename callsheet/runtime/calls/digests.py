"""The media inside of the parameters of a call, by digest."""

from __future__ import annotations

from collections.abc import Mapping

from callsheet.spec.media import Artifact
from callsheet.spec.values import place_name, placed_leaves


def digests(params: Mapping[str, object]) -> dict[str, str]:
    """Place of each media value inside parameters → its digest."""
    return {place_name(place): artifact.digest for place, artifact in placed_leaves(params, Artifact)}
