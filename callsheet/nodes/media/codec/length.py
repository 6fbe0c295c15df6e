"""Counts how long a file is, where the file does not tell and FFmpeg would guess by its size."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Final

from callsheet.nodes.media.codec import ffmpeg as engine

WITHOUT_LENGTH: Final = ("aac",)
"""Demuxers of formats that have no place for a length."""
TELLING: Final = (b"Xing", b"Info", b"VBRI")
"""What the first frame of an MP3 holds that knows its length."""
HEAD: Final = 4096


def is_told(path: Path, seconds: float | None) -> bool:
    """Whether the file itself tells its length. seconds: what FFmpeg says."""
    demuxer = engine.container_of(path).demuxer
    if seconds is None or demuxer in WITHOUT_LENGTH:
        return False
    return demuxer != "mp3" or any(mark in _first_frame(path) for mark in TELLING)


def counted(path: Path) -> float | None:
    """Seconds from the first packet to the end of the last, of the picture, else of the sound; None for
    none."""
    with engine.opened(path) as container:
        stream = next(iter((*container.streams.video, *container.streams.audio)), None)
        first, end = None, 0
        for packet in container.demux(stream) if stream is not None else ():
            if packet.size and packet.pts is not None and not packet.is_discard:
                first = packet.pts if first is None else min(first, packet.pts)
                end = max(end, packet.pts + (packet.duration or 0))
        if stream is None or stream.time_base is None or first is None:
            return None
        base = Fraction(stream.time_base.numerator, stream.time_base.denominator)
        return round(float((end - first) * base), 6)


def _first_frame(path: Path) -> bytes:
    """The bytes behind the ID3 tag of an MP3."""
    with path.open("rb") as file:
        head = file.read(10)
        size = sum((byte & 127) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
        file.seek(10 + size if head[:3] == b"ID3" else 0)
        return file.read(HEAD)
