"""The files of earlier runs in `out/<pipeline>/`, by what they hold: digest, key of the result, values."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Final

from callsheet.nodes.media import tags
from callsheet.runtime.lock.digests import pins
from callsheet.runtime.output.layout import PREVIEW, ROWS
from callsheet.runtime.output.manifest import NAME, Entry, Manifest
from callsheet.runtime.output.provenance.reading import Unreadable, read
from callsheet.runtime.output.provenance.record import Provenance
from callsheet.runtime.store import atomic as disk
from callsheet.spec.values import place_name

Written = tuple[Path, Entry]
TEXTS: Final = (".txt", ".json")
LARGEST_TEXT: Final = 16 * 1024 * 1024
"""Bytes of a text that is read for its value."""
VALUE: Final = "value"


class WrittenFiles:
    """The files that the manifests in `folder` and the folders in it name; previews are none of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def media(self, key: str) -> Mapping[str, str]:
        """Place among the outputs → digest, of the media made under `key`; nothing unless each still has its
        note."""
        found: dict[str, str] = {}
        for path, entry in self._by_key.get(key, ()):
            note = _note(path, entry)
            if note is None or note.preview or note.sha256 != entry.sha256:
                return {}
            found[place_name(note.path)] = entry.sha256
        return found

    @property
    def keys(self) -> Collection[str]:
        """The keys under which media was made."""
        return self._by_key.keys()

    def content(self, digest: str) -> Iterator[tuple[Path, tags.Pieces]]:
        """Each file that holds the stored file with this digest, and the pieces of it that are that file.

        The file in out/ may have a note in it, which the stored one has not. Raises OSError.
        """
        for path, entry in self._by_digest.get(digest, ()):
            if path.is_file() and not path.is_symlink():
                pieces = tags.before(path, digest) if entry.noted else tags.whole(path)
                if pieces is not None and (entry.noted or disk.digest(path) == digest):
                    yield path, pieces

    @cached_property
    def values(self) -> Mapping[str, object]:
        """Digest, as a lock file has it → value, of what is no media: texts, answers of models, seeds."""
        found: dict[str, object] = {}
        for path, entry in self._files:
            for value in _values(path, entry):
                found.update((digest, value) for digest in pins({VALUE: value}).values())
        return found

    @cached_property
    def _by_key(self) -> Mapping[str, list[Written]]:
        return _grouped((entry.made, (path, entry)) for path, entry in self._files if entry.made)

    @cached_property
    def _by_digest(self) -> Mapping[str, list[Written]]:
        return _grouped((entry.sha256, (path, entry)) for path, entry in self._files)

    @cached_property
    def _files(self) -> tuple[Written, ...]:
        places = (f"*/{NAME}", f"{ROWS}/*/{NAME}", f"{ROWS}/*/*/{NAME}")
        folders = [self.folder, *sorted(p.parent for place in places for p in self.folder.glob(place))]
        read = [Manifest(folder) for folder in folders if folder.name != PREVIEW]
        return tuple((one.folder / name, entry) for one in read for name, entry in one.files.items())


def _grouped(files: Iterable[tuple[str, Written]]) -> dict[str, list[Written]]:
    found: dict[str, list[Written]] = {}
    for name, written in files:
        found.setdefault(name, []).append(written)
    return found


def _note(path: Path, entry: Entry) -> Provenance | None:
    try:
        return read(chain(tags.texts(path), [entry.note] if entry.note else ()))
    except (OSError, Unreadable):
        return None


def _values(path: Path, entry: Entry) -> Iterator[object]:
    """The values that a file tells: a text, JSON and the parts of an object, or the seed in its note."""
    if path.suffix not in TEXTS:
        note = _note(path, entry) if entry.made else None
        if note is not None:
            given = (note.making.parameters or {}).get("seed")
            yield given if note.making.seed is None else note.making.seed
        return
    try:
        text = path.read_text("utf-8") if path.stat().st_size <= LARGEST_TEXT else ""
        value = text if path.suffix == ".txt" else json.loads(text)
    except (OSError, ValueError, RecursionError):
        return
    yield value
    yield from value.values() if isinstance(value, dict) else ()
