"""The examples that come with callsheet, to copy: one folder each, with a pipeline or a whole project."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Final

from callsheet.errors import InputError
from callsheet.spec.project import OUT, SETTINGS, STATE
from callsheet.spec.suggest import suggest

PIPELINE: Final = "film.yaml"
MADE: Final = frozenset({OUT.name, STATE, "__pycache__"})
"""Folders that runs make in a clone of the repository."""
LOCK: Final = ".lock.yaml"


def examples() -> Mapping[str, Path]:
    """Name of an example → its folder, in alphabetical order."""
    installed = Path(str(files("callsheet"))) / "examples"
    root = installed if installed.is_dir() else installed.parents[1] / "examples"
    return {folder.name: folder for folder in sorted(root.glob("*")) if _is_one(folder)}


def files_of(name: str) -> Mapping[Path, Path]:
    """The files of an example: path inside of it → where it lies. Raises InputError if there is none."""
    known = examples()
    if name not in known:
        raise InputError(f"there is no example {name}", _instead(name, known))
    return {path.relative_to(known[name]): path for path in _written(known[name])}


def _instead(name: str, known: Mapping[str, Path]) -> str:
    """The example that has a film of this name, as a project has; else a similar one, or all."""
    for whole, folder in known.items():
        if any(path.parent.name == name for path in folder.rglob(PIPELINE)):
            return f"it is a part of `{whole}`: callsheet init --from {whole}"
    return suggest(name, known) or f"the examples are {', '.join(known)}"


def _is_one(folder: Path) -> bool:
    return any((folder / name).is_file() for name in (PIPELINE, SETTINGS))


def _written(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_dir() and path.name not in MADE:
            yield from _written(path)
        elif path.is_file() and not path.name.endswith(LOCK):
            yield path
