"""Films that are joined, measured: flashes and beeps at their times, every picture counted, clips of every
kind."""

from __future__ import annotations

import array
import hashlib
import math
import struct
import threading
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import pytest
from av.stream import Disposition
from PIL import Image

from callsheet.errors import NodeError
from callsheet.nodes.media.operations.index import OPERATIONS
from callsheet.spec.media import Artifact
from callsheet.spec.node import Job, Made

SIZE = (64, 36)
BLUE, RED = (20, 20, 120), (200, 30, 30)
RATE = 48_000


def flashing(
    bench: Any,
    seconds: float = 2,
    flash: float = 1.0,
    beep: float = 1.0,
    heard: float | None = None,
    tone: int = 0,
    **rest: Any,
) -> Artifact:
    """A clip with one white flash and one beep of 0.1 s, or with a tone all the time. heard: length of its
    sound."""
    fps = rest.pop("fps", 24)
    options = rest.pop("container", {"movflags": "+faststart"})
    path = bench._new(rest.pop("name", "clip.mp4"))
    with av.open(str(path), "w", options=options) as file:
        video = file.add_stream("libx264", rate=fps, options={"preset": "ultrafast", "crf": "12", **rest})
        video.width, video.height, video.pix_fmt = *SIZE, "yuv420p"
        sound = file.add_stream("aac", rate=RATE, layout="stereo")
        sound.bit_rate = 192_000
        for i in range(round(seconds * fps)):
            lit = flash - 1e-4 <= i / fps < flash + 0.1
            image = Image.new("RGB", SIZE, (255, 255, 255) if lit else BLUE)
            image.paste(RED, (0, 0, 16, 9))
            frame = av.VideoFrame.from_image(image)
            frame.pts, frame.time_base = i, Fraction(1, fps)
            file.mux(video.encode(frame))
        file.mux(video.encode(None))
        for frame in waves(round((heard or seconds) * RATE), beep, tone):
            file.mux(sound.encode(frame))
        file.mux(sound.encode(None))
    return known(path, bench)


def waves(count: int, beep: float, tone: int) -> Any:
    for start in range(0, count, 1024):
        samples = min(1024, count - start)
        wave = array.array("f", (_sample((start + i) / RATE, beep, tone) for i in range(samples)))
        frame = av.AudioFrame(format="fltp", layout="stereo", samples=samples)
        frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
        for plane in frame.planes:
            plane.update(wave.tobytes().ljust(plane.buffer_size, b"\0"))
        yield frame


def _sample(time: float, beep: float, tone: int) -> float:
    if tone:
        return 0.5 * math.sin(2 * math.pi * tone * time)
    return 0.8 * math.sin(2 * math.pi * 1000 * time) if beep <= time < beep + 0.1 else 0.0


def known(path: Path, bench: Any) -> Artifact:
    return replace(bench.given(path), digest=hashlib.sha256(path.read_bytes()).hexdigest())


def joined(bench: Any, *clips: Artifact, uses: str = "media/concat", **params: object) -> Artifact:
    """The film of these clips, with its shots."""
    outputs = bench.run(uses, videos=list(clips), **params)
    made = outputs["video"]
    assert isinstance(made, Made)
    return replace(known(made.path, bench), shots=made.shots)


def flashes(film: Artifact) -> list[float]:
    """When the picture turns white, in seconds."""
    found, before = [], False
    with av.open(str(film.path)) as file:
        for frame in file.decode(video=0):
            plane = frame.planes[0]
            lit = memoryview(plane)[plane.line_size * 24 + 40] > 180
            if lit and not before:
                found.append(float(frame.time or 0))
            before = lit
    return found


def beeps(film: Artifact, bench: Any) -> list[float]:
    """When a beep begins, in seconds."""
    found: list[float] = []
    last, samples = -RATE, bench.heard(film)
    for at in range(0, len(samples), 480):
        block = samples[at : at + 480]
        if max(block, default=0.0) <= 0.2:
            continue
        if at - last > RATE // 20:
            found.append((at + next(i for i, sample in enumerate(block) if abs(sample) > 0.2)) / RATE)
        last = at
    return found


def counted(film: Artifact, fps: int = 24) -> int:
    """The pictures that can be decoded; each is at its place."""
    with av.open(str(film.path)) as file:
        times = [float(frame.time or 0) for frame in file.decode(video=0)]
    assert all(b - a == pytest.approx(1 / fps, abs=0.0011) for a, b in pairwise(times)) and times[0] == 0
    return len(times)


def corner(film: Artifact, number: int, place: tuple[int, int]) -> tuple[int, ...]:
    with av.open(str(film.path)) as file:
        frame = list(file.decode(video=0))[number]
        pixel = frame.to_image().getpixel(place)
    assert isinstance(pixel, tuple)
    return pixel


def near(one: Any, other: Any, by: int = 34) -> bool:
    return all(abs(a - b) <= by for a, b in zip(one, other, strict=True))


def half_turned(path: Path) -> None:
    """Write a rotation of 180 degrees into the header of the track."""
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 40
    data[at : at + 36] = struct.pack(">9i", -1 << 16, 0, 0, 0, -1 << 16, 0, 0, 0, 1 << 30)
    path.write_bytes(data)


def with_packets(source: Artifact, path: Path, bench: Any, change: Any = None, **options: Any) -> Artifact:
    """The same packets in another file. change: gets the file before its packets are written, and gives a
    function that changes each of them."""
    with av.open(str(source.path)) as given, av.open(str(path), "w", **options) as file:
        streams = {stream.index: file.add_stream_from_template(stream) for stream in given.streams}
        touched = change(file, streams) if change else None
        for packet in given.demux():
            if packet.dts is None:
                continue
            kind = packet.stream.type
            packet.stream = streams[packet.stream_index]
            if touched:
                touched(packet, kind)
            file.mux(packet)
    return known(path, bench)


class TestSync:
    def test_twelve_cuts_at_130_beats_a_minute_stay_within_half_a_frame(self, bench: Any) -> None:
        clip, beat = flashing(bench, flash=0.0), 60 / 130
        for params in ({"seconds": [beat] * 13}, {"at": [beat * i for i in range(13)]}):
            film = joined(bench, *[clip] * 13, **params)
            places = flashes(film)
            assert len(places) == 13
            assert max(abs(place - beat * i) for i, place in enumerate(places)) <= 0.5 / 24

    def test_many_clips_do_not_drift(self, bench: Any, long: bool) -> None:
        count = 100 if long else 24  # the sound ends with a packet of 1024 samples
        film = joined(bench, *[flashing(bench)] * count)
        assert counted(film) == 48 * count
        assert flashes(film)[-1] == pytest.approx(2 * count - 1, abs=0.001)
        heard = beeps(film, bench)
        assert len(heard) == count and heard[-1] == pytest.approx(2 * count - 1, abs=0.001)
        assert len(bench.heard(film)) == 2 * count * RATE

    def test_many_clips_of_a_length_that_is_no_frame_do_not_drift(self, bench: Any, long: bool) -> None:
        count = 100 if long else 25
        clip = flashing(bench, seconds=0.5, fps=30)
        film = joined(bench, *[clip] * count, seconds=0.47, fps=24, width=32)
        places = [0.47 * i for i in range(count)]
        assert counted(film) == math.floor(0.47 * count * 24 + 0.5)
        assert all(abs(s.frame / 24 - place) <= 0.5 / 24 for s, place in zip(film.shots, places, strict=True))
        assert all(s.sample == round(s.frame * RATE / 24) for s in film.shots)

    def test_a_tone_goes_on_over_the_joins(self, bench: Any) -> None:
        film = joined(bench, *[flashing(bench, tone=440)] * 10)
        samples = bench.heard(film)[4800 : 20 * RATE - 4800]
        levels = [
            math.hypot(*samples[i : i + 480]) / math.sqrt(480) for i in range(0, len(samples) - 480, 480)
        ]
        assert 20 * math.log10(min(levels) / (0.5 / math.sqrt(2))) > -0.5

    def test_the_first_word_of_a_clip_is_heard_after_one_whose_sound_is_longer(self, bench: Any) -> None:
        one, two = flashing(bench, heard=2.5), flashing(bench, heard=2.5, beep=0.1)
        film = joined(bench, one, two)
        assert beeps(film, bench) == pytest.approx([1.0, 2.1], abs=0.001)
        assert film.facts.seconds == pytest.approx(4, abs=0.001)

    @pytest.mark.parametrize("factor", [0.1, 0.2, 0.25, 0.3, 0.5, 0.75, 0.9])
    def test_slowed_sound_is_within_20_ms_of_its_picture(self, factor: float, bench: Any) -> None:
        slow = bench.made("media/speed", video=flashing(bench, flash=0.5, beep=0.5), factor=factor)
        assert flashes(slow) == pytest.approx([0.5 / factor], abs=0.021)
        assert beeps(slow, bench)[0] == pytest.approx(0.5 / factor, abs=0.020)


class TestCopying:
    """Packets are copied only where everything holds."""

    def test_a_clip_that_is_turned_by_180_degrees_is_upright(self, bench: Any) -> None:
        one, turned = flashing(bench), flashing(bench)
        half_turned(turned.path)
        film = joined(bench, one, known(turned.path, bench))
        assert counted(film) == 96
        assert near(corner(film, 3, (6, 4)), RED) and near(corner(film, 60, (58, 32)), RED)
        assert not near(corner(film, 60, (6, 4)), RED)

    def test_a_clip_whose_first_picture_comes_late(self, bench: Any) -> None:
        def late(file: Any, streams: Any) -> Any:
            def shift(packet: Any, kind: str) -> None:
                if kind == "video":
                    gap = round(Fraction(1, 2) / packet.time_base)
                    packet.pts, packet.dts = packet.pts + gap, packet.dts + gap

            return shift

        one = flashing(bench)
        other = with_packets(one, bench._new("late.mp4"), bench, late)
        film = joined(bench, one, other, one)
        assert counted(film) == 144
        assert flashes(film) == pytest.approx([1, 3, 5], abs=0.001)

    @pytest.mark.parametrize("between", ["0", "2"])
    def test_a_fragmented_clip(self, between: str, bench: Any) -> None:
        """Without pictures between, the first one stands longer by what the sound has in front."""
        one = flashing(bench, bf=between, preset="fast")
        parts = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
        other = with_packets(one, bench._new("parts.mp4"), bench, options=parts)
        film = joined(bench, one, other, one)
        assert counted(film) == 144
        assert flashes(film) == pytest.approx([1, 3, 5], abs=0.001)
        assert beeps(film, bench) == pytest.approx([1, 3, 5], abs=0.002)

    def test_pictures_that_are_stored_in_another_order(self, bench: Any) -> None:
        one = flashing(bench, bf="3", preset="medium", b_adapt="0")
        film = joined(bench, one, one)
        assert counted(film) == 96 and flashes(film) == pytest.approx([1, 3], abs=0.001)
        assert counted(joined(bench, one, one, seconds=[0.5, 0.7])) == 29

    def test_a_clip_with_a_time_code_track(self, bench: Any) -> None:
        def coded(file: Any, streams: Any) -> None:
            next(s for s in streams.values() if s.type == "video").metadata["timecode"] = "01:00:00:00"

        one = flashing(bench)
        other = with_packets(one, bench._new("camera.mov"), bench, coded)
        with av.open(str(other.path)) as file:
            assert "data" in {stream.type for stream in file.streams}
        film = joined(bench, one, other, one)
        assert counted(film) == 144 and film.facts.audio
        assert flashes(film) == pytest.approx([1, 3, 5], abs=0.001)

    def test_a_clip_with_subtitles_and_cover_art(self, bench: Any) -> None:
        one, path = flashing(bench), bench._new("editor.mp4")
        with av.open(str(one.path)) as given, av.open(str(path), "w") as file:
            cover = file.add_stream("mjpeg", rate=1)
            cover.width, cover.height, cover.pix_fmt = 100, 100, "yuvj420p"
            cover.disposition = Disposition.attached_pic
            streams = {stream.index: file.add_stream_from_template(stream) for stream in given.streams}
            words = file.add_mux_stream("mov_text")
            picture = av.VideoFrame.from_image(Image.new("RGB", (100, 100), RED))
            file.mux([*cover.encode(picture), *cover.encode(None)])
            for packet in given.demux():
                if packet.dts is not None:
                    packet.stream = streams[packet.stream_index]
                    file.mux(packet)
            line = av.Packet(b"\0\5hello")
            line.stream, line.time_base, line.pts, line.dts, line.duration = (
                words,
                Fraction(1, 1000),
                0,
                0,
                1000,
            )
            file.mux(line)
        film = joined(bench, one, known(path, bench), one)
        assert counted(film) == 144 and flashes(film) == pytest.approx([1, 3, 5], abs=0.001)

    def test_a_variable_rate_gets_the_rate_that_holds_it(self, bench: Any) -> None:
        times = [*range(0, 1000, 100), *(1000 + round(i * 1000 / 30) for i in range(30))]
        clip = bench.clip([BLUE] * 40, times=times)
        film = bench.made("media/concat", videos=[clip, bench.clip([RED] * 60, fps=30)])
        assert film.facts.fps == 30 and counted(film, 30) == 120

    def test_what_fits_together_is_copied(self, bench: Any) -> None:
        def packets(artifact: Artifact) -> list[bytes]:
            with av.open(str(artifact.path)) as file:
                return [bytes(packet) for packet in file.demux(video=0) if packet.size]

        one, two = flashing(bench), flashing(bench, flash=0.5)
        assert packets(joined(bench, one, two)) == packets(one) + packets(two)
        assert packets(joined(bench, one, two, seconds=[0.5, 1])) == packets(one)[:12] + packets(two)[:24]


class TestParts:
    """Each clip in the form of the film is a result of its own."""

    def test_a_changed_clip_encodes_one_clip(self, bench: Any) -> None:
        clips = [bench.clip([color] * 8, fps=fps) for color, fps in ((RED, 24), (BLUE, 25), (RED, 30))]
        clips = [known(clip.path, bench) for clip in clips]
        kept: dict[str, Path] = {}
        made: list[str] = []

        def parts(what: Any, make: Any) -> Path:
            name = hashlib.sha256(repr(what).encode()).hexdigest()
            if name not in kept:
                made.append(name)
                kept[name] = bench._new("part.mp4")
                make(kept[name])
            return kept[name]

        def film(videos: list[Artifact]) -> bytes:
            job = bench.job("media/concat", videos=videos, width=48)
            outputs = OPERATIONS["media/concat"].run(replace_parts(job, parts))
            found = outputs["video"]
            assert isinstance(found, Made)
            return found.path.read_bytes()

        first = film(clips)
        assert len(made) == 3
        assert film(clips) == first and len(made) == 3
        film([clips[0], known(bench.clip([BLUE] * 9).path, bench), clips[2]])
        assert len(made) == 4

    def test_all_parts_are_made_side_by_side(self, bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        """The first one, too: each of two waits until both are begun."""
        monkeypatch.setattr("os.cpu_count", lambda: 2)
        both = threading.Barrier(2, timeout=60)

        def parts(what: Any, make: Any) -> Path:
            both.wait()
            path: Path = bench._new("part.mp4")
            make(path)
            return path

        clips = [
            known(bench.clip([color] * 8, fps=fps).path, bench) for color, fps in ((RED, 24), (BLUE, 25))
        ]
        job = bench.job("media/concat", videos=clips, width=48)
        OPERATIONS["media/concat"].run(replace_parts(job, parts))
        assert both.n_waiting == 0 and not both.broken

    def test_a_long_chain_of_crossfades_holds_no_decoder_for_each(self, bench: Any, long: bool) -> None:
        count = 300 if long else 40
        clip = bench.clip([BLUE] * 6)
        film = joined(bench, *[clip] * count, uses="media/crossfade", seconds=1 / 12)
        assert counted(film) == 6 * count - 2 * (count - 1)

    def test_a_stop_ends_all_parts(self, bench: Any, stopping: Any) -> None:
        job = bench.job("media/concat", videos=[bench.clip(fps=24), bench.clip(fps=25), bench.clip(fps=30)])
        with pytest.raises(NodeError, match="was stopped"):
            OPERATIONS["media/concat"].run(replace(job, cancelled=stopping(30)))

    def test_a_part_that_cannot_be_decoded_names_its_file(self, bench: Any) -> None:
        broken = bench.clip(
            [BLUE] * 48, fps=25, name="broken.mp4", options={"preset": "ultrafast", "crf": "1"}
        )
        data = bytearray(broken.path.read_bytes())
        with av.open(str(broken.path)) as file:
            places = [(packet.pos, packet.size) for packet in file.demux(video=0) if packet.size]
        for at, size in places[5:]:
            data[at : at + size] = bytes(size)
        broken.path.write_bytes(data)
        with pytest.raises(NodeError, match=r"broken\.mp4 starts like MP4 but cannot be decoded"):
            bench.run("media/concat", videos=[bench.clip(), broken])

    @pytest.mark.parametrize("uses", ["media/concat", "media/crossfade", "media/timeline"])
    def test_the_same_inputs_give_the_same_bytes(self, uses: str, bench: Any) -> None:
        clips = [flashing(bench), bench.clip([RED] * 30, fps=25)]
        params: dict[str, Any] = {"videos": clips}
        if uses == "media/timeline":
            params = {"clips": [{"video": clip, "fade_in": 0.1} for clip in clips]}
        one, other = (bench.run(uses, **params)["video"].path.read_bytes() for _ in range(2))
        assert one == other


def replace_parts(job: Job, parts: Any) -> Job:
    return replace(job, parts=parts)
