"""The films of a project, told apart by the folder that their results go to.

They are looked at as text: what a file is called in out/ can be read off it, whatever else is wrong with it.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from callsheet.errors import InputError
from callsheet.runtime.output.file_names import file_name
from callsheet.runtime.output.layout import Layout
from callsheet.runtime.output.manifest import Manifest
from callsheet.spec.pipeline_files import is_pipeline, pipeline_files
from callsheet.spec.project import SETTINGS, from_root, is_marked
from callsheet.spec.regular_file import read_regular

NAME: Final = re.compile(
    r"""^name[ \t]*:[ \t]*(?:"([^"\n]*)"|'([^'\n]*)'|([^#\s][^#\n]*?))[ \t]*(?:#.*)?\r?$""", re.MULTILINE
)
HEAD: Final = 8_192
"""Bytes of a file in which its name stands."""
MOST_FOLDERS: Final = 200
"""Folders of a project at most that are looked through."""
LEFT_OUT: Final = {"out", "recipes", "models", "node_modules"}
"""Folders that have no films of the project."""


def folder_name(path: Path) -> str | None:
    """What the folder of a film's results is called; None for a file that is no film."""
    if not is_pipeline(path):
        return None
    found = NAME.search(read_regular(path, HEAD).decode("utf-8", "replace"))
    return file_name(next(filter(None, found.groups()), path.stem) if found else path.stem)


def namesakes(film: Path, name: str, root: Path, leave_out: Collection[Path] = ()) -> list[Path]:
    """The other films of the project `root` that write to the same folder as `film`, which has this name.

    leave_out: files that are no films, such as recipes that it uses. Large projects are looked through in
    part.
    """
    known = {path.resolve() for path in (film, *leave_out)}
    folder = file_name(name).casefold()
    found = [path for path in _candidates(root) if (folder_name(path) or "").casefold() == folder]
    return [path for path in found if path.resolve() not in known]


def require_own_folder(layout: Layout, film: Path) -> None:
    """Raises InputError where the folder has the results of another film, which is still called so."""
    owner = Manifest(layout.top).owner
    if owner is None or not owner.exists() or owner.resolve() == film.resolve():
        return
    if (folder_name(owner) or "").casefold() == layout.name.casefold():
        raise InputError(
            f"{layout.top} has the results of another film of this name, {from_root(owner, Path())};"
            " nothing was made",
            "give one of the two another `name:`, or choose another --out",
        )


def _candidates(root: Path) -> Iterator[Path]:
    """The pipelines of a project, those that are nearest to its root first."""
    waiting = [root]
    for folder in waiting:
        with contextlib.suppress(OSError):
            yield from pipeline_files(folder)
            if is_marked(root) and len(waiting) < MOST_FOLDERS:
                waiting += sorted(filter(_is_part, islice(folder.iterdir(), MOST_FOLDERS)))


def _is_part(path: Path) -> bool:
    """Whether it is a folder of the same project that may have films."""
    named = not path.suffix and path.name not in LEFT_OUT and not path.name.startswith(".")
    return named and path.is_dir() and not path.is_symlink() and not (path / SETTINGS).exists()
