"""Writes a film with its band in parts: side by side on all cores, each kept for the next film that has it.

A part goes from one key picture of the film to another, a shot at a time where shots are short. It is known
by the stored pictures that it shows and by its band, so that after one shot has changed, one is encoded.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from heapq import merge
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import PIL

from callsheet.nodes.media.codec import ffmpeg as engine
from callsheet.nodes.media.codec.ahead import ahead
from callsheet.nodes.media.codec.remux import groups
from callsheet.nodes.media.codec.writer import MP4, VideoWriter, made_by, whole_file
from callsheet.nodes.preview.banded_film import BandedFilm
from callsheet.spec.node import Make, Parts

if TYPE_CHECKING:
    from av import Packet
    from av.container import InputContainer
    from av.stream import Stream

VERSION: Final = "3"
"""Increased when a change makes the same band look different."""
PART_SECONDS: Final = 10
"""Length of a part at most, where the film has a key picture in time; it does not depend on the machine."""


@dataclass(frozen=True, slots=True)
class Part:
    """Pictures from `first` up to `end`, which is not in it. pictures: SHA-256 of those that are stored, ""
    where they cannot be told apart from the rest of the film."""

    first: int
    end: int
    pictures: str


def write_film(film: BandedFilm, target: Path, kept: Parts | None) -> None:
    """Write the film with its band. kept: keeps its parts. Raises NodeError (*local*)."""
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".band-") as folder:

        def made(part: Part) -> Path:
            if kept is not None and part.pictures:
                return kept(_described(film, part), _make(film, part))
            path = Path(folder) / f"{part.first}.mp4"
            _make(film, part)(path)
            return path

        parts = list(parts_of(film))
        with ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="band") as pool:
            paths = list(pool.map(made, parts))
        whole = Path(folder) / "film.mp4"
        _join(list(zip(parts, paths, strict=True)), film.clip.path, film.rate, whole)
        whole.replace(target)


def parts_of(film: BandedFilm) -> Iterator[Part]:
    """The parts of a film: cut where a shot begins, and else so that none is too long."""
    found = groups(film.clip)
    keys = [number for number, _ in found] or [0]
    starts = {moment.first for moment in film.moments}
    cuts = [*_cuts(keys, starts, film.count, max(1, round(PART_SECONDS * film.rate))), film.count]
    ends = [*keys[1:], film.count]
    for first, end in pairwise(cuts):
        sha = hashlib.sha256()
        for (key, digest), until in zip(found, ends, strict=False):
            if key < end and until > first:
                sha.update(f"{key - first} ".encode() + digest)
        yield Part(first, end, sha.hexdigest() if found else "")


def _cuts(keys: Sequence[int], starts: set[int], count: int, most: int) -> Iterator[int]:
    """Where parts begin: at a key picture if there is one, `most` pictures apart."""
    last = 0
    yield last
    for key, following in pairwise([*keys, count]):
        if key > last and (key in starts or following - last > most):
            last = key
            yield last
        while following - last > 2 * most:
            last += most
            yield last


def _make(film: BandedFilm, part: Part) -> Make:
    """Encodes a part."""

    def make(path: Path) -> None:
        with VideoWriter(path, film.size, film.rate, effort="preview") as writer:
            for frame in ahead(film.frames(part.first, part.end - part.first)):
                writer.write_frame(frame)

    return make


def _described(film: BandedFilm, part: Part) -> Mapping[str, object]:
    """All that a part is made of, as JSON."""
    return {
        "band": [VERSION, PIL.__version__, made_by("preview")],
        "form": [*film.size, str(film.rate), film.top, film.shape.type, *film.clocks],
        "pictures": part.pictures,
        "from": part.first,
        "shown": [[a, b, moment.zero, moment.digest] for a, b, moment in film.shown(part.first, part.end)],
    }


def _join(parts: Sequence[tuple[Part, Path]], source: Path, rate: Fraction, target: Path) -> None:
    """The pictures of the parts one after the other, with everything of `source` that is no picture."""
    with (
        engine.opened(parts[0][1]) as first,
        engine.opened(source) as other,
        whole_file(target, "mp4", MP4) as made,
    ):
        picture = made.add_stream_from_template(first.streams.video[0])
        picture.time_base = 1 / rate
        kept = [one for one in other.streams if one.type in ("audio", "subtitle")]
        beside = {one.index: made.add_stream_from_template(one) for one in kept}
        for one in kept:
            beside[one.index].metadata.update(one.metadata)
        packets = merge(_pictures(parts, rate), _beside(other, kept), key=_time)
        for _, packet in packets:
            packet.stream = beside[packet.stream.index] if packet.stream.type != "video" else picture
            made.mux(packet)


Timed = tuple[Fraction, "Packet[Any]"]


def _time(one: Timed) -> Fraction:
    return one[0]


def _beside(container: InputContainer, streams: Sequence[Stream]) -> Iterator[Timed]:
    """The packets of streams, with the time of each."""
    for packet in container.demux(streams) if streams else ():
        if packet.size and packet.dts is not None:
            yield packet.dts * packet.time_base, packet


def _pictures(parts: Sequence[tuple[Part, Path]], rate: Fraction) -> Iterator[Timed]:
    for part, path in parts:
        with engine.opened(path) as file:
            sized = (packet for packet in file.demux(file.streams.video[0]) if packet.size)
            for at, packet in enumerate(sized, part.first):
                packet.time_base = 1 / rate
                packet.pts = packet.dts = at
                packet.duration = 1
                yield at / rate, packet
