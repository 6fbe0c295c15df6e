"""The outputs of one key in a shared store. Nothing in it is trusted: the lock file has the digests."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import astuple, replace
from pathlib import Path
from typing import Final, get_args

from callsheet.errors import NodeError
from callsheet.runtime import keys
from callsheet.runtime.lock.digests import pins
from callsheet.runtime.store.blobs import extension
from callsheet.runtime.store.output_codec import Outputs, decoded, encoded
from callsheet.spec.conform import delivered
from callsheet.spec.media import Artifact, Shot
from callsheet.spec.node import Made, NodeSpec
from callsheet.spec.types import MediaKind
from callsheet.spec.values import map_leaves, place_name, placed_leaves

VERSION: Final = 1
DIGEST: Final = re.compile(r"[0-9a-f]{64}")
BROKEN: Final = (ValueError, TypeError, KeyError, AttributeError, RecursionError)


class Refused(Exception):
    """A record is not what the lock says it must be."""


def name_of(key: str, pinned: Mapping[str, str]) -> str:
    """The name of the record for these outputs of `key`. Other outputs of the same key have another
    record."""
    outputs = keys.digest(dict(pinned))
    return f"records/{key[:2]}/{key[2:]}-{outputs}.json"


def written(outputs: Outputs) -> bytes:
    """The record of `outputs`. URLs and recipes are left out; they concern this machine only."""
    return keys.canonical({"callsheet": VERSION, "outputs": encoded(map_leaves(outputs, _bare))})


def outputs_in(
    record: bytes, key: str, pinned: Mapping[str, str], spec: NodeSpec, path: Callable[[str, str], Path]
) -> Outputs:
    """The outputs in `record`; `path` gives the path of each media file. Raises Refused."""
    try:
        said = json.loads(record)
        version, outputs = said["callsheet"], decoded(said["outputs"], path)
    except BROKEN:
        raise Refused("it cannot be read") from None
    if version != VERSION or not isinstance(outputs, dict):
        raise Refused("it is of another version")
    media = {place_name(place): artifact for place, artifact in placed_leaves(outputs, Artifact)}
    filled = {name: map_leaves(value, _as_made) for name, value in outputs.items()}
    if not all(_believable(artifact, path) for artifact in media.values()):
        raise Refused("it names a file that cannot be")
    return _checked(filled, media, key, pinned, spec)


def _checked(
    filled: Mapping[str, object],
    media: Mapping[str, Artifact],
    key: str,
    pinned: Mapping[str, str],
    spec: NodeSpec,
) -> Outputs:
    """The outputs, checked against the types of `spec` and the digests of the lock file."""

    def keep(made: Made, place: str) -> Artifact:
        return replace(media[place], url=None, recipe=keys.recipe(spec, key, place))

    try:
        found = delivered(spec.outputs, filled, keep)
    except NodeError as error:
        raise Refused(error.message) from error
    if pins(found) != dict(pinned):
        raise Refused("it is not what the lock names")
    return found


def _believable(artifact: Artifact, path: Callable[[str, str], Path]) -> bool:
    """Whether kind, digest, file name and facts have the right form."""
    kind, suffix = artifact.kind, artifact.path.suffix
    return (
        kind in get_args(MediaKind)
        and DIGEST.fullmatch(artifact.digest) is not None
        and extension(Made(kind, Path(f"file{suffix}"))) == suffix
        and path(artifact.digest, suffix) == artifact.path
        and all(map(_is_fact, astuple(artifact.facts)))
        and all(map(_is_shot, artifact.shots))
    )


def _is_shot(shot: Shot) -> bool:
    source, *numbers = astuple(shot)
    return DIGEST.fullmatch(str(source)) is not None and all(map(_is_fact, numbers))


def _is_fact(fact: object) -> bool:
    return fact is None or isinstance(fact, int) or (isinstance(fact, float) and math.isfinite(fact))


def _bare(leaf: object) -> object:
    return replace(leaf, url=None, recipe="") if isinstance(leaf, Artifact) else leaf


def _as_made(leaf: object) -> object:
    return Made(leaf.kind, leaf.path) if isinstance(leaf, Artifact) else leaf
