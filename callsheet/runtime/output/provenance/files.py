"""Finds the user's own files that a media file was made from, and whether they changed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from callsheet.nodes.media.tags import LONGEST
from callsheet.runtime.output.manifest import Manifest
from callsheet.runtime.output.provenance.record import FromFile, Provenance, marks
from callsheet.runtime.store import atomic as disk


def notes_beside(file: Path) -> Iterator[str]:
    """The note that the manifest has for `file`, if the file is the one that was written. Raises OSError."""
    entry = Manifest(file.parent).files.get(file.name)
    if entry is None or not 0 < len(entry.note) <= LONGEST:
        return
    if disk.digest(file) == entry.sha256:
        yield entry.note


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file is. written: the path as a pipeline has it. problem: why it is not the file that was used,
    or ""."""

    written: str
    problem: str = ""


def located(provenance: Provenance, target: Path) -> dict[FromFile, Place]:
    """Every file of the user's in `provenance`, for a pipeline at `target`.

    A file is looked for in the current folder, which is that of the project, and beside `target`.
    """
    makings = (provenance.making, *provenance.before.values())
    found = [leaf for making in makings for leaf in marks(making.parameters or {})]
    return {leaf: _place(leaf, target.parent) for leaf in found if isinstance(leaf, FromFile)}


def code_in(provenance: Provenance, target: Path) -> dict[str, str]:
    """Every `uses` that names code in the project, with its path as a pipeline at `target` has it."""
    makings = (provenance.making, *provenance.before.values())
    named = {making.uses for making in makings if making.uses.startswith("./")}
    return {uses: _written(Path(uses), target.parent) for uses in named}


def _place(file: FromFile, beside: Path) -> Place:
    places = [root / file.name for root in (Path(), beside)]
    path = next((p for p in places if p.is_file()), None)
    if path is None:
        return Place(_written(places[0], beside), f"{file.name} is not here; it has the digest {file.sha256}")
    try:
        changed = disk.digest(path) != file.sha256
    except OSError as error:
        return Place(_written(path, beside), f"{file.name} cannot be read: {error.strerror}")
    problem = f"{file.name} has changed: what comes of it will be another file" if changed else ""
    return Place(_written(path, beside), problem)


def _written(path: Path, beside: Path) -> str:
    """`path` relative to the folder `beside`, as a pipeline there has it."""
    relative = Path(os.path.relpath(path, beside)).as_posix()
    return relative if relative.startswith("../") else f"./{relative}"
