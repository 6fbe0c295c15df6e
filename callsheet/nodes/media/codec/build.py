"""The FFmpeg inside PyAV: its version, and what it can read and write here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from callsheet.errors import NodeError
from callsheet.nodes.media.codec.writer import SOUND_FILES, encoder

READ: Final = ("h264", "hevc", "vp9", "av1", "prores", "aac", "mp3", "opus", "flac", "pcm_s16le")
"""What results of models and cuts of editing programs are encoded with."""


@dataclass(frozen=True, slots=True)
class Build:
    """pyav, ffmpeg: versions. encoder: the one that writes films, "" for none. missing: what it cannot read
    or write, in words."""

    pyav: str
    ffmpeg: str
    encoder: str
    missing: tuple[str, ...]


def ffmpeg_build() -> Build:
    """The build on this machine. Raises ImportError where PyAV cannot be loaded."""
    import av

    try:
        name = encoder()
    except NodeError:
        name = ""
    return Build(av.__version__, str(av.ffmpeg_version_info), name, tuple(_missing()))


def _missing() -> Iterator[str]:
    written = dict.fromkeys(codec for _, codec, _ in SOUND_FILES.values())
    yield from (f"cannot read {name}" for name in READ if not _has(name, "r"))
    yield from (f"cannot write {name}" for name in written if not _has(name, "w"))


def _has(name: str, mode: str) -> bool:
    import av

    try:
        av.Codec(name, "w" if mode == "w" else "r")
    except ValueError:
        return False
    return True
