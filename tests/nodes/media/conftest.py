"""Real files to work on, made here, and eyes and ears for what comes out."""

import array
import math
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import pytest
from PIL import Image

from callsheet.nodes.local import perform
from callsheet.nodes.media.operations.index import OPERATIONS
from callsheet.nodes.media.probe import identify, probe
from callsheet.spec.media import Artifact, Facts
from callsheet.spec.node import Job, Made, Outputs
from callsheet.spec.types import NOTHING

Color = tuple[int, int, int]
GREY = (120, 120, 120)


@dataclass(frozen=True)
class Shot:
    """What a test clip is made of. colors: one for each picture. times: in milliseconds, for a variable
    rate. sound: sample rate, layout and tone in Hz. turn: a rotation flag, in degrees to the left."""

    colors: Sequence[Color]
    fps: int = 24
    size: tuple[int, int] = (64, 36)
    sound: tuple[int, str, int] | None = None
    times: Sequence[int] = ()
    turn: int = 0
    codec: str = "libx264"
    pixels: str = "yuv420p"
    options: dict[str, str] = field(default_factory=lambda: {"preset": "ultrafast", "crf": "12"})


def clip(path: Path, shot: Shot) -> Artifact:
    """Encode `shot` into `path`."""
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as file:
        _streams(file, shot)
    if shot.turn:
        _set_turn(path, shot.turn)
    return given(path)


def _streams(file: av.container.OutputContainer, shot: Shot) -> None:
    video = file.add_stream(shot.codec, rate=shot.fps, options=shot.options)
    video.width, video.height, video.pix_fmt = *shot.size, shot.pixels
    base = Fraction(1, 1000) if shot.times else Fraction(1, shot.fps)
    video.codec_context.time_base = base
    seconds = shot.times[-1] / 1000 if shot.times else len(shot.colors) / shot.fps
    audio = None
    if shot.sound:
        codec = "aac" if shot.codec == "libx264" else "libopus"
        audio = file.add_stream(codec, rate=shot.sound[0], layout=shot.sound[1])
    for i, color in enumerate(shot.colors):
        frame = av.VideoFrame.from_image(Image.new("RGB", shot.size, color)).reformat(
            format=shot.pixels, dst_colorspace="ITU601"
        )
        frame.pts, frame.time_base = (shot.times[i] if shot.times else i), base
        file.mux(video.encode(frame))
    file.mux(video.encode(None))
    if audio is not None and shot.sound:
        for heard in tone(seconds, *shot.sound):
            file.mux(audio.encode(heard))
        file.mux(audio.encode(None))


def tone(seconds: float, rate: int, layout: str, hertz: int, loud: float = 0.3) -> list[av.AudioFrame]:
    """A sine for `seconds`."""
    frames, total = [], round(seconds * rate)
    for start in range(0, total, 1024):
        count = min(1024, total - start)
        wave = [loud * math.sin(2 * math.pi * hertz * (start + i) / rate) for i in range(count)]
        frame = av.AudioFrame(format="fltp", layout=layout, samples=count)
        frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
        for plane in frame.planes:
            plane.update(array.array("f", wave).tobytes().ljust(plane.buffer_size, b"\0"))
        frames.append(frame)
    return frames


def sound_file(path: Path, seconds: float, hertz: int, rate: int = 48_000, layout: str = "mono") -> Artifact:
    """A tone as a sound file; its codec goes by the ending."""
    codec = {".wav": "pcm_s16le", ".flac": "flac", ".mp3": "libmp3lame", ".m4a": "aac", ".ogg": "libopus"}
    with av.open(str(path), "w") as file:
        stream = file.add_stream(codec[path.suffix], rate=rate, layout=layout)
        for frame in tone(seconds, rate, layout, hertz):
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return given(path)


def _set_turn(path: Path, degrees: int) -> None:
    """Write a rotation into the track header, as a phone does."""
    data = bytearray(path.read_bytes())
    cos, sin = round(math.cos(math.radians(degrees))), round(math.sin(math.radians(degrees)))
    one, unit = 1 << 16, 1 << 30
    matrix = struct.pack(">9i", cos * one, -sin * one, 0, sin * one, cos * one, 0, 0, 0, unit)
    at = data.index(b"tkhd") + 4 + 40
    data[at : at + 36] = matrix
    path.write_bytes(data)


def given(path: Path) -> Artifact:
    """The file as an operation gets it."""
    kind = identify(path)
    assert kind
    return Artifact(kind, path, facts=probe(path))


def seen(made: Artifact) -> list[tuple[float, Color]]:
    """Time and middle colour of every decoded picture."""
    with av.open(str(made.path)) as file:
        return [(frame.time, _middle(frame)) for frame in file.decode(video=0)]


def _middle(frame: av.VideoFrame) -> Color:
    image = frame.to_image()
    pixel = image.getpixel((image.width // 2, image.height // 2))
    assert isinstance(pixel, tuple)
    return pixel[0], pixel[1], pixel[2]


def heard(made: Artifact) -> array.array:
    """The samples of its left channel at 48 kHz."""
    samples = array.array("f")
    with av.open(str(made.path)) as file:
        resampler = av.AudioResampler("fltp", "stereo", 48_000)
        for frame in (*file.decode(audio=0), None):
            for part in resampler.resample(frame):
                samples.frombytes(bytes(part.planes[0])[: part.samples * 4])
    return samples


def level(made: Artifact, start: float, end: float, hertz: int) -> float:
    """How strong a tone is between two times, in dB (Goertzel)."""
    rate = 48_000
    part = heard(made)[round(start * rate) : round(end * rate)]
    turn = 2 * math.cos(2 * math.pi * hertz / rate)
    before, last = 0.0, 0.0
    for sample in part:
        before, last = last, sample + turn * last - before
    power = last * last + before * before - turn * last * before
    return 10 * math.log10(max(power, 1e-12) / (len(part) / 2) ** 2)


@dataclass
class Bench:
    """Makes files and runs operations in a folder of the test."""

    folder: Path
    count: int = 0

    def clip(self, colors: Sequence[Color] = (GREY,) * 24, name: str = "", **rest: object) -> Artifact:
        return clip(self._new(name or "clip.mp4"), Shot(colors, **rest))

    def sound(self, seconds: float, hertz: int, name: str = "tone.wav", **rest: object) -> Artifact:
        return sound_file(self._new(name), seconds, hertz, **rest)

    def image(self, size: tuple[int, int], color: Color, name: str = "still.png") -> Artifact:
        path = self._new(name)
        Image.new("RGB", size, color).save(path)
        return given(path)

    def job(self, uses: str, **params: object) -> Job:
        folder = self._new("work")
        folder.mkdir()
        return Job(uses, OPERATIONS[uses].SPEC, params, folder)

    seen = staticmethod(seen)
    level = staticmethod(level)
    heard = staticmethod(heard)
    given = staticmethod(given)

    def run(self, uses: str, **params: object) -> Outputs:
        return perform(self.job(uses, **params))

    def made(self, uses: str, **params: object) -> Artifact:
        """Run it; the one medium that it makes, its facts compared with what the spec foretold."""
        outputs = self.run(uses, **params)
        (name, made), *_ = ((n, m) for n, m in outputs.items() if isinstance(m, Made))
        result = given(made.path)
        self.foretold(uses, name, params, result.facts)
        return result

    def foretold(self, uses: str, name: str, params: dict[str, object], real: Facts) -> None:
        spec = OPERATIONS[uses].SPEC
        defaults = {n: f.default for n, f in spec.inputs.items() if f.default is not NOTHING}
        told = spec.facts({**defaults, **params})[name]
        frame = 1.01 / (real.fps or 20)
        for fact in ("width", "height", "fps", "audio"):
            assert getattr(told, fact) in (None, getattr(real, fact)), fact
        assert told.seconds is None or abs(told.seconds - (real.seconds or 0)) <= frame

    def _new(self, name: str) -> Path:
        self.count += 1
        return self.folder / f"{self.count}-{name}"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture
def stopping() -> Callable[[int], Callable[[], bool]]:
    """A `cancelled` that says yes after so many looks."""

    def after(looks: int) -> Callable[[], bool]:
        left = iter([False] * looks)
        return lambda: next(left, True)

    return after
