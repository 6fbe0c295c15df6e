"""The JSON Schema of pipeline files, for editors."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

from callsheet.dsl import editor_schema
from callsheet.dsl.resolve.recipe_files import shipped
from callsheet.dsl.resolve.recipe_reference import recipe_spec
from callsheet.errors import CallsheetError
from callsheet.nodes.openapi.project_models import FOLDER, Models
from callsheet.nodes.registry import Registry
from callsheet.spec.node import NodeSpec
from callsheet.spec.project import OUT

USED: Final = re.compile(r"""\buses:\s*["']?([\w.-]+/[\w./@-]+)""")
MOST_FILES: Final = 500
LARGEST: Final = 1 << 20
"""Bytes of a file that is looked through for the models that it uses."""


def schema(every: bool = False, root: Path | None = None) -> dict[str, Any]:
    """The JSON Schema of pipeline files.

    It lists the models that people use most, those that the project and the shipped recipes use, the local
    operations and the shipped recipes; with `every`, all endpoints of the catalogue. What is retired comes
    last. root: of the project, None for no project.
    """
    registry = Registry() if root is None else Registry(Models(root / FOLDER))
    recipes = shipped()
    specs = registry.listed(every)
    specs += _others(registry, specs, [*recipes.values(), *(_pipelines(root) if root else ())])
    ordered = sorted(specs, key=lambda spec: spec.status == "retired")
    return editor_schema.schema([*ordered, *(recipe_spec(uses, p, registry) for uses, p in recipes.items())])


def _others(registry: Registry, known: Iterable[NodeSpec], files: Iterable[Path]) -> list[NodeSpec]:
    """The models that these files use and that are not among the known ones, by name."""
    listed = {spec.uses for spec in known}
    used = {name for path in files for name in USED.findall(_text(path))} - listed
    return [
        spec for name in sorted(used) if not name.startswith("recipe/") and (spec := _found(registry, name))
    ]


def _found(registry: Registry, uses: str) -> NodeSpec | None:
    """The spec of a model; None for what is a plug-in that breaks, or nothing at all."""
    try:
        return registry.find(uses)
    except CallsheetError:
        return None


def _pipelines(root: Path) -> Iterator[Path]:
    """The YAML files of a project, without those of its state and its results."""
    return islice((path for path in _files(root) if path.suffix in (".yaml", ".yml")), MOST_FILES)


def _files(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != OUT.name)
        yield from (Path(folder, name) for name in sorted(names))


def _text(path: Path) -> str:
    """The text of a file; "" for one that cannot be read, or is larger than any pipeline."""
    try:
        return path.read_text("utf-8") if path.stat().st_size <= LARGEST else ""
    except (OSError, UnicodeDecodeError):
        return ""
