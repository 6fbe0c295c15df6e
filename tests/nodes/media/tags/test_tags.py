"""A text inside real files of every container: what they show stays, and players still read them."""

import array
import hashlib
import io
import math
import os
import struct
import wave
import zlib
from itertools import chain

import av
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from callsheet.nodes.media import tags
from callsheet.nodes.media.codec.writer import write_sound
from callsheet.nodes.media.sniff import sniff
from callsheet.nodes.media.tags import splice
from callsheet.nodes.media.tags import tags as carry

NOTE = '{"callsheet":1,"prompt":"Der <Turm> & \\"ü\\" 灯塔 🌅"}'
SIZE = (64, 36)
PLAIN = ["ogg", "aac", "mkv", "webm", "avi", "bmp", "tiff", "fragments.mp4"]


def picture(i=0):
    return Image.linear_gradient("L").resize(SIZE).rotate(17 * i).convert("RGB")


def tone(form="s16", seconds=0.5):
    resampler = av.AudioResampler(format=form, layout="stereo", rate=48_000)
    for start in range(0, round(48_000 * seconds), 1024):
        frame = av.AudioFrame(format="s16", layout="stereo", samples=1024)
        samples = [round(9_000 * math.sin((start + i // 2) / 17)) for i in range(2048)]
        frame.planes[0].update(array.array("h", samples).tobytes())
        frame.sample_rate, frame.pts = 48_000, start
        yield from resampler.resample(frame)


def film(path, codec="libx264", sound="aac", pictures=12, **options):
    with av.open(str(path), "w", options=options) as file:
        video = file.add_stream(codec, rate=24)
        video.width, video.height, video.pix_fmt = *SIZE, "yuv420p"
        audio = file.add_stream(sound, rate=48_000)
        for i in range(pictures):
            file.mux(video.encode(av.VideoFrame.from_image(picture(i))))
        file.mux(video.encode(None))
        for frame in tone("fltp" if sound == "aac" else "s16"):
            file.mux(audio.encode(frame))
        file.mux(audio.encode(None))
    return path


def images(folder):
    still, other = picture(), picture(1)
    clear = still.convert("RGBA")
    clear.putalpha(picture(2).convert("L"))
    still.save(folder / "still.png")
    clear.save(folder / "clear.png")
    still.save(folder / "moving.png", save_all=True, append_images=[other])
    still.save(folder / "still.jpg", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0", comment=b"by hand")
    still.save(folder / "still.webp")
    still.save(folder / "lossless.webp", lossless=True)
    clear.save(folder / "clear.webp", lossless=True)
    still.save(folder / "moving.webp", save_all=True, append_images=[other])
    still.save(folder / "still.gif")
    still.save(folder / "moving.gif", save_all=True, append_images=[other], loop=0)
    still.save(folder / "plain.bmp")
    still.save(folder / "plain.tiff")


def sounds(folder):
    forms = {"wav": "s16", "flac": "s16", "mp3": "s16p", "m4a": "fltp", "ogg": "flt", "aac": "fltp"}
    for ending, form in forms.items():
        write_sound(folder / f"tone.{ending}", tone(form))


def films(folder):
    film(folder / "end.mp4")
    film(folder / "start.mp4", movflags="faststart")
    film(folder / "keys.mp4", movflags="use_metadata_tags")
    film(folder / "film.mov")
    film(folder / "plain.fragments.mp4", movflags="frag_keyframe+empty_moov")
    film(folder / "plain.mkv")
    film(folder / "plain.avi", codec="mpeg4", sound="pcm_s16le")
    film(folder / "plain.webm", codec="libvpx", sound="libopus") if "libvpx" in av.codecs_available else None


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    """A file of each container, as their usual writers make them."""
    folder = tmp_path_factory.mktemp("shelf")
    for fill in (images, sounds, films):
        fill(folder)
    return folder


IMAGES = [
    "still.png", "clear.png", "moving.png", "still.jpg", "still.webp", "lossless.webp", "clear.webp",
    "moving.webp", "still.gif", "moving.gif",
]  # fmt: skip
SOUNDS = ["tone.wav", "tone.flac", "tone.mp3", "tone.m4a"]
FILMS = ["end.mp4", "start.mp4", "keys.mp4", "film.mov"]


def carried(path):
    return next(tags.texts(path), None)


def pixels(path):
    with Image.open(path) as image:
        frames = getattr(image, "n_frames", 1)
        return [
            (image.seek(i), image.convert("RGBA").tobytes(), image.info.get("duration"))
            for i in range(frames)
        ]


def packets(path):
    with av.open(str(path)) as file:
        return [(p.stream_index, p.pts, p.dts, p.duration, bytes(p)) for p in file.demux() if p.size]


@pytest.mark.parametrize("name", IMAGES)
def test_an_image_shows_the_same(shelf, tmp_path, name):
    assert tags.write(shelf / name, tmp_path / name, NOTE)
    assert carried(tmp_path / name) == NOTE
    assert pixels(tmp_path / name) == pixels(shelf / name)
    with Image.open(shelf / name) as before, Image.open(tmp_path / name) as after:
        assert after.info.get("loop") == before.info.get("loop")
        assert after.getexif() == before.getexif()


@pytest.mark.parametrize("name", [*SOUNDS, *FILMS])
def test_a_film_or_sound_plays_the_same_and_shows_the_note(shelf, tmp_path, name):
    assert tags.write(shelf / name, tmp_path / name, NOTE)
    assert carried(tmp_path / name) == NOTE
    assert packets(tmp_path / name) == packets(shelf / name)
    with av.open(str(tmp_path / name)) as after, av.open(str(shelf / name)) as before:
        assert after.metadata["comment"] == NOTE
        assert before.metadata.items() <= after.metadata.items()
        assert [s.duration for s in after.streams] == [s.duration for s in before.streams]
        for _ in after.decode():
            pass


def test_other_programs_read_it_where_they_look(shelf, tmp_path):
    for name in ("still.png", "still.gif"):
        tags.write(shelf / name, tmp_path / name, NOTE)
    with Image.open(tmp_path / "still.png") as image:
        assert image.text["callsheet"] == NOTE
    with Image.open(tmp_path / "still.gif") as image:
        assert image.info["comment"].decode() == NOTE
    tags.write(shelf / "tone.wav", tmp_path / "tone.wav", NOTE)
    with wave.open(str(tmp_path / "tone.wav")) as after, wave.open(str(shelf / "tone.wav")) as before:
        assert after.readframes(1 << 20) == before.readframes(1 << 20)


@pytest.mark.parametrize("name", ["still.png", "still.jpg", "still.webp", "still.gif", *SOUNDS, *FILMS])
@pytest.mark.parametrize("length", [0, 1, 2, 255, 256, carry.LONGEST])
def test_a_text_of_any_length_that_is_allowed(shelf, tmp_path, name, length):
    text = "ü" * (length // 2) + "x" * (length % 2)
    assert tags.write(shelf / name, tmp_path / name, text)
    assert carried(tmp_path / name) == text


def test_a_text_that_is_too_long_is_a_mistake_of_the_caller(shelf, tmp_path):
    with pytest.raises(ValueError, match="60001 bytes"):
        tags.write(shelf / "still.png", tmp_path / "still.png", "x" * 60_001)
    assert not (tmp_path / "still.png").exists()


@pytest.mark.parametrize("ending", PLAIN)
def test_what_carries_none_is_left_alone(shelf, tmp_path, ending):
    path = next(shelf.glob(f"*.{ending}"))
    assert not tags.write(path, tmp_path / "new", NOTE)
    assert not (tmp_path / "new").exists()
    assert carried(path) is None


@pytest.mark.parametrize(
    "content", [b"", b"\x89PNG\r\n\x1a\n", b"text", b"\xff\xd8\xff", b"RIFF\0\0\0\0WAVE", b"ID3"]
)
def test_what_is_no_medium_is_left_alone(tmp_path, content):
    (tmp_path / "old").write_bytes(content)
    assert not tags.write(tmp_path / "old", tmp_path / "new", NOTE)
    assert [*tags.texts(tmp_path / "old")] == []


@pytest.mark.parametrize("name", [*IMAGES, *SOUNDS, *FILMS])
def test_the_newest_of_several_notes_counts(shelf, tmp_path, name):
    assert tags.write(shelf / name, tmp_path / name, NOTE)
    if name.endswith(".webp"):
        assert not tags.write(tmp_path / name, tmp_path / "again", "{}"), "there is one place for it only"
        return
    assert tags.write(tmp_path / name, tmp_path / "again", "{}")
    assert carried(tmp_path / "again") == "{}"


@pytest.mark.parametrize("name", [*IMAGES, *SOUNDS, *FILMS])
@pytest.mark.parametrize("length", [1, 7000, carry.LONGEST])
def test_the_file_before_it_had_its_note_can_be_had_again(shelf, tmp_path, name, length):
    whole = (shelf / name).read_bytes()
    digest = hashlib.sha256(whole).hexdigest()
    assert tags.write(shelf / name, tmp_path / name, "x" * length)
    pieces = tags.before(tmp_path / name, digest)
    assert b"".join(tags.content(pieces, tmp_path / name)) == whole
    assert tags.before(tmp_path / name, "0" * 64) is None
    assert tags.before(shelf / name, "0" * 64) is None


def test_a_file_as_it_was_before_keeps_the_comments_of_others(shelf, tmp_path):
    olds = {
        "old.gif": b"GIF87a" + (shelf / "still.gif").read_bytes()[6:],
        "old.mp3": b"ID3\3\0\0\0\0\0\x10TIT2\0\0\0\6\0\0\0Title" + (shelf / "tone.mp3").read_bytes(),
        "odd.wav": riff_with((shelf / "tone.wav").read_bytes(), b"note\3\0\0\0abc\0"),
    }
    assert tags.write(shelf / "still.png", tmp_path / "first.png", NOTE)
    olds["noted.png"] = (tmp_path / "first.png").read_bytes()
    for name, whole in olds.items():
        (tmp_path / name).write_bytes(whole)
        assert tags.write(tmp_path / name, tmp_path / f"new-{name}", "{}"), name
        pieces = tags.before(tmp_path / f"new-{name}", hashlib.sha256(whole).hexdigest())
        assert pieces is not None, name
        assert b"".join(tags.content(pieces, tmp_path / f"new-{name}")) == whole


def test_a_comment_of_somebody_else_stays(shelf, tmp_path):
    tags.write(shelf / "still.jpg", tmp_path / "still.jpg", NOTE)
    assert b"by hand" in (tmp_path / "still.jpg").read_bytes()


def test_a_gif_without_comments_in_its_version_gets_the_version_with_them(shelf, tmp_path):
    (tmp_path / "old.gif").write_bytes(b"GIF87a" + (shelf / "still.gif").read_bytes()[6:])
    assert tags.write(tmp_path / "old.gif", tmp_path / "new.gif", NOTE)
    assert (tmp_path / "new.gif").read_bytes().startswith(b"GIF89a")


def png_chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def riff_with(whole, chunk):
    return b"RIFF" + struct.pack("<I", len(whole) + len(chunk) - 8) + whole[8:] + chunk


C2PA_BOX = struct.pack(">I", 40) + b"uuid" + bytes.fromhex("d8fec3d61b0e483c92975828877ec481") + b"\0" * 16
SIGNATURES = {
    "still.png": lambda whole: whole[:33] + png_chunk(b"caBX", b"\0\0\0\x10jumbc2pa") + whole[33:],
    "still.jpg": lambda whole: whole[:2] + b"\xff\xeb\0\x1aJP\0\1\0\0\0\1\0\0\0\x0cjumbc2pa" + whole[2:],
    "moving.gif": lambda whole: whole.replace(b"!\xff", b"!\xff\x0bC2PA_GIF\1\0\0\1x\0!\xff", 1),
    "still.webp": lambda whole: riff_with(whole, b"C2PA" + struct.pack("<I", 4) + b"jumb"),
    "tone.wav": lambda whole: riff_with(whole, b"C2PA" + struct.pack("<I", 4) + b"jumb"),
    "tone.mp3": lambda whole: b"ID3\4\0\0\0\0\0\x26GEOB\0\0\0\x1c\0\0\3application/x-c2pa-manifest" + whole,
    "start.mp4": lambda whole: whole + C2PA_BOX,
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_what_its_maker_signed_is_left_alone(shelf, tmp_path, name):
    """Content credentials are about every byte of a file; one more, and they are void."""
    whole = (shelf / name).read_bytes()
    (tmp_path / name).write_bytes(SIGNATURES[name](whole))
    assert sniff(tmp_path / name) == sniff(shelf / name)
    assert not tags.write(tmp_path / name, tmp_path / "new", NOTE)
    assert not (tmp_path / "new").exists()


def test_a_sound_with_an_older_tag_keeps_it(shelf, tmp_path):
    """Version 3 of ID3 has no UTF-8."""
    with av.open(str(tmp_path / "old.mp3"), "w", options={"id3v2_version": "3"}) as file:
        file.metadata["title"] = "Turm ü"
        stream = file.add_stream("libmp3lame", rate=48_000)
        for frame in tone("s16p"):
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    assert tags.write(tmp_path / "old.mp3", tmp_path / "new.mp3", NOTE)
    assert carried(tmp_path / "new.mp3") == NOTE
    with av.open(str(tmp_path / "new.mp3")) as file:
        assert file.metadata["title"] == "Turm ü"
        assert file.metadata["comment"] == NOTE


def test_a_writer_that_makes_a_mistake_is_found_out(shelf, tmp_path, monkeypatch):
    moved = carry.mp4._moved
    monkeypatch.setattr(carry.mp4, "_moved", lambda moov, tables, end, by: moved(moov, tables, end, by + 1))
    assert not tags.write(shelf / "start.mp4", tmp_path / "new.mp4", NOTE)
    honest = carry.png.with_text
    monkeypatch.setattr(carry.png, "with_text", lambda file, size, text: honest(file, size, text[1:]))
    assert not tags.write(shelf / "still.png", tmp_path / "new.png", NOTE)
    assert [*tmp_path.iterdir()] == []


def test_a_full_disk_leaves_nothing(shelf, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(splice, "write", full)
    with pytest.raises(OSError, match="No space"):
        tags.write(shelf / "still.png", tmp_path / "new.png", NOTE)
    assert not (tmp_path / "new.png").exists()


@pytest.mark.parametrize("missing", ["", "copy_file_range"])
def test_the_system_copies_or_we_do(shelf, tmp_path, monkeypatch, missing):
    if missing:
        monkeypatch.delattr(os, missing, raising=False)
    assert tags.write(shelf / "start.mp4", tmp_path / "new.mp4", NOTE)
    assert packets(tmp_path / "new.mp4") == packets(shelf / "start.mp4")


def test_a_system_that_stops_copying_half_way_is_helped_out(shelf, tmp_path, monkeypatch):
    real, calls = getattr(os, "copy_file_range", None), []
    if real is None:
        pytest.skip("this system has no such call")

    def half(source, target, count, *offsets):
        calls.append(count)
        if len(calls) > 1:
            raise OSError(5, "Input/output error")
        return real(source, target, count // 2, *offsets)

    monkeypatch.setattr(os, "copy_file_range", half)
    assert tags.write(shelf / "start.mp4", tmp_path / "new.mp4", NOTE)
    assert packets(tmp_path / "new.mp4") == packets(shelf / "start.mp4")


BREAKABLE = ["still.png", "still.jpg", "still.webp", "still.gif", *SOUNDS, *FILMS]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_is_copied_as_it_is_or_left_alone(shelf, tmp_path, data):
    """Whatever is wrong with a file, nothing but our text is new in what is written."""
    name = data.draw(st.sampled_from(BREAKABLE))
    content = bytearray((shelf / name).read_bytes())
    for _ in range(data.draw(st.integers(0, 4))):
        near = min(len(content), 4096) if data.draw(st.booleans()) else len(content)
        content[data.draw(st.integers(0, near - 1))] = data.draw(st.integers(0, 255))
    del content[data.draw(st.integers(len(content) // 2, len(content))) :]
    old, new = tmp_path / f"old-{name}", tmp_path / f"new-{name}"
    old.write_bytes(content)
    new.unlink(missing_ok=True)
    [*tags.texts(old)]
    if tags.write(old, new, NOTE):
        assert carried(new) == NOTE
        assert sniff(new) == sniff(old)
        assert 0 < new.stat().st_size - len(content) <= len(NOTE.encode()) * 2 + 700 + 4096
    else:
        assert not new.exists()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_note_in_a_damaged_file_is_read_or_not(shelf, tmp_path, data):
    name = data.draw(st.sampled_from(BREAKABLE))
    noted = tmp_path / f"noted-{name}"
    if not noted.exists():
        tags.write(shelf / name, noted, NOTE)
    content = bytearray(noted.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, min(len(content), 4096) - 1))] = data.draw(st.integers(0, 255))
    broken = tmp_path / f"broken-{name}"
    broken.write_bytes(content)
    assert all(len(text.encode()) <= 4 * carry.LONGEST for text in tags.texts(broken))
    assert tags.before(broken, "0" * 64) is None


def box(kind, *content):
    whole = b"".join(content)
    return struct.pack(">I", len(whole) + 8) + kind + whole


def large_box(kind, *content):
    whole = b"".join(content)
    return struct.pack(">I4sQ", 1, kind, len(whole) + 16) + whole


kinds = st.binary(min_size=4, max_size=4).filter(
    lambda k: (
        k not in (b"stco", b"co64", b"udta", b"meta", b"ilst", b"trak", b"\xa9cmt", b"data", b"mdia")
        and k not in (b"minf", b"stbl", b"dinf", b"saio", b"iloc", b"cmov", b"mvex", b"hdlr")
    )
)
unknown = st.builds(box, kinds, st.binary(max_size=20))
unknowns = st.lists(unknown, max_size=2).map(b"".join)
mdir = box(b"hdlr", b"\0" * 8, b"mdirappl", b"\0" * 9)
mdta = box(b"hdlr", b"\0" * 8, b"mdta", b"\0" * 13)
item = box(b"\xa9too", box(b"data", b"\0\0\0\1\0\0\0\0", b"Lavf"))
foreign = box(b"\xa9cmt", box(b"data", b"\0\0\0\1\0\0\0\0", b"a comment by somebody else"))
metas = st.sampled_from(
    [
        b"",
        box(b"meta", b"\0" * 4, mdir, box(b"ilst", item)),
        box(b"meta", mdir, box(b"ilst", item, foreign)),
        box(b"meta", b"\0" * 4, mdir),
        box(b"meta", b"\0" * 4, mdta, box(b"keys", b"\0" * 8), box(b"ilst")),
    ]
)
udtas = st.one_of(
    st.just(b""),
    st.builds(
        lambda before, meta, end: box(b"udta", before, meta, end),
        unknowns,
        metas,
        st.sampled_from([b"", b"\0" * 4]),
    ),
)


@st.composite
def trees(draw):
    """A film of boxes: its bytes, and where each chunk of its tables begins and its `mdat` box ends."""
    count = draw(st.integers(1, 3))
    wide = [draw(st.booleans()) for _ in range(count)]
    numbers = [draw(st.integers(0, 5)) for _ in range(count)]
    payloads = draw(st.lists(st.binary(min_size=1, max_size=60), min_size=1, max_size=3))
    extra, udta, first = draw(unknowns), draw(udtas), draw(st.booleans())
    maker = draw(st.sampled_from([box, large_box]))

    def moov(offsets):
        traks = b""
        for is_wide, own in zip(wide, offsets, strict=True):
            form, kind = ("Q", b"co64") if is_wide else ("I", b"stco")
            table = box(kind, struct.pack(f">II{len(own)}{form}", 0, len(own), *own))
            dref = box(b"dinf", box(b"dref", struct.pack(">II", 0, 1), box(b"url ", b"\0\0\0\1")))
            traks += box(b"trak", extra, box(b"mdia", box(b"minf", dref, box(b"stbl", extra, table))))
        parts = (udta, traks) if first else (traks, udta)
        return maker(b"moov", *parts)

    mdats = [draw(st.sampled_from([box, large_box]))(b"mdat", payload) for payload in payloads]
    order = draw(st.permutations([*range(len(mdats)), "moov", "free"]))
    empty = moov([[0] * n for n in numbers])
    parts = {"moov": empty, "free": box(b"free", b"x" * 5), **dict(enumerate(mdats))}
    at, inside = len(box(b"ftyp", b"isom\0\0\0\0")), []
    for name in order:
        if isinstance(name, int):
            head = len(mdats[name]) - len(payloads[name])
            end = at + len(mdats[name])
            inside += [(start, end) for start in range(at + head, end)]
        at += len(parts[name])
    chunks = [[draw(st.sampled_from(inside)) for _ in range(n)] for n in numbers]
    parts["moov"] = moov([[start for start, _ in own] for own in chunks])
    return box(b"ftyp", b"isom\0\0\0\0") + b"".join(parts[name] for name in order), [*chain(*chunks)]


@settings(max_examples=300, deadline=None)
@given(tree=trees(), text=st.text(max_size=400))
def test_offsets_in_any_tree_of_boxes_lead_to_the_same_bytes(tree, text):
    content, chunks = tree
    old, raw = io.BytesIO(content), text.encode("utf-8", "replace")
    pieces = carry.mp4.with_text(old, len(content), raw)
    written = b"".join(
        content[p.start : p.start + p.length] if isinstance(p, splice.Stretch) else p for p in pieces
    )
    new = io.BytesIO(written)
    moov, moved = carry.mp4.index(new, len(written))
    assert len(moved) == len(chunks)
    for (start, end), after in zip(chunks, moved, strict=True):
        assert written[after : after + end - start] == content[start:end]
    assert next(carry.mp4.texts(new, len(written))) == raw
    assert written.count(b"by somebody else") == content.count(b"by somebody else")
    assert any(b"".join(splice.content(p, new)) == content for p in carry.mp4.without_text(new, len(written)))
    was, _ = carry.mp4.index(old, len(content))
    assert written[: moov.at] == content[: was.at]
    assert written[moov.end :] == content[was.end :]
