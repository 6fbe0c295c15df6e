"""Finds the container of a media file from its first bytes, whatever its name is.

A file is opened only with the demuxer for this container, so that a playlist with the name `film.mp4` is
refused before FFmpeg reads it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from callsheet.spec.regular_file import open_regular
from callsheet.spec.types import MediaKind

HEAD: Final = 4096
TRACKS_WITHIN: Final = 65536
MAX_BOXES: Final = 2000
STILL_BRANDS: Final = {b"avif", b"avis", b"heic", b"heix", b"heim", b"mif1", b"msf1"}
SOUND_BRANDS: Final = {b"M4A ", b"M4B "}
CONTAINER_BOXES: Final = {b"moov", b"trak", b"mdia"}
UNREADABLE: Final = frozenset({"HEIC"})
"""Names of containers that neither Pillow nor FFmpeg reads here."""
FIRST_BOXES: Final = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide"}


@dataclass(frozen=True, slots=True)
class Container:
    """kind: what the file holds. demuxer: FFmpeg's name for its container, "" for a still image."""

    kind: MediaKind
    demuxer: str
    name: str


STARTS: Final[tuple[tuple[bytes, Container], ...]] = (
    (b"\x89PNG\r\n\x1a\n", Container("image", "", "PNG")),
    (b"\xff\xd8\xff", Container("image", "", "JPEG")),
    (b"GIF87a", Container("image", "", "GIF")),
    (b"GIF89a", Container("image", "", "GIF")),
    (b"II*\x00", Container("image", "", "TIFF")),
    (b"MM\x00*", Container("image", "", "TIFF")),
    (b"fLaC", Container("audio", "flac", "FLAC")),
    (b"ID3", Container("audio", "mp3", "MP3")),
)
RIFFS: Final = {
    b"WEBP": Container("image", "", "WebP"),
    b"WAVE": Container("audio", "wav", "WAV"),
    b"AVI ": Container("video", "avi", "AVI"),
}
AIFF: Final = Container("audio", "aiff", "AIFF")
BMP: Final = Container("image", "", "BMP")
MP3: Final = Container("audio", "mp3", "MP3")
AAC: Final = Container("audio", "aac", "AAC")


def sniff(path: Path) -> Container | None:
    """The container of the file at `path`, or None for unknown files.

    Reads a few kilobytes. Raises OSError when the file cannot be read.
    """
    with open_regular(path) as file:
        return sniff_in(file)


def sniff_in(file: BinaryIO) -> Container | None:
    """The same of an open file, read from its beginning."""
    head = file.read(HEAD)
    if head[4:8] in FIRST_BOXES:
        return _of_boxes(file, head)
    if head.startswith(b"\x1aE\xdf\xa3"):
        return _of_matroska(head + file.read(TRACKS_WITHIN))
    return _of_start(head)


def _of_start(head: bytes) -> Container | None:
    for start, container in STARTS:
        if head.startswith(start):
            return container
    if head.startswith(b"RIFF"):
        return RIFFS.get(head[8:12])
    if head.startswith(b"FORM") and head[8:12] in (b"AIFF", b"AIFC"):
        return AIFF
    if head.startswith(b"OggS"):
        return Container("video" if b"\x80theora" in head else "audio", "ogg", "Ogg")
    if head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in (12, 40, 52, 56, 64, 108, 124):
        return BMP
    return _of_sync(head)


def _of_sync(head: bytes) -> Container | None:
    """Bare MPEG audio: a sync word of eleven bits, then version and layer."""
    if len(head) < 4 or head[0] != 0xFF:
        return None
    if head[1] & 0xF6 == 0xF0:
        return AAC
    is_layer_three = head[1] & 0xE6 == 0xE2 and head[1] & 0x18 != 0x08
    has_rates = head[2] >> 4 not in (0, 15) and head[2] & 0x0C != 0x0C
    return MP3 if is_layer_three and has_rates else None


def _of_boxes(file: BinaryIO, head: bytes) -> Container:
    """The ISO family: MP4, MOV, M4A, AVIF, HEIC."""
    brand = head[8:12] if head[4:8] == b"ftyp" else b""
    if brand in STILL_BRANDS:
        return Container("image", "", "AVIF" if brand.startswith(b"avi") else "HEIC")
    name = "MOV" if brand in (b"", b"qt  ") else "MP4"
    handlers = set(_handlers(file))
    only_sound = b"soun" in handlers and b"vide" not in handlers
    if brand in SOUND_BRANDS or only_sound:
        return Container("audio", "mov", "M4A")
    return Container("video", "mov", name)


def _handlers(file: BinaryIO) -> Iterator[bytes]:
    """What each track is: b"vide", b"soun" or something else."""
    size = file.seek(0, 2)
    regions, seen = [(0, size)], 0
    while regions and seen < MAX_BOXES:
        at, end = regions.pop()
        if at + 8 > end:
            continue
        seen += 1
        file.seek(at)
        header = file.read(24)
        length, start = _box_length(header, end - at)
        if length < start:
            continue
        regions.append((at + length, end))
        if header[4:8] in CONTAINER_BOXES:
            regions.append((at + start, min(at + length, end)))
        elif header[4:8] == b"hdlr":
            yield header[16:20]


def _box_length(header: bytes, rest: int) -> tuple[int, int]:
    """A box's length with its header, and the length of the header, in bytes."""
    length = int.from_bytes(header[:4], "big")
    if length == 1:
        return int.from_bytes(header[8:16], "big"), 16
    return (length or rest), 8


def _of_matroska(head: bytes) -> Container:
    """WebM and Matroska; the track types stand near the start (element 0x83, one byte long)."""
    name = "WebM" if b"webm" in head[:64] else "Matroska"
    only_sound = b"\x83\x81\x02" in head and b"\x83\x81\x01" not in head
    return Container("audio" if only_sound else "video", "matroska", name)
