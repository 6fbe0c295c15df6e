"""Copies packets into a new MP4 without decoding pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from callsheet.nodes.media.codec import audio as sound
from callsheet.nodes.media.codec import ffmpeg as engine
from callsheet.nodes.media.codec.encode import stop_if_asked
from callsheet.nodes.media.codec.reader import Clip
from callsheet.nodes.media.codec.writer import MP4, sound_stream, whole_file
from callsheet.spec.node import Job, Made

if TYPE_CHECKING:
    from av import AudioFrame, AudioStream, Packet, VideoStream
    from av.container import OutputContainer
    from av.stream import Stream

PICTURES: Final = ("h264", "hevc", "av1")
SOUNDS: Final = ("aac", "mp3")


@dataclass(frozen=True, slots=True)
class Signature:
    """What must agree for the packets of two files to follow each other."""

    video: tuple[object, ...]
    audio: tuple[object, ...]


def signature(clip: Clip) -> Signature | None:
    """The signature of a clip, or None when its packets cannot be copied into an MP4 as they are."""
    if not clip.whole or engine.container_of(clip.path).demuxer != "mov" or "\n" in str(clip.path):
        return None
    with engine.opened(clip.path) as container:
        video = _of_video(container.streams.video[0], clip)
        audio = _of_audio(container.streams.audio[0]) if clip.sound else ()
    if video[0] not in PICTURES or (audio and audio[0] not in SOUNDS):
        return None
    return Signature(video, audio)


def _of_video(stream: VideoStream, clip: Clip) -> tuple[object, ...]:
    context = stream.codec_context
    shape = (context.width, context.height, *clip.size, context.pix_fmt)
    colors = (context.colorspace, context.color_range)
    return (context.name, *shape, *colors, stream.average_rate, stream.time_base, context.extradata)


def _of_audio(stream: AudioStream) -> tuple[object, ...]:
    context = stream.codec_context
    return context.name, context.sample_rate, context.layout.name, context.extradata


def joined(job: Job, clips: Sequence[Clip]) -> Made:
    """Clips of one signature, one after the other, each as long as its picture."""
    listing = job.workdir / "clips.txt"
    listing.write_text("ffconcat version 1.0\n" + "".join(map(_entry, clips)), encoding="utf-8")
    path = job.workdir / "film.mp4"
    total = sum((clip.seconds for clip in clips), Fraction(0))
    with engine.opened_list(listing) as source, whole_file(path, "mp4", MP4) as target:
        streams: list[Stream] = [source.streams.video[0], *source.streams.audio[:1]]
        copies = {stream.index: target.add_stream_from_template(stream) for stream in streams}
        for packet in _rising(source.demux(*streams)):
            _report(job, packet, total)
            packet.stream = copies[packet.stream.index]
            target.mux(packet)
    listing.unlink()
    return Made("video", path)


def with_sound(job: Job, clip: Clip, heard: Iterable[AudioFrame] | None) -> Made:
    """The pictures of `clip` as they are, with `heard` in place of its sound; silent if None."""
    path = job.workdir / "film.mp4"
    with engine.opened(clip.path) as source, whole_file(path, "mp4", MP4) as target:
        original: Stream = source.streams.video[0]
        picture = target.add_stream_from_template(original)
        track = Track(target, heard) if heard is not None else None
        for packet in _rising(source.demux(original)):
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


def _entry(clip: Clip) -> str:
    quoted = str(clip.path.absolute()).replace("'", "'\\''")
    return f"file 'file:{quoted}'\nduration {float(clip.seconds):.6f}\n"


def _rising(packets: Iterable[Packet[Stream]]) -> Iterator[Packet[Stream]]:
    """The packets whose decoding times rise in each stream; at a seam, sound may overlap by a packet."""
    last: dict[int, int] = {}
    for packet in packets:
        if packet.dts is None or packet.dts <= last.get(packet.stream_index, packet.dts - 1):
            continue
        last[packet.stream_index] = packet.dts
        yield packet


def _from_zero(packet: Packet[Stream], start: Fraction) -> None:
    shift = round(start / packet.time_base)
    packet.pts = None if packet.pts is None else packet.pts - shift
    packet.dts = None if packet.dts is None else packet.dts - shift


def _report(job: Job, packet: Packet[Stream], total: Fraction) -> None:
    stop_if_asked(job)
    if packet.dts is not None:
        job.progress(min(1.0, max(0.0, float(packet.dts * packet.time_base / total))))


class Track:
    """New sound beside packets that are copied, encoded as they advance."""

    def __init__(self, target: OutputContainer, heard: Iterable[AudioFrame]) -> None:
        self._target = target
        self._stream = sound_stream(target, "aac", "fltp")
        self._frames = sound.numbered(heard)
        self._heard = Fraction(0)

    def advance(self, until: Fraction) -> None:
        """Append sound up to `until` seconds."""
        while self._heard < until and (frame := next(self._frames, None)):
            self._append(frame)

    def finish(self) -> None:
        """Append what is left."""
        for frame in self._frames:
            self._append(frame)
        self._target.mux(self._stream.encode(None))

    def _append(self, frame: AudioFrame) -> None:
        self._heard += Fraction(frame.samples, sound.RATE)
        self._target.mux(self._stream.encode(frame))
