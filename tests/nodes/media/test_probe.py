"""What a file is, by its bytes; what is broken, hostile or too large is refused in a sentence."""

import array
import random
import struct
import zlib
from fractions import Fraction
from pathlib import Path

import av
import pytest
from PIL import Image

from callsheet.errors import NodeError
from callsheet.nodes.media.probe import identify, probe

RED = (220, 30, 30)


@pytest.mark.parametrize(
    ("name", "kind"),
    [(f"a.{ending}", "image") for ending in ("png", "jpg", "webp", "gif", "bmp", "tiff", "avif")],
)
def test_images_are_known_by_their_bytes(name, kind, tmp_path):
    path = tmp_path / name
    Image.new("RGB", (40, 30), RED).save(path)
    lying = path.rename(tmp_path / "a.mp4")
    assert identify(lying) == kind
    facts = probe(lying)
    assert (facts.width, facts.height, facts.seconds) == (40, 30, None)


@pytest.mark.parametrize("ending", ["wav", "flac", "mp3", "m4a", "ogg"])
def test_sounds_are_known_by_their_bytes(ending, bench):
    sound = bench.sound(1.0, 440, f"tone.{ending}", rate=48_000)
    assert sound.kind == "audio"
    assert sound.facts.audio is True
    assert sound.facts.seconds == pytest.approx(1.0, abs=0.06)


def test_bare_aac_is_a_sound(tmp_path, bench):
    path = tmp_path / "a.bin"
    source = bench.sound(0.5, 440, "tone.m4a")
    with av.open(str(source.path)) as given, av.open(str(path), "w", format="adts") as out:
        stream = out.add_stream_from_template(given.streams.audio[0])
        for packet in given.demux(given.streams.audio[0]):
            if packet.dts is not None:
                packet.stream = stream
                out.mux(packet)
    assert identify(path) == "audio"
    assert probe(path).audio is True


def test_a_tag_that_is_not_utf8_does_not_matter(tmp_path, bench):
    path = tmp_path / "latin.wav"
    data = bench.sound(0.2, 440, "tone.wav").path.read_bytes()
    tag = b"INFOINAM" + struct.pack("<I", 4) + b"T\xfcr\0"
    head, sound = data[: data.index(b"data")], data[data.index(b"data") :]
    path.write_bytes(head + b"LIST" + struct.pack("<I", len(tag)) + tag + sound)
    assert probe(path).audio is True


@pytest.mark.parametrize("version", ["18.1.0", "19.0.2"])
def test_each_pyav_gets_only_what_it_takes(version, monkeypatch, bench):
    """PyAV 19 took away `metadata_errors`, without which PyAV 18 fails at tags that are not UTF-8."""
    sound, really = bench.sound(0.2, 440, "tone.wav"), av.open
    given = []

    def as_in_that_version(file, format, options, **more):
        given.append([*more])
        return really(file, format=format, options=options)

    monkeypatch.setattr(av, "__version__", version)
    monkeypatch.setattr(av, "open", as_in_that_version)
    assert probe(sound.path).audio is True
    assert given == [["metadata_errors"] if version.startswith("18") else []]


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mp4", "libx264"), ("a.mov", "libx264"), ("a.mkv", "libx264"), ("a.webm", "libvpx")],
)
def test_videos_of_every_container(name, codec, bench):
    options = {} if codec == "libvpx" else {"preset": "ultrafast"}
    video = bench.clip([RED] * 12, name=name, codec=codec, options=options, sound=(48_000, "mono", 440))
    assert video.kind == "video"
    assert video.facts.seconds == pytest.approx(0.5, abs=0.05)
    assert (video.facts.width, video.facts.height, video.facts.fps) == (64, 36, 24.0)
    assert video.facts.audio is True


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_rotation_flag_turns_the_size(turn, bench):
    facts = bench.clip(turn=turn).facts
    assert (facts.width, facts.height) == ((64, 36) if turn == 180 else (36, 64))


def test_exif_rotation_turns_the_size(tmp_path):
    path = tmp_path / "phone.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (60, 40), RED).save(path, exif=exif)
    assert (probe(path).width, probe(path).height) == (40, 60)


def test_the_rate_of_a_variable_rate_is_its_average(bench):
    video = bench.clip(
        [RED] * 11, times=[0, 20, 50, 200, 210, 300, 420, 500, 700, 800, 1000], pixels="yuv420p"
    )
    assert video.facts.fps == pytest.approx(11, abs=1.5)


def test_one_picture_is_a_video(bench):
    assert bench.clip([RED]).facts.seconds == pytest.approx(1 / 24, abs=0.001)


@pytest.mark.parametrize(
    "text",
    [
        b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nother.ts\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile other.ts\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<?xml version='1.0'?><MPD/>",
        b"",
        b"\xff\xfeh\x00i\x00",
    ],
)
def test_a_playlist_never_reaches_the_engine(text, tmp_path, monkeypatch):
    path = tmp_path / "film.mp4"
    path.write_bytes(text)

    def opened(*_, **__):
        raise AssertionError("the engine was asked to open it")

    monkeypatch.setattr(av, "open", opened)
    assert identify(path) is None
    with pytest.raises(NodeError, match=r"film\.mp4 is not a media file") as caught:
        probe(path)
    assert caught.value.kind == "local"
    assert "MP4" in caught.value.next_step


def test_a_playlist_behind_an_mp4_head_is_read_as_mp4_alone(tmp_path, bench):
    other = bench.clip()
    path = tmp_path / "film.mp4"
    path.write_bytes(b"\0\0\0\x10ftypisom\0\0\0\0" + f"\n#EXTM3U\n#EXTINF:1,\n{other.path}\n".encode())
    with pytest.raises(NodeError, match=r"film\.mp4"):
        probe(path)


@pytest.mark.parametrize("left", [0.1, 0.5, 0.9, 0.99])
def test_a_video_that_is_cut_off_is_refused(left, tmp_path, bench):
    whole = bench.clip([RED] * 48, sound=(44_100, "stereo", 440)).path.read_bytes()
    path = tmp_path / "part.mp4"
    path.write_bytes(whole[: int(len(whole) * left)])
    with pytest.raises(NodeError, match=r"part\.mp4"):
        probe(path)


@pytest.mark.parametrize("left", [0.2, 0.6])
@pytest.mark.parametrize("ending", ["png", "jpg", "webp"])
def test_an_image_that_is_cut_off_is_refused(ending, left, tmp_path):
    path = tmp_path / f"a.{ending}"
    Image.effect_noise((200, 100), 80).convert("RGB").save(path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * left)])
    with pytest.raises(NodeError, match="cannot be decoded"):
        probe(path)


def test_a_picture_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = tmp_path / "bomb.png"
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 1_000_000)), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    with pytest.raises(NodeError, match="at most 100 megapixels"):
        probe(path)


def test_a_large_image_is_refused_by_its_size(tmp_path):
    path = tmp_path / "large.png"
    Image.new("1", (10_001, 10_000)).save(path)
    with pytest.raises(NodeError, match=r"\(10001x10000\); at most 100 megapixels"):
        probe(path)


def test_a_video_of_too_many_pixels_is_refused(bench, monkeypatch):
    from callsheet.nodes.media.codec import ffmpeg as engine

    path = bench.clip().path
    monkeypatch.setattr(engine, "MAX_FRAME_PIXELS", 1000)
    with pytest.raises(NodeError, match="64x36 pixels"):
        probe(path)


def test_a_codec_nobody_knows_is_a_sentence(tmp_path, bench):
    path = tmp_path / "odd.mp4"
    path.write_bytes(bench.clip().path.read_bytes().replace(b"avc1", b"zzz9"))
    with pytest.raises(NodeError, match=r"odd\.mp4 uses a codec that is not known"):
        probe(path)


def test_a_sample_rate_beyond_reason_is_refused(tmp_path, bench):
    path = tmp_path / "odd.wav"
    data = bench.sound(0.1, 440).path.read_bytes()
    path.write_bytes(data[:24] + struct.pack("<I", 687_913_856) + data[28:])
    with pytest.raises(NodeError, match=r"odd\.wav has 687913856 samples a second"):
        probe(path)


def test_times_beyond_reason_are_refused(bench):
    from callsheet.nodes.media.codec.reader import look

    with pytest.raises(NodeError, match="lasts longer than 6 hours"):
        bench.clip([RED] * 3, times=[0, 40, 90_000_000])
    with pytest.raises(NodeError, match="lasts longer than 6 hours"):
        look(next(bench.folder.iterdir()))


def test_boxes_that_lie_about_their_length_end(tmp_path):
    path = tmp_path / "loop.mp4"
    path.write_bytes(b"\0\0\0\x08ftyp" + b"\0\0\0\x00moov" * 3 + b"\0\0\0\x01trak" + b"\xff" * 8)
    assert identify(path) == "video"
    with pytest.raises(NodeError):
        probe(path)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(NodeError, match=r"gone\.mp4 cannot be read"):
        probe(tmp_path / "gone.mp4")


def test_identifying_loads_no_media_library(tmp_path):
    import subprocess
    import sys

    code = (
        "import sys; from pathlib import Path; from callsheet.nodes.media.probe import identify;"
        "from callsheet.nodes.media.operations.index import OPERATIONS; dict(OPERATIONS);"
        "identify(Path(sys.executable));"
        "print([m for m in ('av', 'PIL', 'networkx') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def guessed_mp3(path: Path, quiet_first: bool) -> None:
    """20 s of a variable bit rate, a pause and then noise or the other way round, without a Xing header."""
    draw = random.Random(1)
    with av.open(str(path), "w", options={"write_xing": "0"}) as file:
        stream = file.add_stream("libmp3lame", rate=44_100, layout="mono")
        stream.codec_context.qscale, stream.codec_context.global_quality = True, 0
        for start in range(0, 882_000, 1152):
            quiet = (start < 441_000) is quiet_first
            samples = array.array("f", (0.0 if quiet else draw.uniform(-0.9, 0.9) for _ in range(1152)))
            frame = av.AudioFrame(format="fltp", layout="mono", samples=1152)
            frame.sample_rate, frame.pts, frame.time_base = 44_100, start, Fraction(1, 44_100)
            frame.planes[0].update(samples.tobytes())
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))


@pytest.mark.parametrize("quiet_first", [True, False])
def test_the_length_of_an_mp3_without_a_header_is_counted(quiet_first, bench, tmp_path):
    guessed_mp3(tmp_path / "v.mp3", quiet_first)
    with av.open(str(tmp_path / "v.mp3")) as file:
        assert abs(file.duration / 1_000_000 - 20) > 5
    voice = bench.given(tmp_path / "v.mp3")
    assert voice.facts.seconds == pytest.approx(20.03, abs=0.03)
    assert bench.run("media/mux", video=bench.clip(), voice=voice)["overrun"] == pytest.approx(
        19.03, abs=0.03
    )


def test_the_length_of_a_live_webm_is_counted(bench, tmp_path):
    path = tmp_path / "live.webm"
    with av.open(str(path), "w", options={"live": "1"}) as file:
        stream = file.add_stream("libvpx", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        for i in range(36):
            frame = av.VideoFrame(64, 36, "yuv420p")
            frame.pts, frame.time_base = i, Fraction(1, 24)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    with av.open(str(path)) as file:
        assert file.duration is None
    assert bench.given(path).facts.seconds == pytest.approx(1.5, abs=0.05)
