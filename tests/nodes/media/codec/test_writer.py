"""Writing videos and sound files."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import pytest

from callsheet.errors import NodeError, StoreError
from callsheet.nodes.media.codec import audio as sound
from callsheet.nodes.media.codec import frames as planes
from callsheet.nodes.media.codec import writer
from callsheet.nodes.media.codec.writer import SOUND_FILES, VideoWriter, write_sound
from callsheet.nodes.media.probe import identify, probe

SIZE = (64, 48)


def film(path, count=12, rate=24, heard=None):
    with VideoWriter(path, SIZE, rate, heard) as out:
        for i in range(count):
            out.write(planes.filled(SIZE, (40 + 5 * i, 90, 200)))
    return path


def test_a_film_is_h264_that_starts_while_it_loads(tmp_path):
    path = film(tmp_path / "film.mp4")
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.pix_fmt, stream.frames) == ("h264", "yuv420p", 12)
        assert stream.start_time == 0
    data = path.read_bytes()
    assert 0 < data.find(b"moov") < data.find(b"mdat")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full")
def test_a_full_disk_is_told_as_one(tmp_path):
    (tmp_path / ".film.mp4.part").symlink_to("/dev/full")
    with pytest.raises(StoreError, match="the disk is full") as caught:
        film(tmp_path / "film.mp4")
    assert caught.value.next_step.startswith("free some space")


@pytest.mark.parametrize("rate", [24, 25, Fraction(30000, 1001), 12.5])
def test_rate_and_length_are_exact(tmp_path, rate):
    found = probe(film(tmp_path / "film.mp4", 10, rate))
    assert found.fps == pytest.approx(float(rate), abs=0.001)
    assert found.seconds == pytest.approx(10 / float(rate), abs=0.001)


def test_sound_is_taken_as_the_pictures_advance(tmp_path):
    taken = []

    def heard():
        for frame in sound.numbered(sound.silence(0.5)):
            taken.append(frame.samples)
            yield frame

    with VideoWriter(tmp_path / "film.mp4", SIZE, 24, heard()) as out:
        out.write(planes.filled(SIZE))
        early = sum(taken)
        for _ in range(11):
            out.write(planes.filled(SIZE))
    assert early <= 48_000 // 24 + 1024
    assert sum(taken) == 24_000
    assert probe(tmp_path / "film.mp4").audio is True


def test_a_failure_leaves_nothing(tmp_path):
    with pytest.raises(RuntimeError), VideoWriter(tmp_path / "film.mp4", SIZE, 24) as out:
        out.write(planes.filled(SIZE))
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_the_film_before_it(tmp_path):
    path = film(tmp_path / "film.mp4")
    before = path.read_bytes()
    with pytest.raises(RuntimeError), VideoWriter(path, SIZE, 24) as out:
        out.write(planes.filled(SIZE))
        raise RuntimeError
    assert path.read_bytes() == before


def test_the_same_pictures_give_the_same_bytes(tmp_path):
    one, two = (film(tmp_path / f"{n}.mp4", heard=sound.numbered(sound.silence(0.5))) for n in "ab")
    assert one.read_bytes() == two.read_bytes()


def test_the_next_encoder_is_taken_when_one_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(writer, "ENCODERS", {"no_such_encoder": {}, "mpeg4": writer.ENCODERS["mpeg4"]})
    writer.encoder.cache_clear()
    try:
        path = film(tmp_path / "film.mp4")
    finally:
        monkeypatch.undo()
        writer.encoder.cache_clear()
    with av.open(str(path)) as container:
        assert container.streams.video[0].codec_context.name == "mpeg4"


def test_no_encoder_at_all_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(writer, "ENCODERS", {"no_such_encoder": {}})
    writer.encoder.cache_clear()
    try:
        with pytest.raises(NodeError, match="no video encoder works here"):
            film(tmp_path / "film.mp4")
    finally:
        writer.encoder.cache_clear()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", sorted(SOUND_FILES))
def test_every_sound_file_can_be_read_back(tmp_path, ending):
    path = write_sound(tmp_path / f"sound.{ending}", sound.numbered(sound.silence(0.5)))
    assert identify(path) == "audio"
    assert probe(path).seconds == pytest.approx(0.5, abs=0.05)


def test_an_unknown_ending_is_a_sentence(tmp_path):
    with pytest.raises(NodeError, match="no sound file that can be written"):
        write_sound(tmp_path / "sound.xyz", [])
