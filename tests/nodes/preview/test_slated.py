"""Previews with their bands: readable, outside of the picture, with the clocks of film and shot."""

from __future__ import annotations

import hashlib
import itertools
import json
import math
from dataclasses import replace

import av
import pytest
from PIL import Image, ImageChops, ImageStat

from callsheet.errors import NodeError
from callsheet.nodes.media.probe import probe
from callsheet.nodes.preview.drawing.band import Shape, set_text, shape_of
from callsheet.nodes.preview.drawing.palette import PAPER, SLATE
from callsheet.nodes.preview.drawing.timecode import timecode_width
from callsheet.nodes.preview.slated import write
from callsheet.nodes.preview.story import Beat, Line, Story, said, told
from callsheet.spec.media import Facts

WORDS = (
    "The keeper climbs the spiral stair with a lantern while the storm shakes the tower and the glass sings"
)
BEATS = (
    Beat(0.0, 'clip["stair"]', "veo3.1", WORDS),
    Beat(0.5, 'clip["lamp"]', "veo3.1", "the lamp goes out"),
)
LINES = (Line(0.0, 1.0, "Nobody came. Nobody ever comes."),)


def go_on():
    return False


def luminance(color):
    parts = [c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in color]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


@pytest.mark.parametrize("size", [(1280, 720), (720, 1280), (720, 720)])
def test_words_are_readable_at_720p(size):
    """At least 19 pixels tall, in high contrast, inside of the safe area, and whole."""
    shape = shape_of(size, BEATS, LINES)
    block = set_text(WORDS, shape, shape.action)
    assert block.size >= 19
    assert " ".join(block.lines) == WORDS
    assert (luminance(PAPER) + 0.05) / (luminance(SLATE) + 0.05) > 12
    assert shape.margin >= size[0] * 0.015


def test_the_band_of_a_still_is_below_its_picture(studio):
    spec = studio.spec({"image": "image"}, Facts(width=1280, height=720))
    source = studio.path(spec, prompt=WORDS)
    target = studio.folder / "card.png"
    assert write(source, target, Story(BEATS[:1]), "band", go_on)
    before, after = Image.open(source), Image.open(target)
    assert after.width == 1280 and after.height > 720
    assert studio.difference(before, after, (0, 0, 1280, 720)) == 0
    words = after.convert("L").crop((0, 720, 1280, after.height))
    assert words.getextrema()[1] > 230
    rows = [max(words.crop((0, y, 1280, y + 1)).tobytes()) > 150 for y in range(8, words.height)]
    heights = [len(list(run)) for lit, run in itertools.groupby(rows) if lit]
    assert max(heights) >= 15
    margin = after.convert("L").crop((0, 730, 15, after.height))
    assert margin.getextrema()[1] < 60


def film(studio, **facts):
    known = Facts(**{"seconds": 1.0, "width": 640, "height": 360, "fps": 24.0, "audio": True, **facts})
    return studio.path(studio.spec({"video": "video"}, known), prompt="the harbor, static")


def test_what_is_encoded_quickly_is_hardly_told_from_what_was_drawn(studio):
    """A clip, and the film with its band that is made of it: more than 40 dB to the picture itself."""
    size = (640, 360)
    given = studio.picture("given.png", size)
    spec = studio.spec(
        {"video": "video"}, Facts(1.0, *size, fps=24.0, audio=False), roles={"first": "first_frame"}
    )
    clip, shown = studio.path(spec, prompt="static", first=given), studio.folder / "film.mp4"
    assert write(clip, shown, Story(BEATS, LINES), "band", go_on)
    drawn = Image.open(given.path).convert("L")
    for path in (clip, shown):
        for frame in studio.decoded(path):
            error = ImageStat.Stat(ImageChops.difference(frame.convert("L").crop((0, 0, *size)), drawn)).sum2
            assert 10 * math.log10(255**2 * size[0] * size[1] / error[0]) > 40


def test_the_band_of_a_film_covers_nothing_of_it(studio):
    source, target = film(studio), studio.folder / "film.mp4"
    assert write(source, target, Story(BEATS, LINES), "band", go_on)
    before, after = studio.decoded(source), studio.decoded(target)
    assert len(before) == len(after) == 24
    assert after[0].height - 360 == shape_of((640, 360), BEATS, LINES).height
    assert all(studio.difference(a, b, (0, 0, 640, 356)) < 4 for a, b in zip(before, after, strict=True))
    assert probe(target).audio and probe(target).seconds == pytest.approx(1.0, abs=0.03)


def test_over_keeps_the_size_and_covers_only_the_foot(studio):
    source, target = film(studio), studio.folder / "film.mp4"
    assert write(source, target, Story(BEATS[:1]), "over", go_on)
    before, after = studio.decoded(source)[5], studio.decoded(target)[5]
    top = 360 - shape_of((640, 360), BEATS[:1], []).height
    assert after.size == before.size
    assert studio.difference(before, after, (0, 0, 640, top - 2)) < 4
    assert studio.difference(before, after, (0, top, 640, 360)) > 10


def test_off_writes_nothing(studio):
    target = studio.folder / "film.mp4"
    assert not write(film(studio), target, Story(BEATS), "off", go_on)
    assert not write(film(studio), target, Story(), "band", go_on)
    assert not target.exists()


def test_each_shot_has_its_own_words_and_clock(studio):
    source, target = film(studio), studio.folder / "film.mp4"
    write(source, target, Story(BEATS), "band", go_on)
    frames = studio.decoded(target)
    shape = shape_of((640, 360), BEATS, ())
    action = (0, 360 + shape.head + 4, 640, 360 + shape.height)
    assert studio.difference(frames[2], frames[10], action) < 2
    assert studio.difference(frames[10], frames[14], action) > 6
    of_film, of_shot = shape.clocks(2)
    assert changes(studio, frames[3:5], shape, of_film) and changes(studio, frames[3:5], shape, of_shot)
    assert not changes(studio, [frames[2], frames[14]], shape, of_shot)
    assert changes(studio, [frames[2], frames[14]], shape, of_film)


def changes(studio, frames, shape, place):
    right, top = place[0] + timecode_width(shape.type), place[1]
    box = (right - round(shape.type * 1.2), 360 + top, right, 360 + top + shape.type)
    return studio.difference(*frames, box) > 12


def test_what_is_said_stands_in_the_band_while_it_is_said(studio):
    source, target = film(studio), studio.folder / "film.mp4"
    story = Story(BEATS[:1], (Line(0.5, 1.0, "Nobody came.", narrated=True),))
    write(source, target, story, "band", go_on)
    frames = studio.decoded(target)
    shape = shape_of((640, 360), story.beats, story.lines)
    row = (0, frames[0].height - shape.leading - 4, 640, frames[0].height)
    assert frames[3].convert("L").crop(row).getextrema()[1] < 60
    assert frames[18].convert("L").crop(row).getextrema()[1] > 150


def test_equal_films_get_equal_bytes(studio):
    source = film(studio, seconds=11.0, width=160, height=90)
    for name in ("a.mp4", "b.mp4"):
        write(source, studio.folder / name, Story(BEATS), "band", go_on)
    assert (studio.folder / "a.mp4").read_bytes() == (studio.folder / "b.mp4").read_bytes()
    assert len(studio.decoded(studio.folder / "a.mp4")) == 264


class Kept:
    """Parts by what they are made of, as a store keeps them."""

    def __init__(self, folder):
        self.folder, self.made = folder, 0

    def __call__(self, what, make):
        path = self.folder / f"part-{hashlib.sha256(json.dumps(what).encode()).hexdigest()}.mp4"
        if not path.exists():
            self.made += 1
            make(path)
        return path


def test_parts_with_the_same_pictures_and_band_are_used_again(studio):
    """A shot of two key pictures, whose second half has another beat; the part before is the same film."""
    source, kept = film(studio, seconds=4.0, width=160, height=90), Kept(studio.folder)
    beats = (Beat(0.0, "a", "", "one"), Beat(2.0, "b", "", "two"))

    def made(name, *beats, slate="band", lines=()):
        before = kept.made
        assert write(source, studio.folder / name, Story(beats, lines), slate, go_on, kept)
        return kept.made - before

    assert made("first.mp4", *beats) == 2
    assert made("again.mp4", *beats) == 0
    assert (studio.folder / "first.mp4").read_bytes() == (studio.folder / "again.mp4").read_bytes()
    assert made("other words.mp4", beats[0], Beat(2.0, "b", "", "three")) == 1
    assert made("other clock.mp4", beats[0], replace(beats[1], offset=1.0)) == 1
    assert made("said at its end.mp4", *beats, lines=(Line(3.0, 4.0, "."),)) == 2, "the band is higher"
    assert made("over.mp4", *beats, slate="over") == 2
    write(source, studio.folder / "alone.mp4", Story(beats), "band", go_on)
    assert (studio.folder / "alone.mp4").read_bytes() == (studio.folder / "first.mp4").read_bytes()


def test_a_flat_film_has_its_band_below(studio):
    source, target = film(studio, width=640, height=40), studio.folder / "film.mp4"
    assert write(source, target, Story(BEATS, LINES), "over", go_on)
    before, after = studio.decoded(source), studio.decoded(target)
    assert after[0].height > before[0].height and len(after) == 24
    assert all(studio.difference(a, b, (0, 0, 640, 36)) < 4 for a, b in zip(before, after, strict=True))


def test_subtitle_tracks_stay(studio):
    from callsheet.nodes.media.operations import subtitles

    source = studio.artifact(
        studio.spec({"video": "video"}, Facts(1.0, 320, 180, 24.0, False)), prompt="the harbor"
    )
    lines = [{"start": 0.2, "end": 0.7, "text": "Hello"}]
    job = studio.job(subtitles.SPEC, video=source, tracks=[{"lines": lines, "language": "en", "name": "E"}])
    captioned = subtitles.run(job)["video"].path
    target = studio.folder / "film.mp4"
    write(captioned, target, Story(BEATS), "band", go_on)
    with av.open(str(target)) as container:
        assert [stream.language for stream in container.streams.subtitles] == ["eng"]
        assert sum(1 for packet in container.demux(subtitles=0) if packet.size > 2) == 1


def test_a_stop_leaves_no_file(studio):
    target = studio.folder / "film.mp4"
    with pytest.raises(NodeError):
        write(film(studio), target, Story(BEATS), "band", lambda: True)
    assert not target.exists() and not list(studio.folder.glob(".band-*"))


def test_a_tiny_film_has_a_band_without_words():
    assert shape_of((64, 36), BEATS, LINES) == Shape((64, 36), 0, 0)


@pytest.mark.parametrize(
    ("before", "own", "whole"),
    [
        ("the keeper climbs", "slow dolly in", "the keeper climbs, slow dolly in"),
        ("the keeper climbs", "the keeper climbs, rain", "the keeper climbs, rain"),
        ("a stair, 16mm", "a stair, pan left", "a stair, 16mm, pan left"),
        ("", "pan left", "pan left"),
        ("a stair", "", "a stair"),
    ],
)
def test_the_action_of_a_still_is_carried_to_its_clip(before, own, whole):
    assert told(before, own) == whole


def test_a_long_speech_is_shown_piece_by_piece():
    text = "First sentence of the story, which is long enough to stand alone in a band. " * 6
    lines = list(said(text.strip(), 2.0, 30.0, narrated=True))
    assert len(lines) >= 4 and all(len(line.text) <= 120 for line in lines)
    assert lines[0].start == 2.0 and lines[-1].until == pytest.approx(32.0)
    assert all(a.until == b.start for a, b in itertools.pairwise(lines))


def test_a_part_of_a_story_is_moved_and_cut():
    story = Story((Beat(0.0, "a"), Beat(4.0, "b"), Beat(8.0, "c")), (Line(3.0, 6.0, "hello"),))
    part = story.part(5.0, 9.0, at=20.0)
    assert [(b.address, b.start, b.offset) for b in part.beats] == [("b", 20.0, 1.0), ("c", 23.0, 0.0)]
    assert [(x.start, x.until) for x in part.lines] == [(20.0, 21.0)]
