"""What is known of an instance before the run: parameters, and facts of its outputs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from callsheet.dsl.expression.values import NotYet, Pending
from callsheet.dsl.graph import Instance
from callsheet.errors import NodeError
from callsheet.spec.media import FACTS, Artifact, Facts, Foreseen
from callsheet.spec.types import NOTHING, ListOf, Maybe, Media, Type
from callsheet.spec.values import Deferred, LocalFile, Ref, SecretName, leaves

Probe = Callable[[Path], Facts]
Instances = Mapping[str, Instance]
KnownFacts = Mapping[str, Mapping[str, Facts]]
UNKNOWN: Final = Facts()


class Elements(Pending):
    """A list of media that is not made yet. Its length is not known; the facts of an element are."""

    __slots__ = ("element",)

    def __init__(self, ref: Ref, element: Foreseen) -> None:
        super().__init__(ref)
        self.element = element

    def at_key(self, key: str | int) -> object:  # type: ignore[override]
        return self.element if isinstance(key, int) else super().at_key(key)


def known_parameters(
    instance: Instance, instances: Instances, known: KnownFacts, probe: Probe
) -> dict[str, object]:
    """The parameters of `instance` that are known before the run, defaults included.

    Media is there as an `Artifact` with the facts known so far and no bytes; a parameter of which any
    part is not known is left out. known: address → output → facts of all that the instance needs.
    """

    def value(tree: object) -> object:
        match tree:
            case Ref():
                return _referred(tree, instances, known)
            case Deferred():
                try:
                    return computed(tree, instances, known)
                except NodeError:
                    return NOTHING
            case SecretName():
                return NOTHING
            case LocalFile(kind, path):
                return Artifact(kind, path, facts=probe(path))
            case dict():
                return _whole({k: value(v) for k, v in tree.items()})
            case list() | tuple():
                return _whole([value(v) for v in tree])
        return tree

    given = {name: value(tree) for name, tree in instance.params.items()}
    defaults = {
        name: field.default
        for name, field in instance.spec.inputs.items()
        if field.default is not NOTHING and name not in given
    }
    return {name: v for name, v in {**defaults, **given}.items() if v is not NOTHING}


def computed(deferred: Deferred, instances: Instances, known: KnownFacts) -> object:
    """The value of `deferred` where the facts known so far decide it, else NOTHING.

    Raises NodeError when it has none, or one that does not fit.
    """

    def lookup(ref: Ref) -> object:
        found = _whole_output(ref, instances, known)
        if found is NOTHING:
            raise NotYet
        return found

    try:
        value = deferred.compute(lookup)
    except NotYet:
        return NOTHING
    return NOTHING if any(leaves(value, Ref)) else value


def in_order(instances: Instances, wanted: Iterable[str]) -> Iterator[str]:
    """`wanted` and all that they need, each after what it needs itself. The instances have no cycle."""
    done: set[str] = set()
    stack = [(address, False) for address in reversed(list(wanted))]
    while stack:
        address, ready = stack.pop()
        if address in done or address not in instances:
            continue
        if ready:
            done.add(address)
            yield address
        else:
            stack.append((address, True))
            stack += [(need, False) for need in instances[address].needs if need not in done]


def _whole(value: dict[str, object] | list[object]) -> object:
    parts = value.values() if isinstance(value, dict) else value
    return NOTHING if any(part is NOTHING for part in parts) else value


def _referred(ref: Ref, instances: Instances, known: KnownFacts) -> object:
    """The medium, or the fact of one, that `ref` refers to; NOTHING when it is not known."""
    *before, last = ref.path or ("",)
    if last in FACTS and before:
        media = _referred(Ref(ref.address, tuple(before)), instances, known)
        fact = getattr(media.facts, str(last)) if isinstance(media, Artifact) else None
        if fact is not None:
            return fact
    instance = instances.get(ref.address)
    if instance is None or not ref.path:
        return NOTHING
    name = str(ref.path[0])
    found = _follow(instance.spec.outputs.get(name), ref.path[1:])
    if not isinstance(found, Media):
        return NOTHING
    return Foreseen(found.kind, Path(), facts=known[ref.address].get(name, UNKNOWN))


def _whole_output(ref: Ref, instances: Instances, known: KnownFacts) -> object:
    """As `_referred`, for whole outputs, lists of media included."""
    instance = instances.get(ref.address)
    t = _bare(instance.spec.outputs.get(str(ref.path[0]))) if instance and len(ref.path) == 1 else None
    if isinstance(t, ListOf) and isinstance(_bare(t.item), Media):
        element = _referred(Ref(ref.address, (*ref.path, 0)), instances, known)
        return Elements(ref, element) if isinstance(element, Foreseen) else NOTHING
    return _referred(ref, instances, known)


def _follow(t: Type | None, path: Sequence[str | int]) -> Type | None:
    """The type at `path` inside `t`. Objects are not followed: facts are kept by output."""
    t = _bare(t)
    if not path:
        return t
    return _follow(t.item, path[1:]) if isinstance(t, ListOf) and isinstance(path[0], int) else None


def _bare(t: Type | None) -> Type | None:
    while isinstance(t, Maybe):
        t = t.inner
    return t
