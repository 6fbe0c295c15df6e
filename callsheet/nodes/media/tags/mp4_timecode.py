"""The time code at which an MP4 or MOV begins: a track, `tmcd`, beside pictures that stay as they are.

The form is that of the QuickTime File Format Specification, "Timecode Media".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

from callsheet.nodes.media.sniff import sniff
from callsheet.nodes.media.tags import mp4
from callsheet.nodes.media.tags.mp4_boxes import (
    Box,
    Damaged,
    Read,
    boxes,
    child,
    inside,
    made,
    number,
    of,
    reader,
)
from callsheet.nodes.media.tags.mp4_comment import grow
from callsheet.nodes.media.tags.splice import Pieces

CARRIERS: Final = frozenset({"MP4", "MOV"})
KIND: Final = b"tmcd"
DROPPING: Final = 1
"""The flag of time code that leaves numbers out."""
STEP: Final = 1000
"""Units of the track's clock in a picture, where a whole number of pictures is in a second."""
FASTEST: Final = 255
SAMPLE: Final = 4
NO_LANGUAGE: Final = (0x55C4).to_bytes(2, "big")
UPRIGHT: Final = b"".join(n.to_bytes(4, "big") for n in (1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30))
OWN_DATA: Final = made(b"dinf", made(b"dref", b"\0" * 4, b"\0\0\0\1", made(b"url ", b"\0\0\0\1")))
NO_MEDIA: Final = made(b"nmhd", b"\0" * 4)
"""The head of a track without pictures and sound, in MP4."""
LOOK: Final = made(b"tcmi", b"\0" * 8, b"\0\x0c\0\0", b"\0" * 6, b"\xff" * 6, b"\0")
QUICKTIME: Final = made(
    b"gmhd", made(b"gmin", b"\0" * 4, b"\0\x40", b"\x80\0" * 3, b"\0" * 4), made(KIND, LOOK)
)
"""The same in MOV, where players may show the time code."""


@dataclass(frozen=True, slots=True)
class StartCode:
    """The time code of a film's first picture. frame: its number. rate: pictures a second. drops: whether
    numbers are left out. reel: where the pictures are from."""

    frame: int
    rate: Fraction
    drops: bool = False
    reel: str = ""


def with_start_code(path: Path, code: StartCode, frames: int) -> Pieces | None:
    """A film with a track of time code, in pieces of the file at `path`; None where it cannot carry one.
    frames: how many pictures it has. A film that has such a track stays as it is. Raises OSError."""
    size, found = path.stat().st_size, sniff(path)
    if found is None or found.name not in CARRIERS or not 0 < round(code.rate) <= FASTEST:
        return None
    head = QUICKTIME if found.name == "MOV" else NO_MEDIA
    sample = made(b"mdat", code.frame.to_bytes(SAMPLE, "big"))
    with path.open("rb", buffering=0) as file:
        return mp4.changed(file, size, lambda moov: _with_track(moov, code, frames, head, size + 8), sample)


def start_code(path: Path) -> StartCode | None:
    """The time code that a film has a track for; None for none. Raises OSError."""
    found = sniff(path)
    if found is None or found.name not in CARRIERS:
        return None
    with path.open("rb") as file:
        read = reader(file)
        try:
            whole = Box(b"", 0, 0, path.stat().st_size)
            moov = child(read, whole, b"moov")
            track = next(_tracks(read, moov, KIND), None) if moov else None
            return _read(read, track) if track else None
        except (Damaged, ZeroDivisionError):
            return None


def _tracks(read: Read, moov: Box, handler: bytes) -> Iterator[Box]:
    """The tracks of a kind: `vide`, `soun`, `tmcd`."""
    for box in boxes(read, moov.start, moov.end):
        kind = inside(read, box, b"mdia", b"hdlr") if box.kind == b"trak" else None
        if kind and read(kind.start + 8, 4) == handler:
            yield box


def _read(read: Read, track: Box) -> StartCode | None:
    table = inside(read, track, b"mdia", b"minf", b"stbl")
    stsd = child(read, table, b"stsd") if table else None
    entry = next(boxes(read, stsd.start + 8, stsd.end), None) if stsd else None
    chunks = (
        next((b for b in boxes(read, table.start, table.end) if b.kind in mp4.OFFSETS), None)
        if table
        else None
    )
    if entry is None or entry.kind != KIND or chunks is None:
        return None
    offset = number(read, chunks.start + 8, 4 if chunks.kind == b"stco" else 8)
    flags, scale, step = (number(read, entry.start + at) for at in (12, 16, 20))
    reel = child(read, Box(b"", entry.at, min(entry.start + 26, entry.end), entry.end), b"name")
    named = read(reel.start + 4, number(read, reel.start, 2)).decode("utf-8", "replace") if reel else ""
    return StartCode(number(read, offset, SAMPLE), Fraction(scale, step), bool(flags & DROPPING), named)


def _with_track(moov: bytes, code: StartCode, frames: int, head: bytes, at: int) -> bytes:
    """The `moov` box with one track more, to which the first one of pictures refers. at: where its sample
    is. Raises Damaged where there are no pictures, or there is such a track."""
    read = of(moov)
    whole = next(boxes(read, 0, len(moov)))
    movie, pictures = child(read, whole, b"mvhd"), next(_tracks(read, whole, b"vide"), None)
    if movie is None or pictures is None or next(_tracks(read, whole, KIND), None):
        raise Damaged("no place for a track of time code")
    own = number(read, movie.end - 4)
    later = moov[movie.start] == 1
    seconds = frames / code.rate
    length = round(seconds * number(read, movie.start + (20 if later else 12)))
    track = _track(code, frames, own, length, head, at)
    refers = made(KIND, own.to_bytes(4, "big"))
    tref, mdia = child(read, pictures, b"tref"), child(read, pictures, b"mdia")
    assert mdia is not None
    place, parents = (tref.end, (whole, pictures, tref)) if tref else (mdia.at, (whole, pictures))
    content = refers if tref else made(b"tref", refers)
    new = bytearray(moov)
    for parent in parents:
        grow(new, parent, len(content))
    grow(new, whole, len(track))
    new[movie.end - 4 : movie.end] = (own + 1).to_bytes(4, "big")
    last = max(box.end for box in boxes(read, whole.start, whole.end) if box.kind == b"trak")
    new[last:last] = track
    new[place:place] = content
    return bytes(new)


def _track(code: StartCode, frames: int, own: int, length: int, head: bytes, at: int) -> bytes:
    """The box of a track of time code. own: its number. length: in the clock of the film."""
    step = code.rate.denominator if code.rate.denominator > 1 else STEP
    scale = code.rate.numerator * step // code.rate.denominator
    lasting = _words(frames * step)
    tkhd = made(b"tkhd", _words(2, 0, 0, own, 0, length), b"\0" * 16, UPRIGHT, b"\0" * 8)
    mdhd = made(b"mdhd", _words(0, 0, 0, scale), lasting, NO_LANGUAGE, b"\0\0")
    component = b"mhlr" if head is QUICKTIME else b"\0" * 4
    hdlr = made(b"hdlr", b"\0" * 4, component, KIND, b"\0" * 13)
    reel = code.reel.encode("utf-8")
    named = made(b"name", len(reel).to_bytes(2, "big"), NO_LANGUAGE, reel) if reel else b""
    flags = DROPPING if code.drops else 0
    entry = made(KIND, _words(0, 1, 0, flags, scale, step), bytes([round(code.rate), 0]), named)
    table = made(
        b"stbl",
        made(b"stsd", _words(0, 1), entry),
        made(b"stts", _words(0, 1, 1), lasting),
        made(b"stsc", _words(0, 1, 1, 1, 1)),
        made(b"stsz", _words(0, SAMPLE, 1)),
        made(b"stco", _words(0, 1, at)),
    )
    return made(b"trak", tkhd, made(b"mdia", mdhd, hdlr, made(b"minf", head, OWN_DATA, table)))


def _words(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(4, "big") for number in numbers)
