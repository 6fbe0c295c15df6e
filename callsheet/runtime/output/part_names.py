"""The file names of parts, in the order of the film: `clip-01-dawn`, `clip-02-storm-take3`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from callsheet.dsl.address import words
from callsheet.dsl.graph import Graph, Instance
from callsheet.runtime.output.file_names import Names, file_name
from callsheet.spec.media import Artifact
from callsheet.spec.values import Place


def instance_names(graph: Graph, names: Names | None = None) -> dict[str, tuple[str, ...]]:
    """Address → file names of the instance without their endings: unique, in whatever order instances end.

    Before each key stands the number of its element, so that names sort as the axes go. The take that counts
    has the plain name, and each take has one with its number. names: those given out before.
    """
    names = names or Names()
    levels = _levels(graph)
    return {
        address: tuple(names.claim(base, owner=address) for base in _bases(instance, levels[instance.node]))
        for address, instance in graph.instances.items()
    }


def part_names(base: str, media: Sequence[tuple[Place, Artifact]], others: Names) -> Iterator[str]:
    """The name of each media value of the instance that has the name `base`.

    The first output that has media is named after the instance alone; several in one output are numbered.
    others: the names of all instances. No key holds two hyphens in a row, so they tell a part of an instance
    from another instance.
    """
    first, counts = media[0][0][0], Counter(path[0] for path, _ in media)
    numbers: Counter[str | int] = Counter()
    for path, _ in media:
        output = path[0]
        numbers[output] += 1
        words = [] if output == first else [str(output)]
        count = str(counts[output])
        words += [] if count == "1" else [f"{numbers[output]:0{len(count)}}"]
        name = "-".join([base, *words])
        yield f"{base}--{'-'.join(words)}" if words and others.is_reserved(name) else name


class Level:
    """One axis of a node. digits: of the numbers of its elements. counts: whether each key is that number
    itself, from 0 or from 1."""

    def __init__(self, index: Sequence[int], keys: Sequence[str]) -> None:
        self.digits = max(2, *(len(str(i + 1)) for i in index))
        steps = {int(key) - i if key.isdecimal() else None for i, key in zip(index, keys, strict=True)}
        self.counts = steps in ({0}, {1})

    def word(self, index: int, key: str) -> str:
        """What stands for a key in a file name: `03-dawn`, or `03` where the key counts."""
        return key.zfill(self.digits) if self.counts else f"{index + 1:0{self.digits}}-{key}"


def _levels(graph: Graph) -> dict[str, list[Level]]:
    """Node → its axes, with those of the recipes that it is in."""
    nodes: dict[str, list[Instance]] = defaultdict(list)
    for instance in graph.instances.values():
        nodes[instance.node].append(instance)
    return {
        node: [
            Level([i.point[level] for i in instances], [i.key[level] for i in instances])
            for level in range(min(len(i.point) for i in instances))
        ]
        for node, instances in nodes.items()
    }


def _bases(instance: Instance, levels: Sequence[Level]) -> Iterator[str]:
    placed = zip(levels, instance.point, instance.key, strict=False)
    base = file_name(words(instance.base, [level.word(index, key) for level, index, key in placed]))
    take = instance.take
    if take.picked:
        yield base
    if take.of > 1:
        yield file_name(f"{base}-take{take.number:0{len(str(take.of))}}")
