"""The digests of outputs: enough to recognise them, without their content."""

from __future__ import annotations

from collections.abc import Mapping

from callsheet.runtime import keys
from callsheet.spec.media import Artifact
from callsheet.spec.values import leaves, place_name, placed_leaves


def pins(outputs: Mapping[str, object]) -> dict[str, str]:
    """Place → sha256, hex. Each media file has an entry under its place ("images[0]"); other content of an
    output has one under the output's name."""
    found: dict[str, str] = {}
    for name, value in outputs.items():
        if isinstance(value, Artifact):
            found[name] = value.digest
            continue
        media = {place_name(p): a.digest for p, a in placed_leaves(value, Artifact, (name,))}
        found.update(media)
        if not media or not all(isinstance(leaf, Artifact) for leaf in leaves(value, object)):
            found[name] = keys.digest(_tagged(value))
    return found


def _tagged(value: object) -> object:
    """JSON in which no text can be taken for media."""
    match value:
        case Artifact():
            return {"media": [value.kind, value.digest]}
        case Mapping():
            return {"object": {str(name): _tagged(v) for name, v in value.items()}}
        case list() | tuple():
            return [_tagged(v) for v in value]
    return value
