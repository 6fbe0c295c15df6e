"""The folder of the media that are handed over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

from callsheet.runtime.export.cut import EditCut, Medium
from callsheet.runtime.export.start_codes import Coded
from callsheet.runtime.output.manifest import Entry
from callsheet.runtime.output.owned_folder import OwnedFolder
from callsheet.runtime.store import atomic as disk


class MediaFolder:
    """The media of an edit in a folder. relink: names whose bytes are others than before. gone: names that an
    earlier edit had."""

    def __init__(self, target: Path, below: Path, coded: Coded) -> None:
        self._folder = OwnedFolder(target, below)
        self._coded = coded
        self.relink: tuple[str, ...] = ()
        self.gone: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What to tell of files of others."""
        return self._folder.notes

    def written(self) -> EditCut:
        """Copy the media; those that are there stay, and what only an earlier edit had is removed. Returns
        the edit with the names that they have there. Raises NodeError, StoreError."""
        before, folder = dict(self._folder.manifest.files), self._folder
        media = {digest: self._put(medium) for digest, medium in self._coded.cut.media.items()}
        folder.close(complete=True)
        after = folder.manifest.files
        self.gone = tuple(sorted(before.keys() - after.keys()))
        self.relink = tuple(n for n in folder.written if n in before and _other(before[n], after[n]))
        return self._coded.cut.with_media(media)

    def _put(self, medium: Medium) -> Medium:
        stem, _, ending = medium.name.rpartition(".")
        name = self._folder.claim(stem, f".{ending}", medium.digest)
        code = f"{medium.begins} {medium.rate or ''}".strip()
        self._folder.put(name, medium.digest, code, partial(new_file, self._coded.content(medium)))
        return replace(medium, name=name)


def new_file(content: Iterable[bytes], new: Path) -> tuple[bool, str]:
    """Write a new file of an `OwnedFolder`, without a note in it. Raises StoreError."""
    disk.write_new(new, content, lasting=False)
    return False, ""


def _other(before: Entry, now: Entry) -> bool:
    """Whether a file shows something else than before, or begins at another time code."""
    return (before.sha256, before.made) != (now.sha256, now.made)
