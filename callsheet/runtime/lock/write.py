"""Writes the lines of a lock file: sorted, the same bytes for the same lines, made for merging line by line.

The lines about one instance follow a comment with its address, and a blank line ends them. Neither changes
with them, so git merges changes of neighbours, also where it knows nothing of lock files.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Final

from callsheet._version import __version__
from callsheet.runtime.lock.lines import Line, Writer, place, text_of, title
from callsheet.runtime.store import atomic as disk

VERSION: Final = 2
HEAD: Final = "# Written by callsheet, to be committed. After a merge: callsheet lock FILE\n"


def write(lines: Iterable[Line], path: Path) -> None:
    """Write the lock file at `path` with these lines. Raises StoreError."""
    told = [line for line in lines if not isinstance(line, Writer)]
    disk.replace(path, [text([Writer(__version__), *told]).encode("utf-8", "replace")])


def text(lines: Iterable[Line]) -> str:
    """The whole file. Lines that say the same are written once."""
    ordered = {text_of(line): title(line) for line in sorted(lines, key=place)}
    groups = groupby(ordered, key=ordered.__getitem__)
    body = "".join(f"\n# {name}\n" + "".join(f"{line}\n" for line in group) for name, group in groups)
    return f"{HEAD}lock: {VERSION}\n" + (f"\nlines:\n{body}" if body else "")
