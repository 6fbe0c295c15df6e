"""The file names of the film's outputs: `film`, `clips-dawn`, `sheet-left-01`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from callsheet.dsl.graph import Graph
from callsheet.runtime.output.file_names import file_name
from callsheet.spec.values import Ref


@dataclass(frozen=True, slots=True)
class Leaf:
    """A place in the film's outputs that the result of one instance fills. base: its file name without the
    ending. whole: whether it is all of the output."""

    base: str
    ref: Ref
    whole: bool = True


def leaves_of(graph: Graph, base: str, tree: object, whole: bool = True) -> Iterator[Leaf]:
    """Each place in an output that one instance fills. base: the file name of the output."""
    match tree:
        case Ref():
            yield Leaf(base, tree, whole)
        case Mapping():
            for key, part in tree.items():
                yield from leaves_of(graph, joined(base, key), part, False)
        case list() | tuple():
            for ending, part in zip(endings(graph, tree), tree, strict=True):
                yield from leaves_of(graph, joined(base, ending), part, False)


def joined(base: str, ending: object) -> str:
    """The file name for a part of `base`; that of `base` itself without an ending."""
    return file_name(f"{base}-{file_name(str(ending))}") if ending != "" else base


def endings(graph: Graph, elements: Sequence[object]) -> list[str]:
    """What distinguishes the elements of a list in file names: the keys of their instances, else numbers.

    Lists inside of lists have no ending where the keys in them are enough.
    """
    keys = [list(_keys(graph, element)) for element in elements]
    flat = [key for inside in keys for key in inside]
    if all(keys) and all(flat) and len(set(flat)) == len(flat):
        return ["" if isinstance(e, list | tuple) else k[0] for e, k in zip(elements, keys, strict=True)]
    width = max(2, len(str(len(elements))))
    return [f"{i:0{width}}" for i in range(1, len(elements) + 1)]


def _keys(graph: Graph, tree: object) -> Iterator[str]:
    """The key of each instance in lists inside of lists; "" for anything else."""
    match tree:
        case Ref(address):
            instance = graph.instances.get(address)
            yield file_name("-".join(instance.key)) if instance and instance.key else ""
        case list() | tuple():
            for element in tree:
                yield from _keys(graph, element)
        case _:
            yield ""
