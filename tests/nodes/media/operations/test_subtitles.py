"""media/subtitles: burnt in, and as tracks, by what is seen and read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import av
import pytest

from callsheet.errors import NodeError
from callsheet.nodes.local import perform
from callsheet.nodes.media.operations.index import OPERATIONS
from callsheet.nodes.media.text.cue import Cue, apart

from .test_texts import GREY, PHONE, WIDE, ink, is_inside, pictures

LINES = [
    {"start": 0.5, "end": 1.0, "text": "Hello"},
    {"start": 1.25, "end": 1.75, "text": "Good bye, old road"},
]


def read(film: Any) -> list[tuple[str, list[tuple[float, float, str]]]]:
    """Language and texts of each track, with their times."""
    with av.open(str(film.path)) as file:
        found: dict[int, tuple[str, list[tuple[float, float, str]]]] = {
            stream.index: (stream.metadata["language"], []) for stream in file.streams.subtitles
        }
        for packet in file.demux(*file.streams.subtitles):
            text = bytes(packet)[2:].decode()
            if packet.size > 2:
                start = float(packet.pts * packet.time_base)
                found[packet.stream.index][1].append(
                    (start, start + float(packet.duration * packet.time_base), text)
                )
    return list(found.values())


@pytest.mark.parametrize("style", ["outlined", "boxed", "karaoke"])
@pytest.mark.parametrize("size", [WIDE, PHONE])
def test_lines_are_burnt_in_at_their_times(bench: Any, style: str, size: tuple[int, int]) -> None:
    video = bench.clip([GREY] * 48, size=size)
    found = pictures(bench.made("media/subtitles", video=video, lines=LINES, style=style))
    assert [i for i, picture in enumerate(found) if ink(picture)] == [*range(12, 24), *range(30, 42)]
    assert is_inside(ink(found[35]), size)


def test_the_spoken_word_is_lit(bench: Any) -> None:
    words = [{"text": "Good", "start": 0, "end": 0.5}, {"text": "bye", "start": 0.5, "end": 1}]
    line = {"start": 0, "end": 1, "text": "Good bye", "words": words}
    film = bench.made(
        "media/subtitles", video=bench.clip([GREY] * 24, size=WIDE), lines=[line], style="karaoke"
    )

    def lit(number: int) -> float:
        picture = pictures(film)[number]
        places = [
            x
            for x in range(picture.width)
            for y in range(110, picture.height)
            if (pixel := picture.getpixel((x, y)))[0] > 180 and pixel[2] < 130
        ]
        return sum(places) / len(places)

    assert lit(5) < 160 < lit(18)


def test_overlapping_lines_stand_below_each_other() -> None:
    one, two = Cue(1, 3, "A"), Cue(2, 4, "B")
    assert apart([one, two], 10) == [Cue(1, 2, "A"), Cue(2, 3, "A\nB"), Cue(3, 4, "B")]
    assert apart([one, two], 2.5) == [Cue(1, 2, "A"), Cue(2, 2.5, "A\nB")]


def test_tracks_in_two_languages_beside_pictures_that_are_copied(bench: Any) -> None:
    video = bench.clip([GREY] * 48, size=WIDE, sound=(48_000, "stereo", 440))
    german = [{"start": 0, "end": 1.5, "text": "Grüße"}]
    tracks = [{"lines": LINES, "language": "en"}, {"lines": german, "language": "deu", "name": "Deutsch"}]
    film = bench.made("media/subtitles", video=video, tracks=tracks)
    english, other = read(film)
    assert english == ("eng", [(0.5, 1.0, "Hello"), (1.25, 1.75, "Good bye, old road")])
    assert other == ("deu", [(0.0, 1.5, "Grüße")])
    assert bench.seen(film) == bench.seen(video)
    again = bench.made("media/subtitles", video=video, tracks=tracks)
    assert again.path.read_bytes() == film.path.read_bytes()


def test_a_language_that_is_none(bench: Any) -> None:
    track = {"lines": LINES, "language": "klingonese"}
    with pytest.raises(NodeError, match="is no language"):
        bench.run("media/subtitles", video=bench.clip(size=WIDE), tracks=[track])
    (rule,) = (rule for rule in OPERATIONS["media/subtitles"].SPEC.rules if "tracks" in rule.parameters)
    assert (
        rule.said({"tracks": [{"language": "de"}, track]}) == '"klingonese" is no language that is known here'
    )
    assert rule.broken({"tracks": [track]}) and not rule.broken({"tracks": [{"language": "pt-BR"}]})


def test_what_is_after_the_end_of_the_film_is_told(bench: Any) -> None:
    told: list[str] = []
    late = {"start": 3, "end": 4, "text": "Too late"}
    job = replace(
        bench.job("media/subtitles", video=bench.clip(size=WIDE), lines=[*LINES, late]), tell=told.append
    )
    perform(job)
    assert told == ["2 of 3 texts begin after the end of the film (1 s) and are left out"]


def test_a_line_that_ends_before_it_begins_is_told(bench: Any) -> None:
    told: list[str] = []
    turned = {"start": 0.9, "end": 0.5, "text": "Turned"}
    job = bench.job("media/subtitles", video=bench.clip(size=WIDE), lines=[LINES[0], turned])
    perform(replace(job, tell=told.append))
    assert told == ["1 of 2 texts end before they begin and are left out"]


def test_burnt_in_one_language_with_a_track_in_another(bench: Any) -> None:
    track = {"lines": [{"start": 0, "end": 1, "text": "Hallo"}], "language": "de"}
    film = bench.made(
        "media/subtitles", video=bench.clip([GREY] * 24, size=WIDE), lines=LINES[:1], tracks=[track]
    )
    assert read(film) == [("deu", [(0.0, 1.0, "Hallo")])]
    assert [i for i, picture in enumerate(pictures(film)) if ink(picture)] == list(range(12, 24))


def test_too_many_texts_at_once_are_an_error() -> None:
    assert apart([Cue(1, 9, str(i)) for i in range(12)], 10)[0].text.count("\n") == 11
    with pytest.raises(NodeError, match="20000 texts would be seen at once, from 1 s on"):
        apart([Cue(1, 9, str(i)) for i in range(20_000)], 10)


@pytest.mark.parametrize(
    ("uses", "given"),
    [
        ("media/title", {"text": "Home", "width": 160, "height": 90, "seconds": 0.5}),
        ("media/text", {"texts": [{"text": "Home", "detail": "A film", "style": "lower_third"}]}),
        ("media/overlay", {"over": None}),
        ("media/subtitles", {"lines": LINES, "style": "boxed"}),
        ("media/subtitles", {"lines": LINES, "tracks": [{"lines": LINES, "language": "en"}]}),
    ],
)
def test_the_same_inputs_give_the_same_bytes(bench: Any, uses: str, given: dict[str, Any]) -> None:
    if uses != "media/title":
        given = {**given, "video": bench.clip([GREY] * 48, size=WIDE)}
    if "over" in given:
        given = {**given, "over": bench.image((40, 20), (220, 30, 30))}
    one, other = bench.made(uses, **given), bench.made(uses, **given)
    assert one.path != other.path and one.path.read_bytes() == other.path.read_bytes()
