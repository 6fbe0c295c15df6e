"""A request's body as parameters of a job: defaults filled in, media on this machine."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote_to_bytes

from callsheet.emulator.results.media import Media
from callsheet.errors import NodeError
from callsheet.nodes.media.probe import probe
from callsheet.spec.media import Artifact
from callsheet.spec.node import NodeSpec
from callsheet.spec.types import NOTHING, ListOf, Maybe, MediaKind, OneOf, Record, Type, media_in
from callsheet.spec.types import Media as MediaType


def parameters(spec: NodeSpec, body: Mapping[str, object], media: Media, folder: Path) -> dict[str, object]:
    """Every parameter with a value. Media at URLs of other servers are left out."""
    values = {name: field.default for name, field in spec.inputs.items() if field.default is not NOTHING}
    values.update({name: value for name, value in body.items() if name in spec.inputs})
    local = {name: _local(spec.inputs[name].type, value, media, folder) for name, value in values.items()}
    return {name: value for name, value in local.items() if value is not NOTHING}


def _local(t: Type, value: object, media: Media, folder: Path) -> object:
    match t, value:
        case (Maybe(inner), _):
            return _local(inner, value, media, folder)
        case (MediaType(kind), str()):
            return _artifact(kind, value, media, folder)
        case (ListOf(item), list()):
            found = [_local(item, element, media, folder) for element in value]
            return [element for element in found if element is not NOTHING]
        case (Record(fields), Mapping()):
            parts = {n: _local(fields[n].type, v, media, folder) for n, v in value.items() if n in fields}
            return {name: part for name, part in parts.items() if part is not NOTHING}
        case (OneOf(options), str()) if any(True for option in options for _ in media_in(option)):
            return _local(next(o for o in options if any(True for _ in media_in(o))), value, media, folder)
    return value


def _artifact(kind: MediaKind, url: str, media: Media, folder: Path) -> object:
    if url.startswith("data:"):
        path = _from_data(url, folder)
    elif file := media.find(url):
        path = file.path
    else:
        return NOTHING
    try:
        return Artifact(kind, path, path.name, probe(path), url)
    except NodeError as error:
        raise NodeError(f"an input is not a usable {kind}: {error.message}", "rejected") from error


def _from_data(url: str, folder: Path) -> Path:
    head, _, text = url.partition(",")
    try:
        data = base64.b64decode(text, validate=True) if head.endswith(";base64") else unquote_to_bytes(text)
    except (binascii.Error, ValueError) as error:
        raise NodeError("an input is a data URL that cannot be decoded", "rejected") from error
    path = folder / f"input-{len(list(folder.iterdir()))}"
    path.write_bytes(data)
    return path
