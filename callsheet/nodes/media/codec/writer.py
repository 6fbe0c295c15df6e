"""Writes media with PyAV: H.264 and AAC in MP4, and sound files, each written whole or not at all.

    with VideoWriter(path, size=(1280, 720), rate=24, sound=frames) as writer:
        for picture in pictures:
            writer.write(picture)

The same pictures and sound give the same bytes on every processor: one thread, no choice by SIMD level.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Literal, cast

from callsheet.errors import NodeError
from callsheet.spec.disk_errors import FULL, explained
from callsheet.spec.media import SAMPLE_RATE

if TYPE_CHECKING:
    from av import AudioFrame, AudioStream, VideoCodecContext, VideoFrame, VideoStream
    from av.container import OutputContainer

    from callsheet.nodes.media.codec.frames import Planes, Size

KEY_FRAME_SECONDS: Final = 2
BT709: Final = 1
VIDEO_RANGE: Final = 1
MP4: Final[Mapping[str, str]] = {"movflags": "+faststart", "fflags": "+bitexact"}
SOUND_BITRATE: Final = 128_000

ENCODERS: Final[Mapping[str, Mapping[str, str]]] = {
    "libx264": {
        "preset": "veryfast",
        "crf": "26",
        "bf": "0",
        "x264-params": "cpu-independent=1",
        "flags": "+bitexact",
    },
    "libopenh264": {"flags": "+bitexact"},
    "h264_videotoolbox": {},
    "h264_mf": {},
    "h264_nvenc": {},
    "libsvtav1": {"preset": "11", "crf": "38"},
    "mpeg4": {"qscale": "4", "flags": "+bitexact"},
}
"""Video encoders in order of choice, with their options: an FFmpeg built without GPL parts has no libx264."""

Effort = Literal["result", "preview", "draft"]
"""result: as small as results are. preview: half the work, for a film that is looked at until there is a
better one. draft: less again, for a clip that is mostly read by the next operation."""
LESS: Final[Mapping[Effort, Mapping[str, Mapping[str, str]]]] = {
    "result": {},
    "preview": {
        "libx264": {
            "preset": "ultrafast",
            "x264-params": "cpu-independent=1:no-deblock=0:aq-mode=1:mbtree=1:rc-lookahead=10",
        },
        "libsvtav1": {"preset": "12"},
    },
    "draft": {"libx264": {"preset": "ultrafast", "crf": "24"}, "libsvtav1": {"preset": "13"}},
}
"""What is different where speed counts more than size. Of libx264's means to small files, a preview has those
that are cheap: at its crf it is 1 dB further from the source than a result, and half as large again."""

SOUND_FILES: Final[Mapping[str, tuple[str, str, str]]] = {
    "wav": ("wav", "pcm_s16le", "s16"),
    "flac": ("flac", "flac", "s16"),
    "mp3": ("mp3", "libmp3lame", "s16p"),
    "m4a": ("ipod", "aac", "fltp"),
    "aac": ("adts", "aac", "fltp"),
    "ogg": ("ogg", "libopus", "flt"),
    "opus": ("ogg", "libopus", "flt"),
}
"""Ending → container, encoder, sample format."""


class VideoWriter:
    """An MP4 file in the making: `size` in even pixels, `rate` in frames per second.

    `sound` gives frames of sound with times (`pts`) from 0 on; they are taken as the pictures advance, so
    it may be endless work in a generator. The file has a `title`, if one is given, and appears under `path`
    when the block ends without an error; until then nothing is there. Raises NodeError (*local*) when no
    encoder can be used.
    """

    def __init__(
        self,
        path: Path,
        size: Size,
        rate: Fraction | float,
        sound: Iterable[AudioFrame] | None = None,
        effort: Effort = "result",
        title: str = "",
    ) -> None:
        self.path = path
        self.size = size
        self.rate = Fraction(rate).limit_denominator(1001)
        self.written = 0
        self._effort: Effort = effort
        self._title = title
        self._sound = iter(sound) if sound is not None else None
        self._heard = Fraction(0)

    def __enter__(self) -> VideoWriter:
        with ExitStack() as stack:
            self._container = stack.enter_context(whole_file(self.path, "mp4", MP4))
            if self._title:
                self._container.metadata["title"] = self._title
            self._video = _video_stream(self._container, self.size, self.rate, self._effort)
            self._audio = sound_stream(self._container, "aac", "fltp") if self._sound else None
            self._file = stack.pop_all()
        return self

    def write(self, picture: Planes) -> None:
        """Append one picture: planes of exactly `size`."""
        from callsheet.nodes.media.codec.frames import to_frame

        self.write_frame(to_frame(picture))

    def write_frame(self, frame: VideoFrame) -> None:
        """Append one frame in yuv420p of exactly `size`; its own time is not used."""
        frame.pts, frame.time_base = self.written, 1 / self.rate
        frame.colorspace, frame.color_range = BT709, VIDEO_RANGE
        for packet in self._video.encode(frame):
            self._container.mux(packet)
        self.written += 1
        self._hear(self.written / self.rate)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._file.__exit__(kind, error, trace)
            return
        with self._file:
            self._finish()

    def _finish(self) -> None:
        self._hear(None)
        for stream in (self._video, self._audio):
            for packet in stream.encode(None) if stream else ():
                self._container.mux(packet)

    def _hear(self, until: Fraction | None) -> None:
        """Append sound up to `until` seconds (all that is left if None)."""
        while self._sound and self._audio and (until is None or self._heard < until):
            frame = next(self._sound, None)
            if frame is None:
                self._sound = None
                return
            self._heard += Fraction(frame.samples, frame.sample_rate)
            for packet in self._audio.encode(frame):
                self._container.mux(packet)


def write_sound(path: Path, frames: Iterable[AudioFrame]) -> Path:
    """Write a sound file, its form by the ending of `path`: wav, flac, mp3, m4a, aac, ogg or opus.

    Raises NodeError (*local*) for another ending or when the encoder is missing.
    """
    ending = path.suffix.removeprefix(".").lower()
    if ending not in SOUND_FILES:
        raise NodeError(
            f"{path.name} is no sound file that can be written",
            "local",
            f"use one of {', '.join(SOUND_FILES)}",
        )
    container_name, encoder, form = SOUND_FILES[ending]
    with whole_file(path, container_name, {"fflags": "+bitexact"}) as container:
        stream = sound_stream(container, encoder, form)
        for frame in frames:
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@contextmanager
def whole_file(path: Path, form: str, options: Mapping[str, str]) -> Iterator[OutputContainer]:
    """An output container that gets its name only once it is complete. Raises NodeError, StoreError for a
    full disk."""
    import av

    part = path.with_name(f".{path.name}.part")
    try:
        with av.open(str(part.absolute()), "w", format=form, container_options=dict(options)) as container:
            yield container
        part.replace(path)
    except av.FFmpegError as error:
        if isinstance(error, OSError) and error.errno in FULL:
            raise explained(error, path) from error
        step = "check the disk, and run again"
        raise NodeError(f"{path.name} cannot be written: {error.strerror}", "local", step) from error
    finally:
        part.unlink(missing_ok=True)


def _video_stream(container: OutputContainer, size: Size, rate: Fraction, effort: Effort) -> VideoStream:
    name = encoder()
    stream = cast("VideoStream", container.add_stream(name, rate=rate, options=_options(name, effort)))
    stream.width, stream.height = size
    stream.pix_fmt = "yuv420p"
    context = stream.codec_context
    context.time_base = 1 / rate
    context.thread_count = 1
    context.gop_size = max(1, round(rate * KEY_FRAME_SECONDS))
    context.colorspace = context.color_primaries = context.color_trc = BT709
    context.color_range = VIDEO_RANGE
    return stream


def _options(name: str, effort: Effort) -> dict[str, str]:
    return {**ENCODERS[name], **LESS[effort].get(name, {})}


def sound_stream(container: OutputContainer, name: str, form: str) -> AudioStream:
    import av

    if name not in av.codecs_available:
        raise NodeError(f"this build of FFmpeg has no {name} encoder", "local", "install the wheel of `av`")
    options = {"flags": "+bitexact", "threads": "1"}
    added = container.add_stream(name, rate=SAMPLE_RATE, layout="stereo", format=form, options=options)
    stream = cast("AudioStream", added)
    if name in ("aac", "libmp3lame", "libopus"):
        stream.bit_rate = SOUND_BITRATE
    return stream


@cache
def encoder() -> str:
    """The first video encoder of ENCODERS that works here. Raises NodeError (*local*) when none does."""
    for name in ENCODERS:
        if _opens(name):
            return name
    raise NodeError("no video encoder works here", "local", "install the wheel of `av`")


def made_by(effort: Effort = "result") -> str:
    """What encodes pictures here, with its options: the same text, the same bytes."""
    import av

    name = encoder()
    versions = [".".join(map(str, av.library_versions[part])) for part in ("libavcodec", "libavformat")]
    return " ".join([name, *map("=".join, sorted(_options(name, effort).items())), *versions])


def _opens(name: str) -> bool:
    import av

    try:
        context = cast("VideoCodecContext", av.CodecContext.create(name, "w"))
        context.width, context.height, context.pix_fmt = 640, 360, "yuv420p"
        context.time_base = Fraction(1, 24)
        context.open()
    except (av.FFmpegError, ValueError):
        return False
    return True
