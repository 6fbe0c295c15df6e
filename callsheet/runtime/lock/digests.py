"""Outputs by their digests: enough to know them again, and nothing of what is in them."""

from __future__ import annotations

from collections.abc import Mapping

from callsheet.runtime import keys
from callsheet.spec.media import Artifact
from callsheet.spec.values import leaves, place_name, placed_leaves


def pins(outputs: Mapping[str, object]) -> dict[str, str]:
    """Place → sha256, hex: of each media file under its place ("images[0]"), and of what else an output holds
    under the output's name."""
    found: dict[str, str] = {}
    for name, value in outputs.items():
        if isinstance(value, Artifact):
            found[name] = value.digest
            continue
        media = {place_name(p): a.digest for p, a in placed_leaves(value, Artifact, (name,))}
        found.update(media)
        if not media or not all(isinstance(leaf, Artifact) for leaf in leaves(value, object)):
            found[name] = keys.digest(_told_apart(value))
    return found


def _told_apart(value: object) -> object:
    """As JSON in which no text can pass for media."""
    match value:
        case Artifact():
            return {"media": [value.kind, value.digest]}
        case Mapping():
            return {"object": {str(name): _told_apart(v) for name, v in value.items()}}
        case list() | tuple():
            return [_told_apart(v) for v in value]
    return value
