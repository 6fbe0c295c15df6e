"""Keys: what makes two pieces of work the same. This module is the only one that defines it.

The key of a paid call covers what reaches the provider and nothing else: provider, endpoint, canonical
request, take. Media counts by its identity, never by a URL or a path. The key of a local operation covers
operation, version and parameters. What reaches a provider or a plug-in through local operations counts as if
each of them had its first version: a newer version makes local results again and buys nothing again. The
key of a preview adds the address and the renderer, since its picture
shows the address and depends on the renderer.

A key is the sha256 of its *components* as canonical JSON. In them each value is a pair with its tag
(`["value", 8]`, `["media", "video", identity]`), so that no text of a user can be taken for media.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import replace
from typing import Any, Final, Protocol, runtime_checkable

from callsheet.dsl.graph import Instance
from callsheet.spec.json_writer import json_writer
from callsheet.spec.media import Artifact
from callsheet.spec.node import FIRST_VERSION, NodeSpec, Worker
from callsheet.spec.types import NOTHING
from callsheet.spec.values import Place, SecretName, leaves, map_placed, place_name

Components = Mapping[str, object]
Identify = Callable[[Artifact], str]
CANONICAL: Final = json_writer(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


@runtime_checkable
class StandIn(Protocol):
    """Replaces a value that is known only in a run. tagged: what it counts as in a key."""

    @property
    def tagged(self) -> list[object]: ...


def components(instance: Instance, worker: Worker | None, params: Mapping[str, object]) -> Components:
    """The components of `instance` with these parameters, made here by `worker` or, with None, bought."""
    version = str(getattr(worker, "version", ""))
    if worker is None or instance.spec.provider == "local":
        return request(instance, params, version)
    renderer = getattr(worker, "renderer", None)
    made_by = renderer(instance.spec, instance.address) if renderer else f"{worker.name} {version}"
    return preview(instance.address, instance.spec.uses, made_by, params)


def request(instance: Instance, params: Mapping[str, object], version: str = "") -> Components:
    """The components of an instance, not of its preview. version: of the worker, for local operations."""
    spec = instance.spec
    if spec.counts_as_recipe:
        return operation(spec.uses, spec.version or version, params)
    if spec.provider == "local":
        return operation(spec.uses, spec.version or version, params, of_origin)
    return call(spec.provider, spec.uses, params, instance.take.repeat)


def call(provider: str, endpoint: str, params: Mapping[str, object], take: int = 1) -> Components:
    """The components of a paid call."""
    return {"call": endpoint, "provider": provider, "request": tagged(params, of_origin), "take": take}


def with_crlf(instance: Instance) -> Instance | None:
    """The instance by the very bytes of its code, where these have line ends of Windows; None for all others.

    Earlier versions kept its result so. What is there under this key is used: nothing is made again.
    """
    spec = instance.spec
    counts = spec.crlf_version and spec.version
    return replace(instance, spec=replace(spec, version=spec.crlf_version)) if counts else None


def of_recipe(artifact: Artifact) -> str:
    """A media value with the versions of the operations that made it."""
    return artifact.identity


def of_origin(artifact: Artifact) -> str:
    """A media value as if every operation that made it had its first version."""
    return artifact.first_identity


def operation(
    uses: str, version: str, params: Mapping[str, object], identify: Identify = of_recipe
) -> Components:
    """The components of a local operation; `version` changes when its result means something else."""
    return {"operation": uses, "version": version, "params": tagged(params, identify)}


def origin(spec: NodeSpec, params: Mapping[str, object], made_under: str) -> str:
    """The key of a local operation as if it and all before it had their first version. made_under: its own
    key, which that is where nothing has another version, and for what counts by its bytes."""
    raised = is_raised(spec) or any(artifact.origin for artifact in leaves(params, Artifact))
    if not (raised and spec.counts_as_recipe):
        return made_under
    return key(operation(spec.uses, FIRST_VERSION, params, of_origin))


def is_raised(spec: NodeSpec) -> bool:
    """Whether a local operation has another version than its first."""
    return spec.counts_as_recipe and spec.version not in ("", FIRST_VERSION)


def preview(address: str, endpoint: str, renderer: str, params: Mapping[str, object]) -> Components:
    """The components of a preview; `renderer` changes when its pictures do."""
    return {"preview": endpoint, "address": address, "renderer": renderer, "params": tagged(params)}


def key(components: Components) -> str:
    """The key, hex. Raises ValueError for NaN and infinity."""
    return digest(components)


def result(outputs: Mapping[str, object]) -> str:
    """The digest of an instance's outputs, hex, by which a person's approval refers to them."""
    return digest({"result": tagged(outputs)})


def with_origin(
    outputs: Mapping[str, object], spec: NodeSpec, made_under: str, first: str
) -> Mapping[str, object]:
    """Outputs that `spec` made, each media value with its `origin`. first: as `origin` gives it."""

    def named(place: Place, leaf: object) -> object:
        if not isinstance(leaf, Artifact):
            return leaf
        return replace(leaf, origin=recipe(spec, first, place_name(place)))

    if first == made_under:
        return outputs
    changed = copy(outputs)
    for name in changed:
        changed[name] = map_placed(changed[name], named, (name,))  # type: ignore[index]
    return changed


def recipe(spec: NodeSpec, key: str, place: str) -> str:
    """The `recipe` of the media value at `place` of the outputs that `spec` made under `key`.

    Results of local operations count as how they were made, since another encoder may give other bytes;
    all others count as their bytes, and have none ("").
    """
    return digest({"recipe": key, "output": place}) if spec.counts_as_recipe else ""


def same(one: object, other: object) -> bool:
    """Whether two values count as the same in a key."""
    return canonical(tagged(one)) == canonical(tagged(other))


def digest(value: object) -> str:
    """The sha256 of the canonical JSON of `value`, hex. Raises ValueError for NaN and infinity."""
    return hashed(canonical(value))


def hashed(written: bytes) -> str:
    """The digest, hex, of what is written as canonical JSON already; of components, that is their key."""
    return hashlib.sha256(written).hexdigest()


def canonical(value: object) -> bytes:
    """JSON with sorted names, no blanks and UTF-8: equal values, equal bytes."""
    return CANONICAL(value).encode("utf-8", "surrogatepass")


def tagged(value: object, identify: Identify = of_recipe) -> object:
    """`value` as JSON, each part in a pair with its tag. identify: gives what a media value counts as.

    Raises ValueError for media that was not stored.
    """
    match value:
        case None | str() | int() | float():
            return ["value", value]
        case Artifact():
            if not value.identity:
                raise ValueError("a media value without identity has no key")
            return ["media", value.kind, identify(value)]
        case SecretName(variable):
            return ["secret", variable]
        case dict() | Mapping():  # nearly all are dicts, which costs less to ask
            return ["object", {str(k): tagged(v, identify) for k, v in value.items()}]
        case list() | tuple():
            return ["list", [tagged(v, identify) for v in value]]
        case StandIn():
            return value.tagged
    return ["value", value]


def made_by(components: Mapping[str, Any]) -> str:
    """What makes it: the operation, or the model whose preview it is; "" for what is neither."""
    return str(components.get("operation") or components.get("preview") or "")


def parameters(components: Mapping[str, Any]) -> Mapping[str, object]:
    """The tagged parameters in the components of a local operation; {} for what has none."""
    match components.get("params"):
        case ["object", dict(fields)]:
            return fields
    return {}


def plain(tagged: object) -> object:
    """A value without its tags; NOTHING for media."""
    match tagged:
        case ["value", value]:
            return value
        case ["list", list(items)]:
            return [plain(item) for item in items]
        case ["object", dict(fields)]:
            return {name: plain(value) for name, value in fields.items()}
        case ["secret", str(name)]:
            return f"the secret {name}"
    return NOTHING


def identities(tagged: object) -> Iterator[str]:
    """The identity of each media value in a tagged value."""
    match tagged:
        case ["media", _, str(identity)]:
            yield identity
        case ["list", list(items)]:
            for item in items:
                yield from identities(item)
        case ["object", dict(fields)]:
            for value in fields.values():
                yield from identities(value)
