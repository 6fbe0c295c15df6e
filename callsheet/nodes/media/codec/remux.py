"""Copies packets into a new MP4 without decoding pictures."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from heapq import merge
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

from callsheet.nodes.media.codec import audio as sound
from callsheet.nodes.media.codec import ffmpeg as engine
from callsheet.nodes.media.codec.encode import stop_if_asked
from callsheet.nodes.media.codec.longer_sound import LongerSound, LongerTrack
from callsheet.nodes.media.codec.reader import Clip
from callsheet.nodes.media.codec.writer import MP4, sound_stream, whole_file
from callsheet.spec.node import Job, Made

if TYPE_CHECKING:
    from av import AudioFrame, Packet, VideoStream
    from av.container import OutputContainer
    from av.stream import Stream


@dataclass(frozen=True, slots=True)
class Piece:
    """`count` pictures of a regular clip, see `Clip`, from the picture `first` on, which is a key picture."""

    clip: Clip
    count: int
    first: int = 0


def fit_together(pieces: Sequence[Piece | None], rate: Fraction) -> TypeGuard[Sequence[Piece]]:
    """Whether the pictures of all pieces can follow each other at `rate` as they are stored."""
    forms = {piece.clip.form if piece and _is_closed(piece, rate) else () for piece in pieces}
    return len(forms) == 1 and () not in forms


def _is_closed(piece: Piece, rate: Fraction) -> bool:
    """Whether a piece is on the grid, and no picture of it needs one that is left out."""
    clip = piece.clip
    whole = piece.count == clip.count or (piece.count < clip.count and not clip.lag)
    return whole and clip.regular and clip.rate == rate


def joined(
    job: Job,
    pieces: Sequence[Piece],
    rate: Fraction,
    heard: Iterable[AudioFrame] | LongerSound | None,
    begun: float = 0.0,
    title: str = "",
) -> Path:
    """The pictures of pieces that fit together, one after the other on the grid of `rate`, with `heard`.
    begun: the share of the job that is done before. title: of the file, "" for none."""
    path = job.workdir / "film.mp4"
    lag = max(piece.clip.lag for piece in pieces)
    total, at = sum(piece.count for piece in pieces), 0
    with engine.opened(pieces[0].clip.path) as first, whole_file(path, "mp4", MP4) as target:
        picture = target.add_stream_from_template(first.streams.video[0])
        picture.time_base = 1 / rate
        if title:
            target.metadata["title"] = title
        track = _track(target, heard)
        for piece in pieces:
            for i, packet in enumerate(_packets(piece)):
                stop_if_asked(job)
                place = round(((packet.pts or 0) * packet.time_base - piece.clip.start) * rate) - piece.first
                packet.stream, packet.time_base = picture, 1 / rate
                packet.pts, packet.dts, packet.duration = at + place, at + i - lag, 1
                target.mux(packet)
                if track:
                    track.advance((at + i) / rate)
            at += piece.count
            job.progress(begun + (1 - begun) * at / total)
        if track:
            track.finish()
    return path


def _track(
    target: OutputContainer, heard: Iterable[AudioFrame] | LongerSound | None
) -> Track | LongerTrack | None:
    if isinstance(heard, LongerSound):
        return heard.track(target)
    return Track(target, heard) if heard is not None else None


def _packets(piece: Piece) -> Iterator[Packet[VideoStream]]:
    with engine.opened(piece.clip.path) as source:
        stream = source.streams.video[0]
        begin = round(piece.first / piece.clip.rate / (stream.time_base or 1))
        if piece.first:
            source.seek(begin, stream=stream)
        packets = (packet for packet in source.demux(stream) if packet.size and (packet.pts or 0) >= begin)
        yield from islice(packets, piece.count)


def key_pictures(clip: Clip) -> list[int]:
    """The pictures of a regular clip from which on it can be decoded: 0, and others in order."""
    with engine.opened(clip.path) as source:
        stream = source.streams.video[0]
        packets = (packet for packet in source.demux(stream) if packet.size)
        return sorted(
            round((packet.pts or 0) * packet.time_base * clip.rate)
            for packet in packets
            if packet.is_keyframe
        )


def groups(clip: Clip) -> list[tuple[int, bytes]]:
    """The key pictures of a clip, each with the SHA-256 of what shows it and those up to the next; nothing
    for a clip of which no part can be decoded by itself, or that is not regular."""
    if not clip.form or not clip.regular or clip.lag:
        return []
    found: list[tuple[int, hashlib._Hash]] = []
    with engine.opened(clip.path) as source:
        stream = source.streams.video[0]
        head = stream.codec_context.extradata or b""
        for number, packet in enumerate(packet for packet in source.demux(stream) if packet.size):
            if packet.is_keyframe or not found:
                found.append((number, hashlib.sha256(head)))
            found[-1][1].update(packet)
    return [(number, sha.digest()) for number, sha in found]


def with_sound(job: Job, clip: Clip, heard: Iterable[AudioFrame] | None) -> Made:
    """The pictures of `clip` as they are, with `heard` in place of its sound; silent if None."""
    path = job.workdir / "film.mp4"
    with engine.opened(clip.path) as source, whole_file(path, "mp4", MP4) as target:
        original = source.streams.video[0]
        picture = target.add_stream_from_template(original)
        track = Track(target, heard) if heard is not None else None
        for packet in source.demux(original):
            if not packet.size:
                continue
            _report(job, packet, clip.seconds)
            _from_zero(packet, clip.start)
            time = (packet.dts or 0) * packet.time_base
            packet.stream = picture
            target.mux(packet)
            if track:
                track.advance(time)
        if track:
            track.finish()
    return Made("video", path)


def with_sound_of(job: Job, path: Path, source: Path) -> Path:
    """The pictures of the file at `path` with the sound of the one at `source`, as it is stored there."""
    target = job.workdir / "sounding.mp4"
    with (
        engine.opened(path) as film,
        engine.opened(source) as other,
        whole_file(target, "mp4", MP4) as container,
    ):
        kept = (film.streams.video[0], other.streams.audio[0])
        streams = [container.add_stream_from_template(stream) for stream in kept]
        packets = [
            _timed(source.demux(stream), i)
            for i, (source, stream) in enumerate(zip((film, other), kept, strict=True))
        ]
        for _, i, packet in merge(*packets, key=lambda one: one[:2]):
            stop_if_asked(job)
            packet.stream = streams[i]
            container.mux(packet)
    return target


def _timed(packets: Iterable[Packet[Stream]], number: int) -> Iterator[tuple[Fraction, int, Packet[Stream]]]:
    """Packets that hold something, with the time of each and a number."""
    for packet in packets:
        if packet.size and packet.dts is not None:
            yield packet.dts * packet.time_base, number, packet


def _from_zero(packet: Packet[VideoStream], start: Fraction) -> None:
    shift = round(start / packet.time_base)
    packet.pts = None if packet.pts is None else packet.pts - shift
    packet.dts = None if packet.dts is None else packet.dts - shift


def _report(job: Job, packet: Packet[VideoStream], total: Fraction) -> None:
    stop_if_asked(job)
    if packet.dts is not None:
        job.progress(min(1.0, max(0.0, float(packet.dts * packet.time_base / total))))


class Track:
    """New sound beside packets that are copied, encoded as they advance."""

    def __init__(self, target: OutputContainer, heard: Iterable[AudioFrame]) -> None:
        self._target = target
        self._stream = sound_stream(target, "aac", "fltp")
        self._frames = sound.numbered(heard)
        self._heard = 0

    def advance(self, until: Fraction) -> None:
        """Append sound up to `until` seconds."""
        least = until * sound.RATE
        while self._heard < least and (frame := next(self._frames, None)):
            self._append(frame)

    def finish(self) -> None:
        """Append what is left."""
        for frame in self._frames:
            self._append(frame)
        self._target.mux(self._stream.encode(None))

    def _append(self, frame: AudioFrame) -> None:
        self._heard += frame.samples
        self._target.mux(self._stream.encode(frame))
