"""Keys: what makes two pieces of work the same.

The key of a paid call covers what reaches the provider and nothing else: provider, endpoint, canonical
request, take. Media counts by its identity, never by a URL or a path. The key of a local operation is
its recipe. The key of a preview adds the address and the renderer, since its card shows the one and is
drawn by the other.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Final

from callsheet.dsl.graph import Instance
from callsheet.spec.media import Artifact
from callsheet.spec.node import Worker
from callsheet.spec.values import SecretName

Components = Mapping[str, object]
CANONICAL: Final = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)


def components(instance: Instance, maker: Worker | None, params: Mapping[str, object]) -> Components:
    """The components of `instance` with these parameters, made here by `maker` or, with None, bought."""
    uses = instance.spec.uses
    if maker is None:
        return call(instance.spec.provider, uses, params, 1 if instance.take.seeded else instance.take.number)
    version = str(getattr(maker, "version", ""))
    if instance.spec.provider == "local":
        return recipe(uses, instance.spec.version or version, params)
    return preview(instance.address, uses, f"{maker.name} {version}", params)


def call(provider: str, endpoint: str, request: Mapping[str, object], take: int = 1) -> Components:
    """The components of a paid call."""
    return {"call": endpoint, "provider": provider, "request": _identified(request), "take": take}


def recipe(operation: str, version: str, params: Mapping[str, object]) -> Components:
    """The components of a local operation; `version` changes when its result means something else."""
    return {"operation": operation, "version": version, "params": _identified(params)}


def preview(address: str, endpoint: str, renderer: str, params: Mapping[str, object]) -> Components:
    """The components of a preview; `renderer` changes when its pictures do."""
    return {"preview": endpoint, "address": address, "renderer": renderer, "params": _identified(params)}


def result(outputs: Mapping[str, object]) -> str:
    """What the outputs of an instance count as, hex: another result is another one."""
    return key({"result": _identified(outputs)})


def key(components: Components) -> str:
    """The sha256 of the canonical JSON of `components`, hex. Raises ValueError for NaN and infinity."""
    return hashlib.sha256(canonical(components)).hexdigest()


def canonical(value: object) -> bytes:
    """JSON with sorted names, no blanks and UTF-8: equal values, equal bytes."""
    return CANONICAL.encode(value).encode("utf-8", "surrogatepass")


def _identified(value: object) -> object:
    """`value` as JSON, with each media value and secret replaced by what it counts as.

    Wrapped in pairs, so that no text of a user's can look like a media value.
    """
    match value:
        case None | str() | int() | float():
            return ["value", value]
        case Artifact():
            if not value.identity:
                raise ValueError("a media value without identity has no key")
            return ["media", value.kind, value.identity]
        case SecretName(variable):
            return ["secret", variable]
        case Mapping():
            return ["object", {str(k): _identified(v) for k, v in value.items()}]
        case list() | tuple():
            return ["list", [_identified(v) for v in value]]
    return ["value", value]
