"""The files of a recipe's commit as one file, and back: for a shared store and an archive."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Final

from callsheet.errors import InputError
from callsheet.runtime.recipes.cache import tree_files
from callsheet.runtime.recipes.git_fetch import MOST_FILES, MOST_TREE
from callsheet.runtime.store import atomic as disk

NOT_ONE: Final = "is not a packed recipe"


def pack(folder: Path, file: IO[bytes]) -> None:
    """Write every file below `folder` into the tar archive `file`. Equal trees give equal bytes."""
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as packed:
        for path, name in tree_files(folder):
            about = tarfile.TarInfo(name)
            about.size, about.mode = path.stat().st_size, 0o444
            with path.open("rb") as content:
                packed.addfile(about, content)


def unpack(file: Path, folder: Path) -> None:
    """Write the files in the tar archive `file` into the empty `folder`. Only plain files, none outside of
    the folder, and not too many. Raises InputError, StoreError."""
    left = MOST_TREE
    try:
        with tarfile.open(file, mode="r:") as packed:
            for count, about in enumerate(packed):
                left -= about.size
                content = packed.extractfile(about) if about.isreg() else None
                if content is None or not _inside(about.name) or count >= MOST_FILES or left < 0:
                    raise InputError(f"{file.name} {NOT_ONE}")
                path = folder / about.name
                disk.make_folder(path.parent)
                disk.write_new(path, _pieces(content))
    except (tarfile.TarError, EOFError, UnicodeError, ValueError) as error:
        raise InputError(f"{file.name} {NOT_ONE}") from error


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(disk.CHUNK):
        yield piece


def _inside(name: str) -> bool:
    """Whether a name in an archive leads to a file below the folder."""
    parts = PurePosixPath(name).parts
    return bool(parts) and not name.startswith("/") and not {"..", "."} & set(parts) and "\\" not in name
