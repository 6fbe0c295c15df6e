"""Writes the report of a film: one HTML file, with small copies of its media inside it or beside it, or all
of it in a zip file to send."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final, Literal, get_args

from callsheet.errors import InputError
from callsheet.page.document.medium import Medium
from callsheet.page.document.whole import Document
from callsheet.page.gather import Gathered
from callsheet.page.html import page
from callsheet.page.proxies import Proxies, all_of
from callsheet.page.zipped import write_zip
from callsheet.runtime.output.owned_folder import OwnedFolder
from callsheet.runtime.store import atomic as disk
from callsheet.spec.json_documents import ReportJson
from callsheet.spec.media import Artifact

Media = Literal["all", "stills", "none"]
MEDIA: Final = get_args(Media)
ZIP: Final = ".zip"
NAME: Final = "report.html"
"""Of the page in a zip file."""
BESIDE: Final = "_files"
"""After the name of a page, the folder with its media, as browsers call it when they save a page."""
Progress = Callable[[int, int], None]
"""Takes how many copies are made, and of how many."""
Copies = dict[str, tuple[Path | None, str]]
"""Id of a medium → its small copy, and why there is none."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was written. path: of the page or the zip file. folder: with media beside it, None for none.
    inside, beside: how many files. size: of the page in bytes. notes: what could not be shown."""

    path: Path
    folder: Path | None
    inside: int
    beside: int
    size: int
    notes: tuple[str, ...] = ()

    def to_json(self) -> ReportJson:
        """As `callsheet report --json` prints it."""
        return {
            "version": 1,
            "path": str(self.path),
            "folder": None if self.folder is None else str(self.folder),
            "inside": self.inside,
            "beside": self.beside,
            "size": self.size,
            "notes": [*self.notes],
        }


@dataclass(slots=True)
class _Places:
    """Where each small copy goes: inside the page up to `left` bytes, else beside it."""

    left: int
    inside: dict[str, Path] = field(default_factory=dict)
    beside: dict[str, Path] = field(default_factory=dict)

    def place(self, name: str, path: Path, folder: str) -> str:
        """The place of a copy in the page, which is added. name: of the part, unique in the page."""
        size = path.stat().st_size
        if size * 4 / 3 <= self.left:  # base64 takes four bytes for three
            self.left -= round(size * 4 / 3)
            self.inside[name] = path
            return f"#{name}"
        file = f"{name}{path.suffix}"
        self.beside[file] = path
        return f"{folder}/{file}"


def write_report(
    found: Gathered,
    proxies: Proxies,
    target: Path,
    embed: int,
    media: Media = "all",
    progress: Progress = lambda _, __: None,
) -> Written:
    """Write the report to `target`, an `.html` or a `.zip` file.

    embed: bytes of media that may be inside the page; the rest lies in a folder beside it. In a zip file,
    none is inside. media: small copies of all, stills alone, or none. progress: is told of each copy.

    Raises InputError for another ending, and StoreError where nothing can be written.
    """
    is_zip = target.suffix.lower() == ZIP
    if not is_zip and target.suffix.lower() not in (".html", ".htm"):
        raise InputError(
            f"{target} is neither a page nor a zip file", "name a file that ends in .html or .zip"
        )
    folder = "media" if is_zip else f"{target.stem}{BESIDE}"
    places = _Places(0 if is_zip else embed)
    document, notes = _with_places(found, proxies, places, folder, media, progress)
    parts = {name: path.read_bytes() for name, path in places.inside.items()}
    text = page(document.to_json(), document.film.name, parts=parts).encode()
    disk.make_folder(target.absolute().parent)
    if is_zip:
        write_zip(target, NAME, text, {f"media/{name}": path for name, path in places.beside.items()})
        beside = None
    else:
        beside = _write_beside(target.parent / folder, places.beside)
        disk.replace(target, [text])
    return Written(target, beside, len(places.inside), len(places.beside), len(text), notes)


def _with_places(
    found: Gathered, proxies: Proxies, places: _Places, folder: str, media: Media, progress: Progress
) -> tuple[Document, tuple[str, ...]]:
    """The document with the places of its media; what cannot be shown is said there, and here once."""
    stills, films = _copies(found, proxies, media, progress)
    shown: dict[str, Medium] = {}
    for name, (path, why) in stills.items():
        place = places.place(name, path, folder) if path else ""
        shown[name] = replace(found.document.media[name], poster=place, note=why)
    for name in _first_the_film(found.document, films):
        path, why = films[name]
        medium = shown.get(name, found.document.media[name])
        place = places.place(f"{name}-full", path, folder) if path else ""
        shown[name] = replace(medium, src=place, note=medium.note or why)
    missing = sum(bool(medium.note) for medium in shown.values())
    notes = (f"{missing} of {len(shown)} media cannot be shown; the page says why",) if missing else ()
    return found.document.with_media(shown), notes


def _copies(found: Gathered, proxies: Proxies, media: Media, progress: Progress) -> tuple[Copies, Copies]:
    """The stills and the films."""
    if media == "none":
        return {}, {}
    artifacts = found.artifacts
    total = len(artifacts) * (2 if media == "all" else 1)
    stills = dict(_made(artifacts, proxies.poster, partial(_told, progress, 0, total)))
    if media == "stills":
        return stills, {}
    films = dict(_made(artifacts, proxies.proxy, partial(_told, progress, len(artifacts), total)))
    return stills, films


def _told(progress: Progress, before: int, total: int, done: int) -> None:
    progress(before + done, total)


def _made(
    artifacts: Mapping[str, Artifact], make: Callable[[Artifact], Path | None], done: Callable[[int], None]
) -> Iterator[tuple[str, tuple[Path | None, str]]]:
    copies = all_of(list(artifacts.values()), make)
    for number, (name, copy) in enumerate(zip(artifacts, copies, strict=True), 1):
        done(number)
        yield name, copy


def _first_the_film(document: Document, films: Copies) -> list[str]:
    return sorted(films, key=lambda name: name != document.film.medium)


def _write_beside(folder: Path, files: Mapping[str, Path]) -> Path | None:
    """Write the media beside the page; those of an earlier report are removed."""
    if not files and not folder.is_dir():
        return None
    owned = OwnedFolder(folder, folder.parent)
    for name, path in files.items():
        digest = disk.digest(path)
        owned.put(owned.claim(Path(name).stem, path.suffix, digest), digest, "", partial(_copy, path))
    owned.close(complete=True)
    return folder if files else None


def _copy(source: Path, new: Path) -> tuple[bool, str]:
    disk.write_new(new, disk.chunks(source), lasting=False)
    return False, ""
