"""Which files of a folder are pipelines."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from callsheet.errors import InputError
from callsheet.spec.plural import plural
from callsheet.spec.project import LOCK, OUT
from callsheet.spec.regular_file import read_regular

FIRST_KEY: Final = re.compile(rb"(?m)^callsheet:[ \t]*[0-9]")
HEAD: Final = 16 * 1024
"""Bytes within which a pipeline names the version of the language."""
ENDINGS: Final = (".yaml", ".yml")
NAMED: Final = 5
"""Files that a message names."""
MOST: Final = 1_000
"""Entries of a folder that are looked at."""


def pipeline_files(folder: Path) -> list[Path]:
    """The pipelines that lie in a folder, by name. Lock files and other YAML are none; nothing is in a folder
    that cannot be read."""
    return sorted(path for path in _yaml_files(folder) if is_pipeline(path))


def pipeline_in(file: Path | None, command: str = "callsheet check") -> Path:
    """`file`, or the only pipeline of a folder; None for the current one. command: for the advice.

    Raises InputError where that is none or several.
    """
    if file is not None and not os.path.isdir(file):  # noqa: PTH112 it takes names that are too long
        return file
    found = pipeline_files(file or Path())
    if file is not None and not found:
        return file
    if len(found) == 1:
        return found[0]
    named = ", ".join(map(str, found[:NAMED])) + (", …" if len(found) > NAMED else "")
    count = plural(len(found), "pipeline") if found else "no pipeline"
    message = f"the folder {file} has {count}" if file else f"no FILE is given, and this folder has {count}"
    step = f"{command} {found[0]}" if found else "callsheet init writes a first one"
    raise InputError(f"{message}{f' ({named})' if found else ''}", step)


def pipelines_below(folder: Path) -> list[Path]:
    """The pipelines in a folder and in all folders below, sorted by path. What is called with a dot at its
    beginning, `out/` and links are left out."""
    found: list[Path] = []
    for place, names, _ in os.walk(folder):
        names[:] = sorted(name for name in names if not name.startswith(".") and name != OUT.name)
        found += pipeline_files(Path(place))
        if len(found) > MOST:
            break
    return sorted(found)[:MOST]


def _yaml_files(folder: Path) -> Iterator[Path]:
    try:
        found = list(islice(folder.iterdir(), MOST))
    except OSError:
        return
    for path in found:
        if path.suffix in ENDINGS and not path.name.endswith(LOCK):
            yield path


def is_pipeline(path: Path) -> bool:
    """Whether a file says which version of the language it is in."""
    return bool(head_of(path))


def head_of(path: Path) -> bytes:
    """The beginning of a pipeline, b"" for any other file."""
    try:
        head = read_regular(path, HEAD)
    except OSError:
        return b""
    return head if FIRST_KEY.search(head) else b""
