"""The files of the user's that a film uses, by their bytes."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from callsheet.dsl.graph import Graph
from callsheet.runtime.store import atomic as disk
from callsheet.spec.values import LocalFile, leaves


def own_files(graph: Graph) -> Mapping[str, Path]:
    """Digest → a file of the user's that an instance takes. Files that cannot be read are left out."""
    params = (dict(instance.params) for instance in graph.instances.values())
    found: dict[str, Path] = {}
    for path in dict.fromkeys(file.path for tree in params for file in leaves(tree, LocalFile)):
        with suppress(OSError):
            found[disk.digest(path)] = path
    return found
