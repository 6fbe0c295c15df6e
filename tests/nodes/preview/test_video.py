"""Preview clips, decoded."""

from __future__ import annotations

import dataclasses
import itertools

import av
import pytest
from PIL import Image

from callsheet.errors import NodeError
from callsheet.nodes.media.codec import audio as sound
from callsheet.nodes.media.codec.writer import write_sound
from callsheet.nodes.media.probe import probe
from callsheet.nodes.preview.drawing.camera import Move, eased, times
from callsheet.nodes.preview.drawing.motion import moving
from callsheet.nodes.preview.perform import perform
from callsheet.nodes.preview.video import rate_of
from callsheet.spec.media import Facts
from callsheet.spec.node import Made

CLIP = Facts(seconds=0.5, width=160, height=90, fps=24.0, audio=False)
PICTURE = (0, 0, 160, 90)
ROLES = {
    "first": "first_frame",
    "last": "last_frame",
    "refs": "reference",
    "video": "source",
    "voice": "voice",
}


def clip_spec(studio, uses="test/model", **facts):
    return studio.spec({"video": "video"}, dataclasses.replace(CLIP, **facts), roles=ROLES, uses=uses)


def streams(path):
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        sounds = [s.codec_context.name for s in container.streams.audio]
        return video.codec_context.name, video.pix_fmt, video.frames, video.average_rate, sounds


@pytest.mark.parametrize(
    ("seconds", "fps", "frames"),
    [(0.5, 24.0, 12), (0.4, 25.0, 10), (0.5, 29.97, 15), (1.01, 6.0, 6), (0.01, 24.0, 1)],
)
def test_length_rate_and_form_are_the_models_own(studio, seconds, fps, frames):
    path = studio.path(clip_spec(studio, seconds=seconds, fps=fps), prompt="sea")
    codec, pixels, count, rate, sounds = streams(path)
    assert (codec, pixels, count, sounds) == ("h264", "yuv420p", frames, [])
    assert float(rate) == pytest.approx(fps, abs=0.01)
    assert len(studio.decoded(path)) == frames
    assert probe(path).seconds == pytest.approx(frames / fps, abs=0.002)


def test_the_index_comes_before_the_pictures(studio):
    data = studio.path(clip_spec(studio), prompt="sea").read_bytes()
    assert 0 < data.find(b"moov") < data.find(b"mdat")


@pytest.mark.parametrize(
    ("asked", "given"),
    [((161, 91), (160, 90)), ((90, 160), (90, 160)), ((16, 16), (16, 16)), ((1, 4000), (16, 4000))],
)
def test_sizes_are_even_and_never_too_small(studio, asked, given):
    path = studio.path(clip_spec(studio, width=asked[0], height=asked[1], seconds=0.1), prompt="sea")
    assert (probe(path).width, probe(path).height) == given


def test_unknown_facts_have_usual_values(studio):
    spec = studio.spec({"video": "video"}, Facts(seconds=0.1))
    found = probe(studio.path(spec, prompt="sea"))
    assert (found.width, found.height, found.fps) == (1280, 720, 24.0)


def test_the_clip_begins_with_its_first_frame(studio):
    first = studio.picture("first.png")
    frames = studio.decoded(studio.path(clip_spec(studio), prompt="pan left", first=first))
    given = Image.open(first.path)
    assert studio.difference(frames[0], given, PICTURE) < 4
    assert studio.difference(frames[-1], given, PICTURE) > 5


def test_a_morph_begins_and_ends_with_what_was_given(studio):
    first, last = studio.picture("first.png", blue=20), studio.picture("last.png", blue=230)
    frames = studio.decoded(studio.path(clip_spec(studio), prompt="dolly in", first=first, last=last))
    assert studio.difference(frames[0], Image.open(first.path), PICTURE) < 4
    assert studio.difference(frames[-1], Image.open(last.path), PICTURE) < 4
    middle = frames[len(frames) // 2].getpixel((80, 30))
    assert 60 < middle[2] < 190


def test_static_means_that_nothing_moves(studio):
    spec = clip_spec(studio, width=640, height=360)
    frames = studio.decoded(studio.path(spec, prompt="static", first=studio.picture("f.png", (640, 360))))
    assert studio.difference(frames[0], frames[-1], (0, 0, 640, 360)) < 2


def test_the_whole_picture_moves(studio):
    spec = clip_spec(studio, width=640, height=360)
    frames = studio.decoded(studio.path(spec, prompt="pan right", first=studio.picture("f.png", (640, 360))))
    assert studio.difference(frames[0], frames[-1], (0, 320, 640, 360)) > 6


def test_a_pan_is_smooth_below_the_pixel():
    """A soft bar, by its centre of gravity, keeps within a sixth of a pixel of where it should be."""
    bar = Image.new("L", (640, 360))
    bar.paste(255, (300, 0, 340, 360))
    picture = (bar, Image.new("L", (320, 180), 128), Image.new("L", (320, 180), 128))
    asked = Move(pan=-0.1)
    seen = [_centre(planes[0]) for planes in moving(picture, asked, 48)]
    paces = [eased(time) for time in times(48)]
    wanted = [319.5 + 64 * pace / (1 - 0.2 * pace) for pace in paces]
    assert max(abs(a - b) for a, b in zip(seen, wanted, strict=True)) < 0.17


def test_the_encoded_pan_goes_one_way(studio):
    bar = Image.new("RGB", (320, 180))
    bar.paste((255, 255, 255), (150, 0, 170, 180))
    path = studio.folder / "bar.png"
    bar.save(path)
    given = dataclasses.replace(studio.picture("x.png"), path=path)
    spec = clip_spec(studio, width=320, height=180, seconds=2.0)
    frames = studio.decoded(studio.path(spec, prompt="pan left", first=given))
    centres = [_centre(frame.convert("L")) for frame in frames]
    steps = [b - a for a, b in itertools.pairwise(centres)]
    assert 40 < sum(steps) < 50
    assert min(steps) > -0.2 and max(steps) < 3.4


def _centre(luma):
    row = luma.crop((0, 100, luma.width, 101)).tobytes()
    return sum(i * v for i, v in enumerate(row)) / sum(row)


def test_references_alone_are_a_collage(studio):
    refs = [studio.picture("a.png", blue=255), studio.picture("b.png", blue=0)]
    frame = studio.decoded(studio.path(clip_spec(studio), prompt="static", refs=refs))[0]
    assert frame.getpixel((45, 40))[2] > 180
    assert frame.getpixel((115, 40))[2] < 80


def test_a_slow_move_holds_each_picture_for_two_frames(studio):
    spec = clip_spec(studio, seconds=1.0)
    frames = studio.decoded(studio.path(spec, prompt="dolly in", first=studio.picture("f.png")))
    steps = [studio.difference(a, b, PICTURE) for a, b in itertools.pairwise(frames)]
    assert max(steps[0:20:2]) < min(0.6, max(steps[1:21:2]))


def test_extending_goes_on_from_the_last_picture(studio):
    source = studio.artifact(clip_spec(studio), prompt="pan left", first=studio.picture("f.png"))
    spec = clip_spec(studio, uses="test/extend", seconds=1.0)
    frames = studio.decoded(studio.path(spec, prompt="static", video=source))
    before = studio.decoded(source.path)
    assert len(frames) == 24
    assert studio.difference(frames[0], before[0], PICTURE) < 4
    assert studio.difference(frames[11], before[-1], PICTURE) < 4
    assert studio.difference(frames[12], before[-1], PICTURE) < 5


def test_an_extension_alone_begins_where_the_video_ends(studio):
    source = studio.artifact(clip_spec(studio), prompt="pan left", first=studio.picture("f.png"))
    spec = clip_spec(studio, uses="test/extend-video", seconds=1.0)
    frames = studio.decoded(studio.path(spec, prompt="static", video=source, duration="1s"))
    assert len(frames) == 24
    assert studio.difference(frames[0], studio.decoded(source.path)[-1], PICTURE) < 4


def test_a_given_video_is_shown_as_it_is(studio):
    source = studio.artifact(clip_spec(studio), address="one", prompt="static", first=studio.picture("f.png"))
    path = studio.path(clip_spec(studio), address="two", prompt="lip sync", video=source)
    before, after = studio.decoded(source.path), studio.decoded(path)
    assert len(after) == len(before)
    assert studio.difference(before[5], after[5], PICTURE) < 4


def test_a_chain_of_extensions_draws_only_its_new_parts(studio):
    """The stored pictures before stay as they are, bit for bit."""
    spec = clip_spec(studio, uses="test/extend", seconds=1.0)
    first = studio.artifact(clip_spec(studio), prompt="the harbor, pan left")
    longer = studio.path(spec, prompt="a forest", video=first)
    before, after = packets(first.path), packets(longer)
    assert after[: len(before)] == before
    assert len(after) == 2 * len(before)


def test_a_chain_of_extensions_encodes_only_its_new_sound(studio):
    """All stored sound but its end stays as it is; the whole is as long as the pictures."""
    spec = clip_spec(studio, uses="test/extend", seconds=1.0, audio=True)
    first = studio.artifact(clip_spec(studio, audio=True), prompt="the harbor, pan left")
    longer = studio.path(spec, prompt="a forest", video=first)
    before, after = packets(first.path, "audio"), packets(longer, "audio")
    assert after[: len(before) - 4] == before[:-4]
    with av.open(str(longer)) as container:
        assert sum(frame.samples for frame in container.decode(audio=0)) == -(-48_000 // 1024) * 1024
    levels = _levels(longer)
    assert max(levels[12:18]) > 2 * levels[10], "the pad comes softly where the new part begins"


def packets(path, kind="video"):
    with av.open(str(path)) as container:
        stream = getattr(container.streams, kind)[0]
        return [bytes(packet) for packet in container.demux(stream) if packet.size]


def test_sound_is_there_when_the_model_makes_it(studio):
    loud = studio.path(clip_spec(studio, audio=True, seconds=1.0), prompt="sea")
    assert streams(loud)[4] == ["aac"]
    levels = _levels(loud)
    assert 0.005 < max(levels) < 0.4
    assert levels[0] < max(levels) / 3
    assert streams(studio.path(clip_spec(studio, audio=False), prompt="sea"))[4] == []


def test_a_given_voice_is_heard(studio):
    voice = studio.artifact(
        studio.spec({"audio": "audio"}, Facts(seconds=1.0), task="text-to-speech"), prompt="one two"
    )
    path = studio.path(
        clip_spec(studio, audio=True, seconds=1.0), prompt="talk", voice=voice, first=studio.picture("f.png")
    )
    pad = studio.path(
        clip_spec(studio, audio=True, seconds=1.0), prompt="talk", first=studio.picture("f.png")
    )
    assert max(_levels(path)) > 1.2 * max(_levels(pad))


def test_a_shorter_voice_is_followed_by_silence(studio):
    path = write_sound(studio.folder / "v.wav", sound.silence(0.2))
    voice = dataclasses.replace(studio.picture("x.png"), kind="audio", path=path)
    clip = studio.path(clip_spec(studio, audio=True), voice=voice)
    assert probe(clip).seconds == pytest.approx(0.5, abs=0.03)


def _levels(path):
    """The peak of every twentieth of a second."""
    with av.open(str(path)) as container:
        values = [
            v
            for f in container.decode(audio=0)
            for v in memoryview(bytes(f.planes[0])).cast("f")[: f.samples]
        ]
    return [max(map(abs, values[i : i + 2400])) for i in range(0, len(values), 2400)]


def test_a_file_that_is_no_picture_is_a_sentence(studio):
    broken = studio.picture("broken.png")
    broken.path.write_bytes(b"not a picture")
    with pytest.raises(NodeError, match=r"broken\.png is not a media file"):
        studio.path(clip_spec(studio), first=broken)


def test_progress_is_told_and_a_stop_leaves_no_file(studio):
    told = []
    job = dataclasses.replace(studio.job(clip_spec(studio), prompt="sea"), progress=told.append)
    assert isinstance(perform(job)["video"], Made)
    assert told == sorted(told) and told[-1] == 1 and len(told) == 13
    stopped = dataclasses.replace(studio.job(clip_spec(studio), prompt="sea"), cancelled=lambda: True)
    with pytest.raises(NodeError):
        perform(stopped)
    assert list(stopped.workdir.iterdir()) == []


@pytest.mark.parametrize(
    ("fps", "rate"), [(24, "24"), (23.976, "24000/1001"), (29.97, "30000/1001"), (12.5, "25/2")]
)
def test_rates(fps, rate):
    assert str(rate_of(fps)) == rate
