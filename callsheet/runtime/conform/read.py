"""Reads what an editing program saved, in whatever form, as a timeline of OpenTimelineIO."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO, Final

from callsheet.dsl.cuts.edit import Json, NotAnEdit
from callsheet.dsl.cuts.otio import MOST_BYTES, parsed
from callsheet.dsl.diagnostics.source import Source
from callsheet.errors import InputError
from callsheet.runtime.conform import edl, fcp7
from callsheet.runtime.conform.safe_xml import parsed_xml
from callsheet.spec.regular_file import open_regular

ZIP: Final = b"PK\x03\x04"
CONTENT: Final = "content.otio"
"""The timeline in a `.otioz`."""
STEP: Final = "export OpenTimelineIO, FCP7 XML or an EDL"


@dataclass(frozen=True, slots=True)
class Film:
    """What an EDL does not say. rate: frames a second of the film. begins: see `edl.Begins`."""

    rate: Fraction
    begins: edl.Begins


@dataclass(frozen=True, slots=True)
class Edited:
    """The file of an editing program. path: of it. text: its content, for messages."""

    path: Path
    text: str

    def refused(self, error: NotAnEdit) -> InputError:
        """An error with its place in the file."""
        line, column = Source(self.path, self.text).position(error.offset)
        place = f"{self.path}:{line}:{column}" if error.offset else str(self.path)
        return InputError(f"{place}: {error.message}", error.next_step)


def read_timeline(path: Path, film: Callable[[], Film]) -> tuple[Json, Edited]:
    """The timeline in a file, whatever its name ends in. film: asked for an EDL alone. Raises InputError."""
    data = _content(path)
    edited = Edited(path, data.decode("utf-8-sig", "replace"))
    try:
        return _timeline(data, edited.text, film), edited
    except NotAnEdit as error:
        raise edited.refused(error) from None


def _timeline(data: bytes, text: str, film: Callable[[], Film]) -> Json:
    """Raises NotAnEdit."""
    if text.lstrip()[:1] == "<" or data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return fcp7.timeline_in(parsed_xml(data))
    if edl.looks_like_edl(text):
        about = film()
        return edl.timeline_in(text, about.rate, about.begins)
    return parsed(text)


def _content(path: Path) -> bytes:
    """Raises InputError."""
    try:
        with open_regular(path) as file:
            is_bundle = file.read(4) == ZIP
            file.seek(0)
            data = _in_bundle(file, path) if is_bundle else file.read(MOST_BYTES + 1)
    except OSError as error:
        said = f"{path} cannot be read: {error.strerror}"
        raise InputError(said, "name the file that was exported") from error
    if len(data) > MOST_BYTES:
        raise InputError(f"{path} is larger than {MOST_BYTES >> 20} MB", "export the timeline without media")
    return data


def _in_bundle(file: BinaryIO, path: Path) -> bytes:
    """The timeline of a bundle. Its media stay in it. Raises InputError."""
    try:
        with zipfile.ZipFile(file) as bundle, bundle.open(CONTENT) as timeline:
            return timeline.read(MOST_BYTES + 1)
    except (
        KeyError,
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        EOFError,
        ValueError,
    ):
        said = f"{path} is no whole bundle of OpenTimelineIO with a {CONTENT}"
        raise InputError(said, STEP) from None
