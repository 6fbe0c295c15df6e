"""media/timeline: clips and sounds at their places, measured."""

from __future__ import annotations

from typing import Any

import av
import pytest

from callsheet.errors import NodeError
from callsheet.nodes.media.operations.index import OPERATIONS
from callsheet.spec.conform import problems

from .test_joins import beeps, counted, flashes, flashing, near

RED, GREEN, BLUE, BLACK = (220, 30, 30), (30, 200, 40), (30, 40, 210), (0, 0, 0)


def colors(film: Any, bench: Any) -> list[Any]:
    return [color for _, color in bench.seen(film)]


def test_clips_follow_each_other_on_their_track_and_gaps_are_black(bench: Any) -> None:
    red, blue = bench.clip([RED] * 24), bench.clip([BLUE] * 24)
    film = bench.made(
        "media/timeline", clips=[{"video": red, "seconds": 0.5}, {"video": blue, "at": 1}], seconds=2.5
    )
    found = colors(film, bench)
    assert counted(film) == 60
    places = {0: RED, 11: RED, 12: BLACK, 23: BLACK, 24: BLUE, 47: BLUE, 48: BLACK, 59: BLACK}
    assert all(near(found[place], color) for place, color in places.items())


def test_the_part_and_the_speed_of_a_clip(bench: Any) -> None:
    clip = flashing(bench)
    film = bench.made("media/timeline", clips=[{"video": clip, "start": 0.5, "end": 1.5, "speed": 0.5}])
    assert counted(film) == 48 and flashes(film) == pytest.approx([1.0], abs=0.021)
    assert beeps(film, bench)[0] == pytest.approx(1.0, abs=0.02)


def test_a_dissolve_keeps_its_loudness_and_fades_go_to_black_and_silence(bench: Any) -> None:
    one, two = (
        bench.clip([color] * 48, sound=(48_000, "stereo", hertz))
        for color, hertz in ((RED, 440), (BLUE, 997))
    )
    film = bench.made(
        "media/timeline",
        clips=[{"video": one, "fade_in": 0.5}, {"video": two, "transition": 1, "fade_out": 0.5}],
    )
    found = colors(film, bench)
    assert len(found) == 72
    assert near(found[0], (16, 2, 2), 12) and near(found[20], RED) and near(found[36], (125, 35, 120))
    assert near(found[71], (2, 3, 16), 12)
    assert bench.level(film, 0.0, 0.05, 440) < bench.level(film, 0.6, 0.9, 440) - 12
    middle = bench.level(film, 1.45, 1.55, 440), bench.level(film, 1.45, 1.55, 997)
    assert all(level == pytest.approx(bench.level(film, 0.6, 0.9, 440) - 3, abs=1.5) for level in middle)


def test_a_higher_track_covers_the_lower_ones(bench: Any) -> None:
    low, high = flashing(bench), bench.clip([GREEN] * 12)
    film = bench.made("media/timeline", clips=[{"video": low}, {"video": high, "at": 0.5, "track": 1}])
    found = colors(film, bench)
    assert len(found) == 48
    assert near(found[12], GREEN) and near(found[23], GREEN) and not near(found[11], GREEN)
    assert flashes(film) == [1.0] and beeps(film, bench) == pytest.approx([1.0], abs=0.001)


def test_sounds_have_their_places(bench: Any) -> None:
    beep, clip = flashing(bench, seconds=0.5, beep=0.0), bench.clip([RED] * 72)
    film = bench.made(
        "media/timeline",
        clips=[{"video": clip}],
        sounds=[{"audio": beep, "at": 1}, {"audio": beep, "at": 2, "gain": -40}, {"audio": beep, "at": 2.75}],
    )
    assert beeps(film, bench) == pytest.approx([1.0, 2.75], abs=0.001)
    assert len(bench.heard(film)) == pytest.approx(3 * 48_000, abs=1024)
    looped = [{"audio": beep, "loop": True}]
    again = bench.made("media/timeline", clips=[{"video": clip}], sounds=looped)
    assert beeps(again, bench) == pytest.approx([i / 2 for i in range(6)], abs=0.03)


def test_a_muted_clip_is_silent_and_images_are_shown(bench: Any) -> None:
    still = bench.image((80, 40), GREEN)
    film = bench.made(
        "media/timeline",
        clips=[{"video": flashing(bench), "mute": True}, {"video": still, "seconds": 0.5}],
        fps=30,
    )
    assert counted(film, 30) == 75 and not film.facts.audio
    assert near(colors(film, bench)[-1], GREEN)


@pytest.mark.parametrize(
    ("clips", "message"),
    [
        ([{"seconds": 1}, {"at": 0.5}], "clip 2 begins at frame 12, and the one before it"),
        ([{"seconds": 1}, {"transition": 2}], "clip 2 begins at frame -24"),
        ([{"at": 1}, {"at": 1}], "clip 2 begins at frame 24"),
        ([{"start": 5}], "nothing is left of clip 1, which is 1 s long"),
    ],
)
def test_clips_that_are_in_each_others_way(clips: Any, message: str, bench: Any) -> None:
    video = bench.clip()
    with pytest.raises(NodeError, match=message):
        bench.run("media/timeline", clips=[{"video": video, **clip} for clip in clips])


def test_a_film_of_days_is_refused_before_it_is_made(bench: Any) -> None:
    with pytest.raises(NodeError, match=r"the film would last 25\.0 hours; at most 6"):
        bench.run("media/timeline", clips=[{"video": bench.clip(), "at": 90_000}])


def test_a_wrong_field_is_an_error_of_the_check(bench: Any) -> None:
    field = OPERATIONS["media/timeline"].SPEC.inputs["clips"]
    assert list(problems(field, [{"video": bench.clip(), "length": 2}]))
    assert list(problems(field, [{"video": bench.clip(), "speed": 0}]))
    assert not list(problems(field, [{"video": bench.clip(), "speed": 2}]))


def test_an_irregular_clip_keeps_its_pictures_under_new_sound(bench: Any) -> None:
    times = [0, 40, 80, 300, 340, 600, 1000]
    made = bench.made("media/mux", video=bench.clip([RED] * 7, times=times), music=bench.sound(1, 440))
    with av.open(str(made.path)) as file:
        assert sum(1 for _ in file.decode(video=0)) == 7


def test_a_picture_in_the_picture_has_its_place_its_size_and_its_sound(bench: Any) -> None:
    whole, small = bench.clip([RED] * 48, size=(320, 180)), flashing(bench, flash=5, beep=1.0)
    film = bench.made(
        "media/timeline",
        clips=[
            {"video": whole},
            {"video": small, "at": 0, "track": 1, "place": "bottom_right", "size": 25, "fade_out": 0.5},
        ],
    )
    with av.open(str(film.path)) as file:
        frames = [frame.to_image() for frame in file.decode(video=0)]
    first, last = frames[5], frames[-1]
    # 80 by 46 pixels; 5 % of the film stay free at its right and below.
    assert near(first.getpixel((300, 166)), (20, 20, 120), 16) and near(first.getpixel((308, 166)), RED, 16)
    assert near(first.getpixel((228, 130)), (20, 20, 120), 16) or near(first.getpixel((228, 130)), RED, 40)
    assert near(first.getpixel((216, 130)), RED, 16) and near(first.getpixel((260, 116)), RED, 16)
    assert near(last.getpixel((300, 166)), RED, 24)
    assert beeps(film, bench) == pytest.approx([1.0], abs=0.005)


def test_a_transition_stays_at_its_place(bench: Any) -> None:
    video = bench.clip()
    with pytest.raises(NodeError, match="clip 2 comes in over one that is at another place"):
        bench.run(
            "media/timeline", clips=[{"video": video}, {"video": video, "place": "top", "transition": 0.2}]
        )
    film = bench.made(
        "media/timeline",
        clips=[{"video": video, "size": 50}, {"video": video, "size": 50, "transition": 0.2}],
    )
    assert counted(film) == 43
    tall = bench.clip(size=(36, 64))
    film = bench.made(
        "media/timeline",
        clips=[
            {"video": video},
            {"video": tall, "track": 1, "place": "top_left"},
            {"video": video, "track": 1, "place": "top_left", "transition": 0.2},
        ],
    )
    assert counted(film) == 43
